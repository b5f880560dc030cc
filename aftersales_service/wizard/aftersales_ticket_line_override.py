from odoo import api, fields, models

from ..models.aftersales_ticket_line import COVERAGES
from ..models.aftersales_ticket_line_decision import SHARE_FIELDS, SHARES


class AftersalesTicketLineOverride(models.TransientModel):
    """Asks a supervisor who is to pay for lines instead, and why (R21)."""

    _name = "aftersales.ticket.line.override"
    _description = "Who Pays Instead"

    line_ids = fields.Many2many(
        comodel_name="aftersales.ticket.line",
        relation="aftersales_ticket_line_override_rel",
        column1="wizard_id",
        column2="line_id",
        string="Lines",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    coverage = fields.Selection(
        selection=COVERAGES, string="Who Pays", required=True, default="goodwill"
    )
    shared = fields.Boolean(
        string="Share the Cost", help="Several parties bear a part of the cost."
    )
    share_company = fields.Float(
        string="Our Share (%)",
        compute="_compute_shares",
        store=True,
        readonly=False,
    )
    share_customer = fields.Float(
        string="Customer's Share (%)",
        compute="_compute_shares",
        store=True,
        readonly=False,
    )
    share_third_party = fields.Float(
        string="Third Party's Share (%)",
        compute="_compute_shares",
        store=True,
        readonly=False,
    )
    share_total = fields.Float(string="Sum (%)", compute="_compute_share_total")
    third_party_id = fields.Many2one(
        comodel_name="res.partner", help="Who bears the share."
    )
    reason = fields.Char(required=True, help="The customer reads it on the estimate.")

    @api.depends("coverage")
    def _compute_shares(self):
        for wizard in self:
            shares = SHARES.get(wizard.coverage, SHARES["customer"])
            for field, share in zip(SHARE_FIELDS, shares, strict=True):
                wizard[field] = share

    @api.depends(*SHARE_FIELDS)
    def _compute_share_total(self):
        for wizard in self:
            wizard.share_total = sum(wizard[field] for field in SHARE_FIELDS)

    def action_apply(self):
        """Note who pays instead.

        :raise UserError: as the override of the lines itself
        """
        self.ensure_one()
        self.line_ids.action_override(
            self.coverage,
            self.reason,
            shares=[self[field] for field in SHARE_FIELDS],
            third_party_id=self.third_party_id.id or None,
        )
        return {"type": "ir.actions.act_window_close"}
