"""Which unit was sold on which invoice line: plain arithmetic, no database.

Units and invoice lines of one order line are matched first delivered – first
invoiced, less what credit notes took back (R16).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """One delivered unit of an order line.

    ``quantity`` is what was delivered and ``returned`` what came back, both in
    the product's unit of measure.
    """

    key: int
    quantity: float
    returned: float = 0.0


@dataclass(frozen=True)
class Invoiced:
    """One posted invoice line; ``credited`` is what its credit notes took back."""

    key: int
    quantity: float
    credited: float = 0.0


def allocate(units, invoiced, unattributed_credit=0.0, precision=1e-6):
    """Match units with invoice lines.

    Credited quantities are first taken by returned units, so that the invoice
    of a unit still in the field never disappears because another one went back.

    :param units: :class:`Unit` in order of delivery
    :param invoiced: :class:`Invoiced` in order of posting
    :param unattributed_credit: credited quantity without a known invoice line;
        taken from the newest invoice first
    :param precision: quantities below it count as zero
    :return: dict ``{unit key: [invoice line keys]}``, every unit is a key
    """
    capacity = _net_capacity(invoiced, unattributed_credit)
    credit = sum(line.quantity for line in invoiced) - sum(capacity.values())
    result = {unit.key: [] for unit in units}
    open_lines = [line.key for line in invoiced if capacity[line.key] > precision]
    for unit in units:
        absorbed = min(unit.returned, credit)
        credit -= absorbed
        needed = unit.quantity - absorbed
        while needed > precision and open_lines:
            line = open_lines[0]
            taken = min(needed, capacity[line])
            result[unit.key].append(line)
            needed -= taken
            capacity[line] -= taken
            if capacity[line] <= precision:
                open_lines.pop(0)
    return result


def _net_capacity(invoiced, unattributed_credit):
    """Return ``{line key: invoiced − credited}``, never below zero."""
    capacity = {line.key: max(line.quantity - line.credited, 0.0) for line in invoiced}
    # More credited on one line than it held concerns the lines beside it.
    rest = unattributed_credit + sum(
        max(line.credited - line.quantity, 0.0) for line in invoiced
    )
    for line in reversed(invoiced):
        taken = min(rest, capacity[line.key])
        capacity[line.key] -= taken
        rest -= taken
    return capacity
