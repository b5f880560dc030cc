from odoo import models


class StockReturnPickingLine(models.TransientModel):
    """A replacement that comes back was sold with what it replaced (R48)."""

    _inherit = "stock.return.picking.line"

    def _prepare_move_default_values(self, new_picking):
        vals = super()._prepare_move_default_values(new_picking)
        move = self.move_id
        if move and move._aftersales_goes_to_customer() and not move.sale_line_id:
            # The warehouse has no right on returns; the order is that of the goods.
            line_sudo = move.sudo().aftersales_return_line_id
            if line_sudo.sale_line_id:
                vals["sale_line_id"] = line_sudo.sale_line_id.id
        return vals
