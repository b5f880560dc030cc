from odoo import models


class AftersalesEquipment(models.Model):
    """Complaints about a unit."""

    _name = "aftersales.equipment"
    _inherit = ["aftersales.equipment", "aftersales.complained.mixin"]

    _complaint_field = "equipment_id"
