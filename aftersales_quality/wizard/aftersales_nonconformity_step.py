from odoo import api, fields, models


class AftersalesNonconformityStep(models.TransientModel):
    """Asks for what a step of a nonconformity needs: a finding, a quantity, a reason."""

    _name = "aftersales.nonconformity.step"
    _description = "Step of a Nonconformity"

    nonconformity_ids = fields.Many2many(
        comodel_name="aftersales.nonconformity",
        string="Nonconformities",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    step = fields.Selection(
        selection=[
            ("inspect", "Inspect Again"),
            ("split", "Split"),
            ("cancel", "Cancel"),
        ],
        required=True,
        readonly=True,
    )
    note = fields.Char(string="Finding", help="What was measured or found.")
    reason = fields.Char()
    quantity = fields.Float(
        string="Quantity to Split Off",
        digits="Product Unit",
        compute="_compute_quantity",
        store=True,
        readonly=False,
    )

    @api.depends("nonconformity_ids")
    def _compute_quantity(self):
        for wizard in self:
            row = wizard.nonconformity_ids[:1]
            wizard.quantity = 1.0 if row.quantity > 1 else row.quantity / 2

    def action_pass(self):
        """Pass the goods: they go back to stock.

        :raise UserError: as the inspection itself
        """
        self.nonconformity_ids.action_pass(self.note)
        return {"type": "ir.actions.act_window_close"}

    def action_fail(self):
        """Fail the goods: it is decided anew what becomes of them.

        :raise UserError: as the inspection itself
        """
        self.nonconformity_ids.action_fail(self.note)
        return {"type": "ir.actions.act_window_close"}

    def action_apply(self):
        """Split or cancel.

        :raise UserError: as the step itself
        """
        self.ensure_one()
        if self.step == "split":
            return self.nonconformity_ids.action_split(
                self.quantity
            ).get_formview_action()
        self.nonconformity_ids.action_cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}
