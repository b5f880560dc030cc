from odoo import fields, models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    aftersales_return_id = fields.Many2one(
        comodel_name="aftersales.return",
        string="Return (RMA)",
        index="btree_not_null",
        check_company=True,
        copy=False,
    )
