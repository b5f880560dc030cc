from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import email_normalize


class RatingRating(models.Model):
    """The office sends each card, and reminds once (R33)."""

    _inherit = "rating.rating"

    # ------------------------------------------------------------
    # JOB
    # ------------------------------------------------------------

    @api.model
    def _cron_send_cards(self):
        """Put the cards and reminders that are due into the mail queue, in batches.

        Each card is locked, and committed with its mark: safe in two processes, when
        killed, and when run twice.
        """
        Cron = self.env["ir.cron"]
        jobs = (
            (self._get_to_send_domain(), "_send_cards", "aftersales_send_date"),
            (self._get_to_remind_domain(), "_remind_cards", "aftersales_remind_date"),
        )
        due = sum(self.search_count(domain) for domain, _method, _day in jobs)
        seconds = Cron._commit_progress(remaining=due)
        # Its way through a batch is that of every dated job of the department.
        worker = self.env["aftersales.contract"]
        for domain, method, day in jobs:
            failed = []
            while seconds:
                done, stuck = worker._work_off(self, domain, method, failed, day)
                failed += stuck
                if not (done or stuck):
                    break
                seconds = Cron._commit_progress(done + len(stuck))
        if seconds:
            Cron._commit_progress(remaining=0)

    @api.model
    def _get_open_card_domain(self):
        now = fields.Datetime.now()
        return (
            self._get_card_domain()
            & Domain("consumed", "!=", True)
            & Domain("aftersales_expire_date", ">", now)
            & Domain("aftersales_company_id.active", "=", True)
        )

    @api.model
    def _get_to_send_domain(self):
        return (
            self._get_open_card_domain()
            & Domain("aftersales_send_date", "<=", fields.Datetime.now())
            & Domain("aftersales_sent_date", "=", False)
            & Domain("aftersales_unsent", "=", False)
        )

    @api.model
    def _get_to_remind_domain(self):
        return (
            self._get_open_card_domain()
            & Domain("aftersales_remind_date", "<=", fields.Datetime.now())
            & Domain("aftersales_sent_date", "!=", False)
            & Domain("aftersales_reminded_date", "=", False)
        )

    # ------------------------------------------------------------
    # MAILS
    # ------------------------------------------------------------

    def _send_cards(self):
        """Queue the first mail of these cards; those without address are marked."""
        now = fields.Datetime.now()
        refused = self._get_unsent_reasons()
        for reason in set(refused.values()):
            cards = self.filtered(lambda c, r=reason: refused.get(c) == r)
            cards._by_method().write({"aftersales_unsent": reason})
        sent = self - self.browse(card.id for card in refused)
        sent._queue_mails("aftersales_service.mail_template_aftersales_card")
        for company, cards in sent.grouped("aftersales_company_id").items():
            days = company.aftersales_card_reminder_days
            cards._by_method().write(
                {
                    "aftersales_sent_date": now,
                    "aftersales_remind_date": days and now + timedelta(days=days),
                }
            )
        visits = sent.aftersales_dispatch_id
        visits._message_log_batch(
            bodies=dict.fromkeys(
                visits.ids, self.env._("The evaluation card was sent to the customer.")
            )
        )

    def _remind_cards(self):
        """Queue the only reminder; not to those who want no mail meanwhile."""
        refused = self._get_unsent_reasons()
        sent = self - self.browse(card.id for card in refused)
        sent._queue_mails("aftersales_service.mail_template_aftersales_card_reminder")
        self._by_method().write({"aftersales_reminded_date": fields.Datetime.now()})

    def _get_card_email(self):
        """Return the address of the customer, of the contact before that of the call."""
        self.ensure_one()
        return self.partner_id.email or self.aftersales_ticket_id.partner_email

    def _get_unsent_reasons(self):
        """Return ``{card: reason}`` of those that are not mailed."""
        emails = {card: email_normalize(card._get_card_email() or "") for card in self}
        known = [email for email in emails.values() if email]
        listed = set(
            self.env["mail.blacklist"].search([("email", "in", known)]).mapped("email")
        )
        reasons = {}
        for card, email in emails.items():
            if not email:
                reasons[card] = "no_email"
            elif email in listed:
                reasons[card] = "blacklist"
        return reasons

    def _get_card_lang(self):
        """Return the language of the customer, else that of the company."""
        self.ensure_one()
        company = self.aftersales_company_id
        lang = self.partner_id.lang or company.partner_id.lang
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        return lang if lang in installed else self.env.lang

    def _queue_mails(self, template_xmlid):
        """Queue a mail for each card, rendered once per language.

        The mails belong to no document: the link in them is for the customer alone,
        and whoever reads a visit reads its messages.
        """
        if not self:
            return
        template = self.env.ref(template_xmlid)
        vals_list = []
        links = {card.id: card._get_card_link() for card in self}
        for lang, cards in self.grouped(lambda card: card._get_card_lang()).items():
            rendered = {
                field: template.with_context(
                    lang=lang, aftersales_card_links=links
                )._render_field(field, cards.ids, set_lang=lang)
                for field in ("subject", "body_html")
            }
            for card in cards:
                company = card.aftersales_company_id
                partner = card.partner_id.filtered("email")
                sender = company.email_formatted or self.env.user.email_formatted
                vals_list.append(
                    {
                        "subject": rendered["subject"][card.id],
                        "body_html": rendered["body_html"][card.id],
                        "recipient_ids": [Command.set(partner.ids)],
                        "email_to": False if partner else card._get_card_email(),
                        "email_from": sender,
                        "reply_to": sender,
                        "author_id": company.partner_id.id,
                        "auto_delete": True,
                    }
                )
        self.env["mail.mail"].create(vals_list)

    def _get_card_link(self):
        """Return the address of the customer's page; only for the customer's eyes."""
        self.ensure_one()
        # The token is hidden from everybody else.
        token = self.sudo().access_token
        base = self.aftersales_dispatch_id.get_base_url()
        return f"{base}/aftersales/card/{token}"
