from odoo import models


class AftersalesEquipment(models.Model):
    _name = "aftersales.equipment"
    _inherit = ["aftersales.equipment", "aftersales.trained.mixin"]
    _training_link = "equipment_id"
