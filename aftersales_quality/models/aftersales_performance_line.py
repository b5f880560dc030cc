from odoo import fields, models


class AftersalesPerformanceLine(models.Model):
    """One criterion of a month sheet (R65)."""

    _name = "aftersales.performance.line"
    _description = "Criterion of a Month Sheet"
    _order = "performance_id, id"
    _check_company_auto = True

    performance_id = fields.Many2one(
        comodel_name="aftersales.performance",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="performance_id.company_id", store=True, index=True, precompute=True
    )
    name = fields.Char(required=True)
    value = fields.Float(readonly=True)
    score = fields.Float(readonly=True)
