from odoo import models


class StockLot(models.Model):
    """A lot knows its nonconformities, and the purchase that brought it (R52, R57)."""

    _name = "stock.lot"
    _inherit = ["stock.lot", "aftersales.nonconforming.mixin"]
    _nonconformity_field = "lot_id"

    def _prepare_aftersales_nonconformity(self):
        return {"default_product_id": self.product_id.id, "default_lot_id": self.id}

    def _aftersales_get_purchases(self):
        """Return ``{id of the lot: the last order line that bought it}``.

        One query for all lots; lots that were never bought are left out.
        """
        if not self:
            return {}
        items = self.env["stock.move.line"].search(
            [
                ("lot_id", "in", self.ids),
                ("state", "=", "done"),
                ("move_id.purchase_line_id", "!=", False),
                ("location_id.usage", "=", "supplier"),
            ],
            order="id",
        )
        return {item.lot_id.id: item.move_id.purchase_line_id for item in items}
