from odoo import models
from odoo.exceptions import UserError

from ..tools.credit import read_books


class AftersalesReturnLine(models.Model):
    """What is posted was accepted and invoiced, whoever wrote the draft (R48)."""

    _inherit = "aftersales.return.line"

    def _ensure_creditable(self, moves):
        """Refuse to post credit notes above what was accepted or invoiced.

        :param moves: credit notes about to be posted
        :raise UserError: naming the goods and the way out
        """
        self._lock_books()
        by_books, by_line = self._read_items()
        own = set(moves.ids)
        for line in self:
            credited = sum(
                item.quantity
                for item in by_line.get(line.id, ())
                if item.kind == "out_refund"
                and (item.state == "posted" or item.move in own)
            )
            accepted = line._get_accepted_quantity() - line.quantity_to_inspect
            if line.product_id.uom_id.compare(credited, accepted) > 0:
                raise UserError(
                    self.env._(
                        "%(line)s: %(credited)s would be credited, but only "
                        "%(accepted)s came back and were accepted. Lower the quantity, "
                        "or delete the credit note and draft it again from the return.",
                        line=line.display_name,
                        credited=line._say_quantity(credited),
                        accepted=line._say_quantity(max(accepted, 0.0)),
                    )
                )
        for line in self:
            items = by_books.get(line._get_books_key(), ())
            self._ensure_invoiced(line, items, own)

    def _ensure_invoiced(self, line, items, own):
        """Refuse more than is left of the invoices that credit notes reverse."""
        for move in own & {item.move for item in items}:
            mine = [item for item in items if item.move == move]
            # Posted ones count, and those posted with it.
            others = [
                item
                for item in items
                if item.move != move
                and (
                    item.state == "posted"
                    or (item.move in own and item.kind == "out_refund")
                )
            ]
            books = read_books(others)
            if not mine or not any(item.reverses for item in mine):
                continue
            wanted = sum(item.quantity for item in mine)
            left = sum(quantity for _key, quantity in books.left)
            if line.product_id.uom_id.compare(wanted, left) > 0:
                raise UserError(
                    self.env._(
                        "%(line)s: %(wanted)s would be credited, but only %(left)s of "
                        "what was invoiced is not credited yet. Delete this draft: "
                        "another credit note was made beside it.",
                        line=line.display_name,
                        wanted=line._say_quantity(wanted),
                        left=line._say_quantity(max(left, 0.0)),
                    )
                )
