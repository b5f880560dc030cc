from odoo import fields, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    aftersales_return_line_id = fields.Many2one(
        comodel_name="aftersales.return.line",
        string="Line of the Return",
        index="btree_not_null",
        check_company=True,
        copy=False,
    )
