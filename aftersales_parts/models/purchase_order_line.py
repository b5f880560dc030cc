from odoo import fields, models


class PurchaseOrderLine(models.Model):
    _inherit = "purchase.order.line"

    aftersales_plan_line_id = fields.Many2one(
        comodel_name="aftersales.parts.plan.line",
        string="Line of the Parts Plan",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    aftersales_plan_id = fields.Many2one(
        related="aftersales_plan_line_id.plan_id",
        string="Parts Plan",
        store=True,
        index="btree_not_null",
    )

    _aftersales_plan_line_uniq = models.UniqueIndex(
        "(aftersales_plan_line_id) WHERE aftersales_plan_line_id IS NOT NULL",
        "This line of the parts plan is ordered already.",
    )
