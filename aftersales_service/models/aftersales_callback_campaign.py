from datetime import timedelta

from odoo import api, fields, models

from .aftersales_campaign import LETTER_DAYS


class AftersalesCallback(models.Model):
    """Calls and letters of campaigns among the callbacks (R36)."""

    _inherit = "aftersales.callback"

    campaign_id = fields.Many2one(
        comodel_name="aftersales.campaign",
        readonly=True,
        index="btree_not_null",
        check_company=True,
        ondelete="cascade",
    )
    recipient_id = fields.Many2one(
        comodel_name="aftersales.campaign.recipient",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )

    _recipient_uniq = models.UniqueIndex(
        "(recipient_id, kind) WHERE recipient_id IS NOT NULL",
        "A customer hears of a campaign once by phone and once by letter.",
    )

    @api.depends("campaign_id.text", "campaign_id.name", "campaign_id.date")
    def _compute_script(self):
        campaigning = self.filtered("campaign_id")
        for callback in campaigning:
            callback.script = callback.campaign_id.text
        return super(AftersalesCallback, self - campaigning)._compute_script()

    @api.depends("campaign_id.name")
    def _compute_name(self):
        result = super()._compute_name()
        for callback in self.filtered("campaign_id"):
            callback.name = f"{callback.name} · {callback.campaign_id.name}"
        return result

    def _follow_result(self, result):
        result_of_super = super()._follow_result(result)
        notices = self.filtered(lambda callback: callback.kind == "notice")
        if notices:
            notices._follow_notice(result)
        return result_of_super

    def _follow_notice(self, result):
        """Write to the customers within two days after the call; mails leave now."""
        # Recipients are made and followed by the campaign, not by who calls.
        recipients_sudo = self.sudo().recipient_id
        if result == "refused":
            recipients_sudo.write({"letter_refusal": "refused"})
        for company, recipients in recipients_sudo.grouped("company_id").items():
            today = company._aftersales_today()
            letters_sudo = recipients._plan_letters(
                today, today + timedelta(days=LETTER_DAYS)
            )
            mails = letters_sudo.filtered(lambda letter: letter.channel == "mail")
            if mails:
                mails.action_send()

    def _queue_mail(self):
        """Put letters by mail into the queue."""
        template = self.env.ref(
            "aftersales_service.mail_template_aftersales_campaign",
            raise_if_not_found=False,
        )
        letters = self.filtered(lambda letter: letter.campaign_id)
        if template and letters:
            letters.message_post_with_source(
                template,
                subtype_xmlid="mail.mt_note",
                email_layout_xmlid="mail.mail_notification_light",
                force_send=False,
            )
