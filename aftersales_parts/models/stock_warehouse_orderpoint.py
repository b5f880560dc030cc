from odoo import api, models


class StockWarehouseOrderpoint(models.Model):
    """Minimum and maximum of a van: refilled from its depot."""

    _inherit = "stock.warehouse.orderpoint"

    @api.depends("location_id", "company_id", "location_id.aftersales_depot_id")
    def _compute_warehouse_id(self):
        vans = self.browse()
        for point in self:
            # Which depot supplies a van is no secret.
            if depot_sudo := point.location_id.sudo().aftersales_depot_id:
                point.warehouse_id = depot_sudo
                vans += point
        return super(StockWarehouseOrderpoint, self - vans)._compute_warehouse_id()
