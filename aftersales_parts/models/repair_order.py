from odoo import fields, models


class RepairOrder(models.Model):
    _inherit = "repair.order"

    aftersales_ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        string="Service Ticket",
        index="btree_not_null",
        check_company=True,
        copy=False,
    )
    aftersales_return_line_id = fields.Many2one(
        comodel_name="aftersales.return.line",
        string="Line of the Return",
        index="btree_not_null",
        check_company=True,
        copy=False,
    )
    aftersales_return_id = fields.Many2one(
        related="aftersales_return_line_id.return_id",
        string="Return (RMA)",
        store=True,
        index="btree_not_null",
    )
