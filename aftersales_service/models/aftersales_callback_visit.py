from odoo import fields, models


class AftersalesCallback(models.Model):
    """The planned visits among the callbacks (R35)."""

    _inherit = "aftersales.callback"

    visit_plan_id = fields.Many2one(
        comodel_name="aftersales.visit.plan",
        readonly=True,
        index="btree_not_null",
        check_company=True,
        ondelete="cascade",
    )

    _visit_uniq = models.UniqueIndex(
        "(visit_plan_id, partner_id) "
        "WHERE visit_plan_id IS NOT NULL AND state <> 'cancelled'",
        "A customer is visited once in a plan.",
    )
