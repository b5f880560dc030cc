from odoo import fields, models


class StockLocation(models.Model):
    _inherit = "stock.location"

    aftersales_is_custody = fields.Boolean(
        string="Customers' Goods",
        readonly=True,
        copy=False,
        help="What lies here belongs to customers and leaves against a signature.",
    )
