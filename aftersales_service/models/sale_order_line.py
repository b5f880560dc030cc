from odoo import fields, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    aftersales_equipment_delivered_ids = fields.One2many(
        comodel_name="aftersales.equipment",
        inverse_name="sale_line_id",
        string="Delivered Units",
        copy=False,
    )
    aftersales_has_units = fields.Boolean(
        readonly=True,
        copy=False,
        help="Set by the first service voucher, so that invoices of other lines cost "
        "nothing.",
    )
