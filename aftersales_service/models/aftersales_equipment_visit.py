from odoo import fields, models

STAFF = "aftersales_service.aftersales_service_group_technician"


class AftersalesEquipment(models.Model):
    """Who was sent to a unit (R22)."""

    _inherit = "aftersales.equipment"

    visit_count = fields.Integer(compute="_compute_visit_count", groups=STAFF)

    def _compute_visit_count(self):
        counts = dict(
            self.env["aftersales.dispatch"]._read_group(
                [("equipment_id", "in", self.ids)], ["equipment_id"], ["__count"]
            )
        )
        for unit in self:
            unit.visit_count = counts.get(unit, 0)

    def action_view_visits(self):
        """Open the visits to the units."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_dispatch_action"
        )
        return {**action, "domain": [("equipment_id", "in", self.ids)], "context": {}}
