from odoo import fields, models


class AftersalesEquipment(models.Model):
    """A unit knows which containments concern it (R63)."""

    _inherit = "aftersales.equipment"

    containment_unit_ids = fields.One2many(
        comodel_name="aftersales.containment.unit",
        inverse_name="equipment_id",
        string="Containments",
    )
    containment_count = fields.Integer(
        string="Number of Containments", compute="_compute_containment_count"
    )

    def _compute_containment_count(self):
        Unit = self.env["aftersales.containment.unit"]
        counts = {}
        if self.ids and Unit.has_access("read"):
            groups = Unit._read_group(
                [("equipment_id", "in", self.ids)], ["equipment_id"], ["__count"]
            )
            counts = {unit.id: count for unit, count in groups}
        for unit in self:
            unit.containment_count = counts.get(unit.id, 0)

    def action_view_containments(self):
        """Open what is done at the unit for a failing lot."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_quality.aftersales_containment_unit_action"
        )
        return action | {
            "domain": [("equipment_id", "in", self.ids)],
            "context": {},
        }
