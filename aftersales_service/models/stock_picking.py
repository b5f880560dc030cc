from odoo import fields, models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    aftersales_equipment_count = fields.Integer(
        string="Units", compute="_compute_aftersales_equipment_count"
    )

    def _compute_aftersales_equipment_count(self):
        Equipment = self.env["aftersales.equipment"]
        counts = {}
        if Equipment.has_access("read"):
            groups = Equipment._read_group(
                [("move_id", "in", self.move_ids.ids)], ["move_id"], ["__count"]
            )
            for move, count in groups:
                counts[move.picking_id] = counts.get(move.picking_id, 0) + count
        for picking in self:
            picking.aftersales_equipment_count = counts.get(picking, 0)

    def action_view_aftersales_equipment(self):
        """Open the units that left with this transfer."""
        return (
            self.env["aftersales.equipment"]
            .search([("move_id", "in", self.move_ids.ids)])
            ._get_list_action()
        )

    def action_aftersales_request_service(self):
        """Open the form that registers a ticket for a unit of this delivery."""
        self.ensure_one()
        return self.env["aftersales.ticket.request"]._get_action(picking=self)
