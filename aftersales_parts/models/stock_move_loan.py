from odoo import fields, models


class StockMove(models.Model):
    _inherit = "stock.move"

    aftersales_loan_id = fields.Many2one(
        comodel_name="aftersales.loan",
        string="Loan",
        index="btree_not_null",
        check_company=True,
        copy=False,
    )

    def _prepare_merge_moves_distinct_fields(self):
        return [*super()._prepare_merge_moves_distinct_fields(), "aftersales_loan_id"]
