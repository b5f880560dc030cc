"""Arithmetic of the parts plan (R43): what each depot needs, and what is to be bought.

Quantities are floats in the unit of measure of the product; nothing here knows a
database.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field


@dataclass
class Figures:
    """What is known of one product in one depot."""

    needed: float = 0.0  # asked for now: open requests, planned parts
    used: float = 0.0  # in the last months altogether
    used_season: float = 0.0  # in the same month a year ago
    used_year: float = 0.0  # in the last twelve months
    sold: float = 0.0  # in the last months altogether
    ordered: float = 0.0  # sold and not delivered yet
    promised: float = 0.0  # on its way out to other depots
    on_hand: float = 0.0
    on_order: float = 0.0
    minimum: float = 0.0  # of the low-stock rules


@dataclass
class Proposal:
    """What follows from it for the month to come."""

    installed: float = 0.0  # use expected from the units in the field
    forecast: float = 0.0  # what will go out
    supplied: float = 0.0  # what other depots ask this one for
    quantity: float = 0.0  # what has to come in
    low_stock: bool = False
    figures: Figures = field(default_factory=Figures)


def growth(
    used_by_machine: Mapping[object, float],
    units_now: Mapping[object, float],
    units_before: Mapping[object, float],
) -> float:
    """Return how much more often a part fails because more machines are in the field.

    The rate of failure per machine is what was used in a year through the machines
    there were on average; with as many machines as before the factor is 1.

    :param used_by_machine: use of the part in the last year by model of machine
    :param units_now: machines in use by model
    :param units_before: the same a year ago
    """
    used = expected = 0.0
    for machine, quantity in used_by_machine.items():
        now = units_now.get(machine, 0.0)
        average = (now + units_before.get(machine, 0.0)) / 2
        used += quantity
        expected += quantity / average * now if average > 0 else quantity
    return expected / used if used > 0 else 1.0


def forecast(figures: Figures, months: int, factor: float) -> tuple[float, float]:
    """Return ``(use expected from the units, what will go out)`` in the next month.

    The month follows the highest of three: the last months, the same month a year ago
    (harvest comes every year), and the installed units. What is asked for already is
    part of that use, unless it is more. What customers have ordered counts as sale.

    :param months: how many months ``used`` and ``sold`` cover
    :param factor: of :func:`growth`
    """
    installed = figures.used_year / 12 * factor
    recent = figures.used / months if months > 0 else 0.0
    use = max(recent, figures.used_season, installed, figures.needed)
    sale = max(figures.sold / months if months > 0 else 0.0, figures.ordered)
    return installed, use + sale


def round_up(quantity: float, step: float) -> float:
    """Return the next multiple of a step that is not below the quantity."""
    if step <= 0:
        return quantity
    return math.ceil(round(quantity / step, 6)) * step


def propose(
    figures: Mapping[tuple[object, object], Figures],
    parents: Mapping[object, object],
    months: int,
    factors: Mapping[object, float],
    step: Callable[[object], float] = lambda product: 1.0,
    depots: Iterable[object] = (),
) -> dict[tuple[object, object], Proposal]:
    """Return what each depot needs of each product.

    A depot with a parent is supplied by it: what it lacks is asked for there, and adds
    to what the parent needs. Depots without one buy.

    :param figures: ``{(depot, product): Figures}``
    :param parents: ``{depot: its parent or None}``, without cycles
    :param months: how many months the figures of use and sale cover
    :param factors: ``{product: growth}``, 1 when missing
    :param step: returns the smallest quantity of a product that is moved
    :param depots: all depots there are, those of the figures when empty
    """
    depots = set(depots) | {depot for depot, _product in figures}
    products = {product for _depot, product in figures}
    asked = defaultdict(float)
    proposals = {}
    for depot in sorted(depots, key=lambda one: -_depth(one, parents)):
        parent = parents.get(depot)
        for product in products:
            key = (depot, product)
            if key not in figures and not asked[key]:
                continue
            known = figures.get(key) or Figures()
            installed, out = forecast(known, months, factors.get(product, 1.0))
            wanted = out + asked[key] + known.promised + known.minimum
            lacking = max(wanted - known.on_hand - known.on_order, 0.0)
            quantity = round_up(lacking, step(product))
            if parent is not None:
                asked[parent, product] += quantity
            proposals[key] = Proposal(
                installed=installed,
                forecast=out,
                supplied=asked[key],
                quantity=quantity,
                low_stock=known.minimum > 0 and known.on_hand < known.minimum,
                figures=known,
            )
    return proposals


def _depth(depot: object, parents: Mapping[object, object]) -> int:
    depth, seen = 0, set()
    while (depot := parents.get(depot)) is not None and depot not in seen:
        seen.add(depot)
        depth += 1
    return depth
