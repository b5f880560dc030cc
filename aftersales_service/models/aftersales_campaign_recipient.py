from odoo import api, fields, models


class AftersalesCampaignRecipient(models.Model):
    """A customer concerned by a campaign: told how, or left out and why (R36)."""

    _name = "aftersales.campaign.recipient"
    _description = "Customer of a Campaign"
    _order = "left_out desc, id"

    campaign_id = fields.Many2one(
        comodel_name="aftersales.campaign",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="campaign_id.company_id", store=True, index=True, precompute=True
    )
    name = fields.Char(related="campaign_id.name", string="Campaign Name")
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", index="btree_not_null"
    )
    phone = fields.Char(related="partner_id.phone")
    city = fields.Char(related="partner_id.city")
    unit_count = fields.Integer(string="Units", aggregator="sum")
    call_refusal = fields.Selection(
        selection=[("opt_out", "Wants no calls"), ("no_phone", "No phone number")],
        string="Not Called Because",
    )
    letter_channel = fields.Selection(
        selection=[("mail", "Email"), ("letter", "Letter")], string="Written by"
    )
    letter_refusal = fields.Selection(
        selection=[
            ("opt_out", "Wants no mails"),
            ("no_address", "Neither email nor address"),
            ("refused", "Refused on the phone"),
        ],
        string="Not Written Because",
    )
    left_out = fields.Boolean(
        compute="_compute_left_out",
        store=True,
        precompute=True,
        help="Neither called nor written to.",
    )
    callback_ids = fields.One2many(
        comodel_name="aftersales.callback", inverse_name="recipient_id"
    )
    progress = fields.Char(compute="_compute_progress")

    _partner_uniq = models.UniqueIndex(
        "(campaign_id, partner_id)", "A customer is told of a campaign once."
    )

    @api.depends("call_refusal", "letter_refusal")
    def _compute_left_out(self):
        for recipient in self:
            recipient.left_out = bool(
                recipient.call_refusal and recipient.letter_refusal
            )

    @api.depends("callback_ids.state", "callback_ids.result", "left_out")
    @api.depends_context("lang")
    def _compute_progress(self):
        Callback = self.env["aftersales.callback"]
        labels = {
            field: dict(Callback._fields[field]._description_selection(self.env))
            for field in ("kind", "state", "result")
        }
        for recipient in self:
            if recipient.left_out:
                recipient.progress = self.env._("Left out")
                continue
            steps = []
            for callback in recipient.callback_ids:
                kind = labels["kind"][callback.kind]
                result = labels["result"].get(callback.result)
                steps.append(f"{kind}: {result or labels['state'][callback.state]}")
            recipient.progress = ", ".join(steps)

    # ------------------------------------------------------------
    # NOTICES
    # ------------------------------------------------------------

    def _plan_calls(self, day, deadline):
        """Plan one call for each of these customers."""
        return self._plan_notices("notice", "phone", day, deadline)

    def _plan_letters(self, day, deadline):
        """Plan a letter for each of these customers who may be written to.

        :return: the planned letters
        """
        letters = self.env["aftersales.callback"]
        for channel, recipients in (
            self.filtered(lambda recipient: not recipient.letter_refusal)
            .grouped("letter_channel")
            .items()
        ):
            letters |= recipients._plan_notices("letter", channel, day, deadline)
        return letters

    def _plan_notices(self, kind, channel, day, deadline):
        Callback = self.env["aftersales.callback"].with_context(
            mail_create_nolog=True, mail_create_nosubscribe=True
        )
        return Callback._by_method().create(
            [
                {
                    "kind": kind,
                    "channel": channel,
                    "company_id": recipient.company_id.id,
                    "team_id": recipient.campaign_id.team_id.id,
                    "campaign_id": recipient.campaign_id.id,
                    "recipient_id": recipient.id,
                    "partner_id": recipient.partner_id.id,
                    "partner_name": recipient.partner_id.name,
                    "phone": recipient.partner_id.phone,
                    "date_planned": day,
                    "date_deadline": deadline,
                }
                for recipient in self
            ]
        )
