from odoo import api, models


class AftersalesEquipment(models.Model):
    _name = "aftersales.equipment"
    _inherit = ["aftersales.equipment", "aftersales.returned.mixin"]

    @api.depends("state")
    def _compute_aftersales_can_return(self):
        for unit in self:
            unit.aftersales_can_return = unit.state == "active"

    def _aftersales_return_path(self):
        return "equipment_id", [("equipment_id", "in", self.ids)]

    def _aftersales_return_documents(self):
        return {"units": self}
