from odoo import fields, models
from odoo.fields import NO_ACCESS


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    aftersales_van_ids = fields.One2many(
        comodel_name="stock.location",
        inverse_name="aftersales_technician_id",
        string="Vans",
        groups=NO_ACCESS,
        help="One in each company.",
    )
