from odoo import models


class SaleOrder(models.Model):
    """Complaints about what an order delivered."""

    _name = "sale.order"
    _inherit = ["sale.order", "aftersales.complained.mixin"]

    _complaint_field = "sale_order_id"
