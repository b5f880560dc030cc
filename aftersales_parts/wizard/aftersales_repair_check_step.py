from odoo import fields, models


class AftersalesRepairCheckStep(models.TransientModel):
    """Asks the inspector what he found on a repaired item (R67)."""

    _name = "aftersales.repair.check.step"
    _description = "Release Check"

    repair_ids = fields.Many2many(
        comodel_name="repair.order",
        string="Repair Orders",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    note = fields.Char(string="Finding", help="What was measured or found.")

    def action_pass(self):
        """Release the items.

        :raise UserError: as the check itself
        """
        self.repair_ids.action_aftersales_pass(self.note)
        return {"type": "ir.actions.act_window_close"}

    def action_fail(self):
        """Send the items back to work.

        :raise UserError: as the check itself
        """
        self.repair_ids.action_aftersales_fail(self.note)
        return {"type": "ir.actions.act_window_close"}
