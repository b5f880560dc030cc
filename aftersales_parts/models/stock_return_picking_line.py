from odoo import models


class StockReturnPickingLine(models.TransientModel):
    _inherit = "stock.return.picking.line"

    def _aftersales_ensure_returnable(self):
        """Refuse more than may come back from a customer; see the returns (R48).

        :raise UserError: naming the delivery and what may still come back
        """
        wanted = {}
        for line in self:
            move = line.move_id
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

    def _prepare_move_default_values(self, new_picking):
        vals = super()._prepare_move_default_values(new_picking)
        if line_id := self.env.context.get("aftersales_return_line_id"):
            vals["aftersales_return_line_id"] = line_id
        return vals
