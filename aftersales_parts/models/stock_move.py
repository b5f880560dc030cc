from odoo import models

from ..tools.return_link import ReturnLink


class StockMove(models.Model):
    _name = "stock.move"
    _inherit = ["stock.move", "aftersales.return.link.mixin"]

    def _prepare_merge_moves_distinct_fields(self):
        return [
            *super()._prepare_merge_moves_distinct_fields(),
            "aftersales_return_line_id",
        ]

    def _prepare_move_split_vals(self, qty):
        """A backorder belongs to the same line of the return."""
        vals = super()._prepare_move_split_vals(qty)
        if line_id := self.aftersales_return_line_id.id:
            vals["aftersales_return_line_id"] = ReturnLink(line_id)
        return vals

    def _aftersales_comes_from_customer(self):
        """Tell whether the move brings goods from a customer, for good or not."""
        self.ensure_one()
        return (
            self.location_id.usage == "customer"
            and self.location_dest_id.usage != "customer"
        )

    def _aftersales_sum(self):
        """Return the done quantity of moves of one product, in its unit of measure."""
        return sum(
            move.product_uom._compute_quantity(
                move.quantity, move.product_id.uom_id, rounding_method="HALF-UP"
            )
            for move in self
        )

    def _action_done(self, cancel_backorder=False):
        # What comes back is counted before it is booked, under the lock of what went out.
        self._aftersales_ensure_returnable()
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        moves._aftersales_follow_returns()
        return moves

    def _aftersales_ensure_returnable(self):
        """Refuse to book back more than was delivered, whoever books it.

        :raise UserError: naming the delivery and what may still come back
        """
        incoming = self.filtered(
            lambda move: move.origin_returned_move_id
            and move.picked
            and move._aftersales_comes_from_customer()
        )
        if incoming:
            # The warehouse has no right on the requests that are counted.
            requests_sudo = self.env["aftersales.return.line"].sudo()
            requests_sudo._ensure_movable(incoming)

    def _aftersales_follow_returns(self):
        """Let returns follow what was booked for their lines."""
        done = self.filtered(
            lambda move: move.state == "done" and move.aftersales_return_line_id
        )
        if done:
            # The return follows the done moves alone; the warehouse has no right on it.
            done.aftersales_return_line_id.return_id.sudo()._follow_moves()
