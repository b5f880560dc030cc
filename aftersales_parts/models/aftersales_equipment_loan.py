from odoo import fields, models


class AftersalesEquipment(models.Model):
    _inherit = "aftersales.equipment"

    loan_count = fields.Integer(
        string="Units Lent",
        compute="_compute_loan_count",
        groups="aftersales_service.aftersales_service_group_technician",
        help="What the customer has of ours while we have this unit.",
    )

    def _compute_loan_count(self):
        counts = {
            unit.id: count
            for unit, count in self.env["aftersales.loan"]._read_group(
                [("equipment_id", "in", self.ids), ("state", "!=", "cancelled")],
                ["equipment_id"],
                ["__count"],
            )
        }
        for unit in self:
            unit.loan_count = counts.get(unit._origin.id, 0)

    def action_view_loans(self):
        """Open what was lent in place of the unit."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_parts.aftersales_loan_action"
        )
        return {
            **action,
            "domain": [("equipment_id", "=", self.id)],
            "context": {
                "default_kind": "loaner",
                "default_equipment_id": self.id,
                "default_partner_id": self.partner_id.id,
            },
        }
