import uuid

from odoo import api, fields, models


class AftersalesDispatchCollect(models.TransientModel):
    """Asks how much the customer pays on the spot, and how (R26)."""

    _name = "aftersales.dispatch.collect"
    _description = "Money Collected on a Visit"

    dispatch_id = fields.Many2one(
        comodel_name="aftersales.dispatch", required=True, readonly=True
    )
    currency_id = fields.Many2one(related="dispatch_id.due_currency_id")
    amount_due = fields.Monetary(related="dispatch_id.amount_due")
    collection_limit = fields.Monetary(related="dispatch_id.collection_limit")
    amount = fields.Monetary(
        compute="_compute_amount",
        store=True,
        readonly=False,
        required=True,
    )
    is_large = fields.Boolean(compute="_compute_is_large")
    method = fields.Selection(
        selection=lambda self: self.env["account.payment"]
        ._fields["aftersales_method"]
        ._description_selection(self.env),
        string="Paid in",
        required=True,
        default="cash",
    )
    has_mobile = fields.Boolean(compute="_compute_has_mobile")
    key = fields.Char(default=lambda self: uuid.uuid4().hex)

    @api.depends("dispatch_id")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.dispatch_id.amount_due

    @api.depends("amount", "dispatch_id")
    def _compute_is_large(self):
        for wizard in self:
            wizard.is_large = wizard.amount_due > wizard.collection_limit

    @api.depends("dispatch_id")
    def _compute_has_mobile(self):
        for wizard in self:
            company = wizard.dispatch_id.company_id
            wizard.has_mobile = bool(company._aftersales_collection_journal("mobile"))

    def action_apply(self):
        """Note the money.

        :raise UserError: as the visit's own method
        """
        self.ensure_one()
        self.dispatch_id.action_collect(
            self.amount, self.method if self.has_mobile else "cash", self.key
        )
        return {"type": "ir.actions.act_window_close"}
