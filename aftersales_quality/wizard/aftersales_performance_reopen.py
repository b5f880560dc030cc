from odoo import fields, models


class AftersalesPerformanceReopen(models.TransientModel):
    """Asks why month sheets are reopened (R65)."""

    _name = "aftersales.performance.reopen"
    _description = "Reopen Month Sheets"

    performance_ids = fields.Many2many(
        comodel_name="aftersales.performance",
        string="Month Sheets",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    reason = fields.Char(required=True)

    def action_apply(self):
        """Reopen the sheets.

        :raise UserError: as the step itself
        """
        self.ensure_one()
        self.performance_ids.action_reopen(self.reason)
        return {"type": "ir.actions.act_window_close"}
