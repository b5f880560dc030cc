from odoo import models


class SaleOrderLine(models.Model):
    """Parts of a ticket that an order delivers: once, from the van or depot."""

    _inherit = "sale.order.line"

    def _prepare_procurement_values(self):
        values = super()._prepare_procurement_values()
        if self.aftersales_ticket_line_id:
            values["aftersales_ticket_line_id"] = self.aftersales_ticket_line_id.id
        return values

    def _action_launch_stock_rule(self, *, previous_product_uom_qty=False):
        """Deliver what the ticket has not delivered yet, from where the visit does."""
        parts = self.filtered(
            lambda line: line.aftersales_ticket_line_id
            and line.state == "sale"
            and line.aftersales_payer != "third_party"
            and line.product_id == line.aftersales_ticket_line_id.product_id
            # Whoever confirms an order has no right on the lines of its ticket; what
            # the workshop builds in is moved there.
            and line.sudo().aftersales_ticket_line_id._filter_goods()
        )
        if parts:
            parts._aftersales_take_over_moves()
        result = super()._action_launch_stock_rule(
            previous_product_uom_qty=previous_product_uom_qty
        )
        if parts:
            # Whoever confirms an order has no right on the lines of its ticket.
            parts.sudo().aftersales_ticket_line_id._filter_goods()._sync_stock()
        return result

    def _aftersales_take_over_moves(self):
        """What left before the customer agreed is his order's, what waits is not."""
        # The moves of the ticket, whoever confirms.
        for offer in self.sudo():
            line = offer.aftersales_ticket_line_id
            line._get_own_open().filtered(
                lambda move: not move.aftersales_request_line_id
            )._action_cancel()
            moves = line.stock_move_ids.filtered(
                lambda move: move.state != "cancel" and not move.sale_line_id
            )
            if moves:
                moves.sale_line_id = offer
