from odoo import fields, models


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    aftersales_technician = fields.Boolean(
        string="Service Technician",
        help="Can be sent to customers. Needs no user of his own: the desk reports for "
        "technicians without one.",
    )
