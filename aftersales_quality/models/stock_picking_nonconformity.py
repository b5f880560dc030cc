from odoo import models


class StockPicking(models.Model):
    """What a supplier sent may fail when it is received (R52)."""

    _name = "stock.picking"
    _inherit = ["stock.picking", "aftersales.nonconforming.mixin"]
    _nonconformity_field = "picking_id"

    def _aftersales_may_nonconform(self):
        return self.state == "done" and self.picking_type_id.code == "incoming"

    def _prepare_aftersales_nonconformity(self):
        moves = self.move_ids.filtered(lambda move: move.state == "done")
        return {
            "default_found_at": "incoming",
            "default_move_id": moves.id if len(moves) == 1 else False,
            "aftersales_picking_id": self.id,
        }
