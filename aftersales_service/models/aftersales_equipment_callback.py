from odoo import api, models

from ..tools.occasion import Occasion


class AftersalesEquipment(models.Model):
    """A delivery plans one call to its customer, however many units it has (R34)."""

    _inherit = "aftersales.equipment"

    @api.model
    def _follow_deliveries(self, moves):
        units = super()._follow_deliveries(moves)
        units._plan_delivery_callbacks()
        return units

    def _plan_delivery_callbacks(self):
        """Plan the calls after new deliveries; nothing without new units."""
        occasions = []
        for (picking, partner), units in self.grouped(
            lambda unit: (unit.picking_id, unit.partner_id)
        ).items():
            if not (picking and partner):
                continue
            unit = units[0]
            occasions.append(
                Occasion(
                    company=unit.company_id,
                    team=self.env["aftersales.team"],
                    service_kind=False,
                    day=unit.delivery_date,
                    numbers=(partner.phone_sanitized,),
                    vals={
                        "picking_id": picking.id,
                        "partner_id": partner.id,
                        "partner_name": partner.name,
                        "phone": partner.phone,
                        "equipment_id": unit.id if len(units) == 1 else False,
                    },
                )
            )
        self.env["aftersales.callback"]._plan_event("delivered", occasions)
