from odoo import fields, models


class HrEmployeePublic(models.Model):
    _inherit = "hr.employee.public"

    aftersales_technician = fields.Boolean(readonly=True)
