from odoo import fields, models


class HrEmployee(models.Model):
    """Complaints an employee answers for: read by human resources alone."""

    _name = "hr.employee"
    _inherit = ["hr.employee", "aftersales.complained.mixin"]

    _complaint_field = "responsible_id"

    # Who may not read all of an employee must not even meet the field.
    aftersales_complaint_count = fields.Integer(groups="hr.group_hr_user")
