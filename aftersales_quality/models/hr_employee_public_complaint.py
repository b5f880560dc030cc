from odoo import fields, models

PERFORMANCE = "aftersales_quality.aftersales_quality_group_performance"


class HrEmployeePublic(models.Model):
    """Complaints an employee answers for, as the performance officer reads them."""

    _name = "hr.employee.public"
    _inherit = ["hr.employee.public", "aftersales.complained.mixin"]

    _complaint_field = "responsible_id"

    aftersales_complaint_count = fields.Integer(groups=PERFORMANCE)
