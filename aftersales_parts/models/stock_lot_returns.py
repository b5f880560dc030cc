from odoo import models


class StockLot(models.Model):
    _name = "stock.lot"
    _inherit = ["stock.lot", "aftersales.returned.mixin"]

    def _aftersales_return_path(self):
        return "lot_id", [("lot_id", "in", self.ids)]

    def _aftersales_return_documents(self):
        return {"lots": self}
