from odoo import fields, models


class StockPicking(models.Model):
    """A transfer of parts for a visit, or that a technician asked for."""

    _inherit = "stock.picking"

    aftersales_visit_id = fields.Many2one(
        comodel_name="aftersales.dispatch",
        string="For the Visit",
        index="btree_not_null",
        check_company=True,
        copy=False,
        help="Visit on which these parts are used.",
    )
    aftersales_part_request_id = fields.Many2one(
        comodel_name="aftersales.part.request",
        string="Part Request",
        index="btree_not_null",
        check_company=True,
        copy=False,
    )
