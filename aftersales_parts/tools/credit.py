"""How much of what came back is credited, and on which invoice lines: plain values."""

from typing import NamedTuple

# Credit notes that count: accounting posts the drafts.
LIVING = ("draft", "posted")


class Item(NamedTuple):
    """One line of an invoice or credit note, in the unit of the product."""

    key: int
    move: int
    # Of the document: draft, posted, cancel.
    state: str
    # Of the document: out_invoice, out_refund.
    kind: str
    quantity: float
    # The invoice that a credit note reverses.
    reverses: int | None = None
    day: object = None


class Books(NamedTuple):
    """What is invoiced of one order line, or on one invoice line."""

    # [[invoice line, what of it is not credited]], first invoiced first.
    left: list
    # What waits on draft invoices.
    draft: float

    @property
    def invoiced(self):
        """What is invoiced, drafts included, and not credited."""
        return sum(quantity for _key, quantity in self.left) + self.draft


def read_books(items):
    """Sort the lines of invoices and credit notes of the same goods.

    :param items: lines of invoices and credit notes, in any order
    """
    invoices = sorted(
        (item for item in items if item.kind == "out_invoice" and item.quantity > 0),
        key=lambda item: (str(item.day or ""), item.move, item.key),
    )
    left = [[item.key, item.quantity] for item in invoices if item.state == "posted"]
    moves = {item.key: item.move for item in invoices}
    draft = sum(item.quantity for item in invoices if item.state == "draft")
    loose = 0.0
    for item in items:
        if item.state not in LIVING:
            continue
        if item.kind == "out_refund":
            loose += _take(
                left, item.quantity, lambda key, item=item: moves[key] == item.reverses
            )
        elif item.quantity < 0:
            loose -= item.quantity
    # Credit notes of no invoice in particular.
    _take(left, loose, lambda _key: True)
    return Books(left, draft)


def _take(left, quantity, fits):
    """Take a quantity from the first entries that fit; return what did not find any."""
    for entry in left:
        if quantity <= 0:
            break
        if fits(entry[0]):
            taken = min(max(entry[1], 0.0), quantity)
            entry[1] -= taken
            quantity -= taken
    return max(quantity, 0.0)


def allocate(books, quantity, first=None):
    """Take a quantity from what is left of the invoices.

    :param first: key of the invoice line that is taken first
    :return: [(key, quantity)]
    """
    entries = sorted(books.left, key=lambda entry: entry[0] != first)
    taken = []
    for entry in entries:
        part = min(entry[1], quantity)
        # Less than any unit of measure can say.
        if part > 1e-7:
            entry[1] -= part
            quantity -= part
            taken.append((entry[0], part))
    return taken
