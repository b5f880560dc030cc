from odoo import api, fields, models


class AftersalesNonconformityCheck(models.Model):
    """One inspection of goods after their rework: passed or failed (R52)."""

    _name = "aftersales.nonconformity.check"
    _description = "Inspection after Rework"
    _inherit = ["aftersales.fact.mixin"]
    _facts = frozenset(
        {"nonconformity_id", "user_id", "date", "result", "reworked_by_id", "note"}
    )
    _order = "nonconformity_id, id"
    _rec_name = "nonconformity_id"

    nonconformity_id = fields.Many2one(
        comodel_name="aftersales.nonconformity",
        required=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        related="nonconformity_id.company_id", store=True, index=True, precompute=True
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Inspector", required=True
    )
    date = fields.Datetime(string="Inspected on", required=True)
    result = fields.Selection(
        selection=[("passed", "Passed"), ("failed", "Failed")], required=True
    )
    reworked_by_id = fields.Many2one(comodel_name="res.users", string="Reworked by")
    note = fields.Char(string="Finding", help="What was measured or found.")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        return super().write(vals)
