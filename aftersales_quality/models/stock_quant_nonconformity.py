from odoo import models


class StockQuant(models.Model):
    """Goods on the shelf may be found failing, too (R52)."""

    _inherit = "stock.quant"

    def action_aftersales_nonconformity(self):
        """Open a new nonconformity of the goods that lie there."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_quality.aftersales_nonconformity_action"
        )
        return action | {
            "views": [(False, "form")],
            "context": {
                "default_product_id": self.product_id.id,
                "default_lot_id": self.lot_id.id,
                "default_quantity": max(self.quantity, 0.0) or 1.0,
                "default_found_at": "stock",
            },
        }
