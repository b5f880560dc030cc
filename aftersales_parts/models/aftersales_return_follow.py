from odoo import fields, models


class AftersalesReturn(models.Model):
    """The return follows the transfers, credit notes and repairs made for it."""

    _inherit = "aftersales.return"

    def _follow_moves(self):
        """Move on when what was announced is here."""
        here = self.filtered(lambda rma: rma.state == "authorised" and rma._is_here())
        if here:
            here._step({"state": "received", "receive_date": fields.Datetime.now()})
            here._after_receipt()

    def _is_here(self):
        """Tell whether all that was announced came, or no more of it is to come."""
        self.ensure_one()
        lines = self.line_ids
        if not any(lines.mapped("quantity_received")):
            return False
        waiting = lines.stock_move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
            and move._aftersales_comes_from_customer()
        )
        return not waiting

    def _after_receipt(self):
        """Hook: the goods of these returns are here."""
