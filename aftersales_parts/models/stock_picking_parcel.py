from odoo import fields, models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    aftersales_parcel_id = fields.Many2one(
        comodel_name="aftersales.parcel",
        string="Parcel on Hold",
        index="btree_not_null",
        check_company=True,
        copy=False,
    )
