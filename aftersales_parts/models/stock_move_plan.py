from odoo import fields, models


class StockMove(models.Model):
    _inherit = "stock.move"

    aftersales_plan_line_id = fields.Many2one(
        comodel_name="aftersales.parts.plan.line",
        string="Line of the Parts Plan",
        index="btree_not_null",
        copy=False,
        ondelete="set null",
    )
    aftersales_plan_id = fields.Many2one(
        related="aftersales_plan_line_id.plan_id",
        string="Parts Plan",
        store=True,
        index="btree_not_null",
    )

    def _prepare_merge_moves_distinct_fields(self):
        return [
            *super()._prepare_merge_moves_distinct_fields(),
            "aftersales_plan_line_id",
        ]
