"""Arithmetic of supplier claims: what is claimed, and how a credit compares (R57)."""

from typing import NamedTuple


class Terms(NamedTuple):
    """What a supplier has agreed to bear of each kind of cost, in percent."""

    part: float = 100.0
    labour: float = 100.0
    travel: float = 100.0
    freight: float = 100.0
    hourly: float = 0.0  # most he pays for an hour of labour; 0 for no limit


def get_claimed(terms: Terms, kind: str, cost: float, quantity: float) -> float:
    """Return what is claimed of a cost.

    The limit of an hour cuts the cost first, the share is taken of the rest.

    :param kind: part, labour, travel or freight
    :param cost: what it cost us
    :param quantity: hours, of labour
    """
    if kind == "labour" and terms.hourly:
        cost = min(cost, terms.hourly * quantity)
    return cost * getattr(terms, kind) / 100


def get_share(part: float, whole: float) -> float:
    """Return a part of a whole in percent, 0 without a whole."""
    return 100.0 * part / whole if whole else 0.0


def is_covered(credited: float, agreed: float, tolerance: float) -> bool:
    """Tell whether credit notes reach what was agreed.

    :param tolerance: what conversions between currencies may leave
    """
    return agreed > 0 and credited >= agreed - tolerance


def split_quantity(wanted: float, places):
    """Take a quantity from the places where it lies, in their order.

    :param places: ``(place, quantity there)``
    :return: list of ``(place, quantity)``, and what is missing
    """
    taken = []
    for place, there in places:
        if wanted <= 0:
            break
        quantity = min(wanted, there)
        if quantity > 0:
            taken.append((place, quantity))
            wanted -= quantity
    return taken, max(wanted, 0.0)
