from odoo import models


class ProductProduct(models.Model):
    _name = "product.product"
    _inherit = ["product.product", "aftersales.returned.mixin"]

    def _aftersales_return_path(self):
        return "product_id", [("product_id", "in", self.ids)]
