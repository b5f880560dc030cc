from odoo import models
from odoo.fields import Command


class StockReturnPickingLine(models.TransientModel):
    _inherit = "stock.return.picking.line"

    def _aftersales_ensure_returnable(self):
        """Refuse more than may come back from a customer; see the returns (R48).

        :raise UserError: naming the delivery and what may still come back
        """
        wanted = {}
        for line in self:
            move = line.move_id
            # Goods added by hand have no delivery. What is announced before it went
            # out is counted when it is booked.
            if not move or move.state != "done":
                continue
            if move._aftersales_is_delivery() and line.quantity:
                quantity = line.uom_id._compute_quantity(
                    line.quantity, move.product_id.uom_id, rounding_method="HALF-UP"
                )
                wanted[move] = wanted.get(move, 0.0) + quantity
        if wanted:
            # The warehouse has no right on the requests that are counted.
            requests_sudo = self.env["aftersales.return.line"].sudo()
            requests_sudo._ensure_quantities(
                {(move, None): quantity for move, quantity in wanted.items()}
            )

    def _aftersales_create_moves(self, receipt, lines):
        """Make the moves of many deliveries in one go, linked as Odoo links them.

        It is what ``_process_line`` does for each of them.

        :param receipt: the transfer they come with
        :param lines: the lines of the return, in the order of these
        """
        vals_list = []
        # Read for all at once what is asked for each.
        self.move_id.move_dest_ids.move_orig_ids.mapped("state")
        self.move_id.move_dest_ids.returned_move_ids.mapped("state")
        self.move_id.move_orig_ids.returned_move_ids.mapped("state")
        for item, line in zip(self, lines, strict=True):
            delivered = item.move_id
            vals = item._prepare_move_default_values(receipt)
            vals |= line._prepare_receipt_move(receipt)
            if delivered:
                vals |= item._aftersales_prepare_links()
                vals = {**delivered.copy_data(vals)[0], **vals}
            if isinstance(sale_line := vals.get("sale_line_id"), models.BaseModel):
                vals["sale_line_id"] = sale_line.id
            vals_list.append(vals)
        return self.env["stock.move"].create(vals_list)

    def _aftersales_prepare_links(self):
        """Return what the move follows and precedes; see ``_process_line``."""
        self.ensure_one()
        delivered = self.move_id
        following = delivered.move_dest_ids
        origins = following.returned_move_ids | delivered
        origins |= following.filtered(
            lambda move: move.state != "cancel"
        ).move_orig_ids.filtered(lambda move: move.state != "cancel")
        former = delivered.move_orig_ids.returned_move_ids
        next_moves = former | former.move_orig_ids.filtered(
            lambda move: move.state != "cancel"
        ).move_dest_ids.filtered(lambda move: move.state != "cancel")
        return {
            "move_orig_ids": [Command.set(origins.ids)],
            "move_dest_ids": [Command.set(next_moves.ids)],
        }
