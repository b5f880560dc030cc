from odoo import api, fields, models


class AftersalesDispatchConsent(models.TransientModel):
    """The customer reads the estimate on the phone and signs, or says his answer."""

    _name = "aftersales.dispatch.consent"
    _description = "Customer's Consent on a Visit"

    dispatch_id = fields.Many2one(
        comodel_name="aftersales.dispatch", required=True, readonly=True
    )
    line_ids = fields.Many2many(
        comodel_name="aftersales.ticket.line",
        string="Work and Parts",
        compute="_compute_estimate",
    )
    order_names = fields.Char(string="Estimate", compute="_compute_estimate")
    currency_id = fields.Many2one(
        comodel_name="res.currency", compute="_compute_estimate"
    )
    amount_total = fields.Monetary(
        string="Customer Pays, with Tax",
        help="What the customer reads before he signs: another one is not signed.",
    )
    answer = fields.Selection(
        selection=[
            ("sign", "Signs Here"),
            ("yes", "Agrees by Phone"),
            ("no", "Refuses"),
        ],
        string="The Customer",
        required=True,
        default="yes",
    )
    by = fields.Char(string="Name", required=True)
    signature = fields.Image(max_width=1024, max_height=1024)
    note = fields.Char(
        string="When and How", help="His words, the number called, the time."
    )

    def _get_orders_sudo(self):
        # What he is asked is shown to the customer, who has the right to read it.
        return self.dispatch_id.ticket_id._get_open_estimates()

    @api.depends("dispatch_id")
    def _compute_estimate(self):
        for wizard in self:
            orders_sudo = wizard._get_orders_sudo()
            lines_sudo = orders_sudo.order_line.aftersales_ticket_line_id
            wizard.line_ids = wizard.line_ids.browse(lines_sudo.ids)
            wizard.order_names = ", ".join(orders_sudo.mapped("name"))
            wizard.currency_id = orders_sudo.currency_id[:1]

    def action_apply(self):
        """Note the answer.

        :raise UserError: as the visit's own method
        """
        self.ensure_one()
        visit = self.dispatch_id
        if self.answer == "sign":
            visit.action_sign_estimate(self.signature, self.by, self.amount_total)
        elif self.answer == "yes":
            visit.action_note_consent(self.by, self.note)
        else:
            visit.action_note_refusal(self.by, self.note)
        return {"type": "ir.actions.act_window_close"}
