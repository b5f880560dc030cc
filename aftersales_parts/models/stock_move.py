from odoo import fields, models
from odoo.exceptions import UserError


class StockMove(models.Model):
    _inherit = "stock.move"

    aftersales_return_line_id = fields.Many2one(
        comodel_name="aftersales.return.line",
        string="Line of the Return",
        index="btree_not_null",
        check_company=True,
        copy=False,
    )

    def write(self, vals):
        if "aftersales_return_line_id" in vals and not self.env.su:
            self._aftersales_ensure_not_linked(vals["aftersales_return_line_id"])
        return super().write(vals)

    def _aftersales_ensure_not_linked(self, line_id):
        """Refuse to type which line of a return goods belong to: it counts them.

        :raise UserError: naming the goods
        """
        linked = self.filtered(
            lambda move: move.aftersales_return_line_id.id != line_id
        )
        if linked:
            raise UserError(
                self.env._(
                    "%s: which return the goods belong to is not typed; it follows from "
                    "the return, which makes its own transfers.",
                    ", ".join(linked.product_id.mapped("display_name")),
                )
            )

    def _prepare_merge_moves_distinct_fields(self):
        return [
            *super()._prepare_merge_moves_distinct_fields(),
            "aftersales_return_line_id",
        ]

    def _prepare_move_split_vals(self, qty):
        """A backorder belongs to the same line of the return."""
        vals = super()._prepare_move_split_vals(qty)
        vals["aftersales_return_line_id"] = self.aftersales_return_line_id.id
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
