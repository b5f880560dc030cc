"""Pareto of cases: which few causes make up most of them (R63)."""

from collections.abc import Iterable
from typing import NamedTuple


class Case(NamedTuple):
    """How often something happened, in which quantity, at what cost."""

    label: str
    count: int
    quantity: float = 0.0
    cost: float = 0.0


class Bar(NamedTuple):
    """One bar of the Pareto, with its share of all cases."""

    label: str
    count: int
    quantity: float
    cost: float
    share: float
    cumulated: float


def pareto(cases: Iterable[Case], limit: int = 0, rest: str = "…") -> list[Bar]:
    """Return the bars, the most frequent first, with shares and their running sum.

    Equal counts are sorted by cost, then by label, so that two runs agree. The last
    running sum is exactly 1.

    :param cases: counts by label; a label that comes twice is added up
    :param limit: bars at most; what is over becomes one last bar, 0 for all
    :param rest: label of the last bar
    """
    sums: dict[str, list] = {}
    for case in cases:
        amount = sums.setdefault(case.label, [0, 0.0, 0.0])
        amount[0] += case.count
        amount[1] += case.quantity
        amount[2] += case.cost
    whole = sum(amount[0] for amount in sums.values())
    if not whole:
        return []
    ordered = sorted(sums.items(), key=lambda item: (-item[1][0], -item[1][2], item[0]))
    if limit and len(ordered) > limit:
        tail = [amount for _label, amount in ordered[limit - 1 :]]
        ordered = [
            *ordered[: limit - 1],
            (rest, [sum(column) for column in zip(*tail, strict=True)]),
        ]
    bars, running = [], 0
    for label, (count, quantity, cost) in ordered:
        running += count
        bars.append(Bar(label, count, quantity, cost, count / whole, running / whole))
    return bars


def months_due(last, previous, limit: int = 12) -> list:
    """Return the months to report on: each once that was missed, the oldest first.

    :param date last: first day of the month reported last; None for never
    :param date previous: first day of the month before this one
    :param limit: months to look back at most
    """
    if last is None:
        return [previous]
    months = []
    month = previous
    while month > last and len(months) < limit:
        months.append(month)
        earlier = month.month - 1
        month = month.replace(
            year=month.year - (earlier == 0), month=earlier or 12, day=1
        )
    return months[::-1]
