from odoo import fields, models


class AftersalesRepairCheck(models.Model):
    """One check of a repaired item by an inspector: passed or back to work (R67)."""

    _name = "aftersales.repair.check"
    _description = "Release Check of a Repair"
    _inherit = ["aftersales.fact.mixin"]
    _facts = frozenset(
        {"repair_id", "user_id", "date", "date_finished", "result", "note"}
    )
    _order = "repair_id, id"

    repair_id = fields.Many2one(
        comodel_name="repair.order",
        string="Repair Order",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="repair_id.company_id", store=True, index=True, precompute=True
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Inspector", required=True
    )
    date = fields.Datetime(string="Checked on", required=True)
    date_finished = fields.Datetime(
        string="Repair Finished on", help="What was checked: the work as of then."
    )
    result = fields.Selection(
        selection=[("passed", "Passed"), ("failed", "Back to Work")], required=True
    )
    note = fields.Char(string="Finding", help="What was measured or found.")

    def write(self, vals):
        self._ensure_no_facts(vals)
        return super().write(vals)
