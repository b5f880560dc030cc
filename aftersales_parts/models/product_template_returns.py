from odoo import models


class ProductTemplate(models.Model):
    _name = "product.template"
    _inherit = ["product.template", "aftersales.returned.mixin"]

    def _aftersales_return_path(self):
        return "product_id", [("product_id.product_tmpl_id", "in", self.ids)]

    def _aftersales_of_return_source(self, source):
        return source.product_tmpl_id.ids
