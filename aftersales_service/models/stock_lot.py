from odoo import fields, models


class StockLot(models.Model):
    _inherit = "stock.lot"

    aftersales_equipment_ids = fields.One2many(
        comodel_name="aftersales.equipment",
        inverse_name="lot_id",
        string="Service Vouchers",
    )
    aftersales_equipment_count = fields.Integer(
        string="Units", compute="_compute_aftersales_equipment_count"
    )

    def _compute_aftersales_equipment_count(self):
        Equipment = self.env["aftersales.equipment"]
        counts = {}
        if Equipment.has_access("read"):
            counts = dict(
                Equipment._read_group(
                    [("lot_id", "in", self.ids)], ["lot_id"], ["__count"]
                )
            )
        for lot in self:
            lot.aftersales_equipment_count = counts.get(lot, 0)

    def action_view_aftersales_equipment(self):
        """Open the vouchers of this serial number, former ones included."""
        Equipment = self.env["aftersales.equipment"]
        return Equipment.search([("lot_id", "in", self.ids)])._get_list_action()

    def action_aftersales_request_service(self):
        """Open the form that registers a ticket for this serial number."""
        self.ensure_one()
        unit = self.env["aftersales.equipment"].search(
            [("lot_id", "=", self.id), ("state", "=", "active")], limit=1
        )
        return self.env["aftersales.ticket.request"]._get_action(
            equipment=unit, lot=self
        )
