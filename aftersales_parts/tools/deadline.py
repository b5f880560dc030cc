"""Arithmetic of the turnaround of returns: days by quantity, pauses (R50)."""

import math
from dataclasses import dataclass
from datetime import timedelta

from odoo.addons.aftersales_service.tools.remedy import days_between

# A calendar without any working day must not loop for ever.
LONGEST = 3660


@dataclass(frozen=True)
class Step:
    """A row: up to how many pieces, how many days, at most how many."""

    up_to: float
    days: int
    further: float = 0.0
    further_days: int = 0
    days_max: int = 0


@dataclass(frozen=True)
class Allowance:
    """Working days that a quantity may take: as promised, and at the very most."""

    days: int
    days_max: int


def get_allowance(steps, quantity):
    """Return what a quantity may take by the rows, None without rows.

    :param steps: rows of one kind of work; ``up_to`` 0 holds for every quantity
    :param float quantity: pieces
    """
    ordered = sorted(steps, key=lambda step: step.up_to or math.inf)
    if not ordered:
        return None
    step = next(
        (row for row in ordered if not row.up_to or quantity <= row.up_to), ordered[-1]
    )
    days = step.days
    if step.up_to and quantity > step.up_to and step.further:
        days += math.ceil((quantity - step.up_to) / step.further) * step.further_days
    return Allowance(days, max(step.days_max, days))


def get_due_day(arrival, days, works, pauses=(), today=None):
    """Return the last day of the promise.

    The day after the arrival is the first. Days after the first one of a pause up to
    its last one do not count: money asked for and paid on one day stops nothing.

    :param date arrival: day on which the goods came
    :param int days: working days
    :param works: tells whether a day is a working day
    :param pauses: ``(first day, last day or None)``; a pause that lasts goes to today
    :param date today: until when a pause that lasts has lasted
    """
    paused = set()
    for begin, end in pauses:
        paused |= set(days_between(begin, end or max(today or begin, begin)))
    day = arrival
    for _day in range(LONGEST):
        if days <= 0:
            break
        day += timedelta(days=1)
        if works(day) and day not in paused:
            days -= 1
    # A pause that lasts leaves no day behind it on which the work could be due.
    while day in paused:
        day += timedelta(days=1)
    return day
