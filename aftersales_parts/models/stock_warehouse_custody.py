from odoo import models


class StockWarehouse(models.Model):
    """The place of customers' goods is known as such (R28)."""

    _inherit = "stock.warehouse"

    def _aftersales_complete(self):
        result = super()._aftersales_complete()
        self.aftersales_customer_goods_id.aftersales_is_custody = True
        return result
