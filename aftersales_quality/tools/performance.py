"""Arithmetic of the month sheets, without a database (R65)."""

from typing import NamedTuple

# How a measure is told: share of a hundred, mark of the card, plain number.
PERCENT, MARK, COUNT = "percent", "mark", "count"


class Span(NamedTuple):
    """One month of one company: local days, and their bounds as naive UTC."""

    company: object
    first: object
    end: object
    begin_time: object
    end_time: object


class Criterion(NamedTuple):
    """What a measure is worth: full points at the target, none at the floor."""

    floor: float
    target: float
    weight: float


def value_of(numerator, denominator, unit):
    """Return the value of a measure, None when nothing was measured.

    >>> value_of(9, 10, PERCENT)
    90.0
    """
    if not denominator:
        return None
    if unit == COUNT:
        return float(numerator)
    return numerator / denominator * (100.0 if unit == PERCENT else 1.0)


def score_of(value, floor, target):
    """Return 0 to 100: linear between floor and target, which may go down.

    :raise ValueError: when floor and target are the same
    """
    if floor == target:
        raise ValueError("floor and target are the same")
    share = (value - floor) / (target - floor)
    return 100.0 * min(max(share, 0.0), 1.0)


def weigh(rows):
    """Return the mean of scores and the share of each in it.

    What was not measured is left out, the others count in full.

    :param rows: (weight, score) pairs, the score None when nothing was measured
    :return: (mean, list of shares), the mean None when nothing counts
    """
    total = sum(weight for weight, score in rows if score is not None)
    if not total:
        return None, [0.0] * len(rows)
    shares = [0.0 if score is None else weight / total for weight, score in rows]
    mean = sum(
        share * score
        for share, (_weight, score) in zip(shares, rows, strict=True)
        if score is not None
    )
    return mean, shares


def bonus_of(amount, deduction, complaints):
    """Return what is left of a bonus after its deductions, nothing at least."""
    return max(amount - deduction * complaints, 0.0)


def due_months(last, current, most=12):
    """Return the months to make sheets of, the oldest first.

    :param last: (year, month) made last, None for never
    :param current: (year, month) that is running: it is not over
    :param int most: how many months are caught up at most
    """
    end = current[0] * 12 + current[1] - 1
    begin = end - 1 if last is None else last[0] * 12 + last[1]
    begin = max(begin, end - most)
    return [(month // 12, month % 12 + 1) for month in range(begin, end)]
