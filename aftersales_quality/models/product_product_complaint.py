from odoo import models


class ProductProduct(models.Model):
    """Complaints about a product."""

    _name = "product.product"
    _inherit = ["product.product", "aftersales.complained.mixin"]

    _complaint_field = "product_id"
