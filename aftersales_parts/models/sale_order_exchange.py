from odoo import api, fields, models

from odoo.addons.aftersales_service.models.sale_order_estimate import FACTS


class SaleOrder(models.Model):
    """Order made for a return: another product instead, or goods kept (R48)."""

    _inherit = "sale.order"
    _facts = FACTS | {"aftersales_return_id"}

    aftersales_return_id = fields.Many2one(
        comodel_name="aftersales.return",
        string="Return (RMA)",
        index="btree_not_null",
        readonly=True,
        copy=False,
        check_company=True,
        help="Return that this order gives another product for, or sells the goods of "
        "that did not come back.",
    )
    aftersales_credit_amount = fields.Monetary(
        string="Credited for Returned Goods",
        compute="_compute_aftersales_credit_amount",
        compute_sudo=True,
        help="What the returned goods were paid with, taxes included, or what their "
        "credit notes say.",
    )
    aftersales_difference = fields.Monetary(
        string="Price Difference",
        compute="_compute_aftersales_credit_amount",
        compute_sudo=True,
        help="What the customer still pays, or gets back when it is negative.",
    )

    @api.depends(
        "aftersales_return_id",
        "amount_total",
        "order_line.aftersales_return_line_id.quantity_refunded",
    )
    def _compute_aftersales_credit_amount(self):
        for order in self:
            credit = 0.0
            if order.aftersales_return_id:
                offers = order.order_line.filtered(
                    lambda item: not item.aftersales_kept
                )
                credit = sum(
                    line._get_exchange_credit(order.currency_id)
                    for line in offers.aftersales_return_line_id
                )
            order.aftersales_credit_amount = credit
            order.aftersales_difference = credit and order.amount_total - credit

    def _action_confirm(self):
        result = super()._action_confirm()
        self._aftersales_follow_kept()
        return result

    def _action_cancel(self):
        result = super()._action_cancel()
        self._aftersales_follow_kept()
        return result

    def _aftersales_follow_kept(self):
        """Let returns follow goods that customers keep, and pay, or do not."""
        kept = self.filtered("aftersales_return_id").order_line.filtered(
            "aftersales_kept"
        )
        if kept:
            kept._aftersales_follow_kept()
            # The order is the salesman's, the return follows it.
            kept.aftersales_return_line_id.sudo()._follow_kept()
