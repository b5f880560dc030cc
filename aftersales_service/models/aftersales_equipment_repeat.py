from odoo import fields, models
from odoo.fields import Domain


class AftersalesEquipment(models.Model):
    """How often a fault of the unit came again (R07)."""

    _inherit = "aftersales.equipment"

    repeat_count = fields.Integer(
        string="Repeat Repairs",
        compute="_compute_repeat_count",
        groups="aftersales_service.aftersales_service_group_technician",
    )

    def _compute_repeat_count(self):
        # The story of the unit is for whoever works on it.
        counts = dict(
            self.env["aftersales.ticket"]
            .sudo()  # as above
            ._read_group(
                Domain("equipment_id", "in", self.ids) & Domain("is_repeat", "=", True),
                ["equipment_id"],
                ["__count"],
            )
        )
        for unit in self:
            unit.repeat_count = counts.get(unit, 0)

    def action_view_repeats(self):
        """Open the repeat repairs of these units."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_ticket_action"
        )
        return {
            **action,
            "name": self.env._("Repeat Repairs"),
            "domain": [("equipment_id", "in", self.ids), ("is_repeat", "=", True)],
            "context": {},
        }
