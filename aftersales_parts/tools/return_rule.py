"""Which house rule decides on goods that come back: plain values, no database."""

from datetime import date, timedelta
from typing import NamedTuple


class ReturnRule(NamedTuple):
    """Conditions of one rule; empty ones are met by everything."""

    key: int
    company: int | None = None
    date_from: date | None = None
    date_to: date | None = None
    reasons: frozenset = frozenset()
    categories: frozenset = frozenset()
    classes: frozenset = frozenset()
    days_from: int = 0
    days_to: int = 0
    season_over: bool = False
    discount: str | None = None


class ReturnCase(NamedTuple):
    """What is known of goods that come back."""

    company: int
    today: date
    reason: int | None = None
    # Of the product, and all above it.
    categories: frozenset = frozenset()
    goods_class: int | None = None
    delivered: date | None = None
    discounted: bool = False
    # ((month, day), (month, day)) of the busy seasons of the goods.
    seasons: tuple = ()


def get_days(case):
    """Return the days since the delivery; None when nobody knows of one."""
    return (case.today - case.delivered).days if case.delivered else None


def has_season_ended(case):
    """Tell whether a busy season of the goods has ended since they were delivered."""
    if not case.delivered or not case.seasons:
        return False
    yesterday = case.today - timedelta(days=1)
    for _first, (month, day) in case.seasons:
        for year in range(case.delivered.year, yesterday.year + 1):
            if case.delivered <= _last_day(year, month, day) <= yesterday:
                return True
    return False


def _last_day(year, month, day):
    try:
        return date(year, month, day)
    except ValueError:
        # The 29th of February, in a year that has none.
        return date(year, month, day - 1)


def decide(rules, case):
    """Return the key of the first rule that a case meets; None without one.

    :param rules: :class:`ReturnRule`, in their order
    """
    for rule in rules:
        if _meets(rule, case):
            return rule.key
    return None


def _meets(rule, case):
    return (
        (not rule.company or rule.company == case.company)
        and (not rule.date_from or rule.date_from <= case.today)
        and (not rule.date_to or case.today <= rule.date_to)
        and (not rule.reasons or case.reason in rule.reasons)
        and (not rule.categories or bool(rule.categories & case.categories))
        and (not rule.classes or case.goods_class in rule.classes)
        and _meets_days(rule, case)
        and (not rule.season_over or has_season_ended(case))
        and (not rule.discount or (rule.discount == "with") == case.discounted)
    )


def _meets_days(rule, case):
    if not rule.days_from and not rule.days_to:
        return True
    days = get_days(case)
    if days is None:
        return False
    return days >= rule.days_from and (not rule.days_to or days <= rule.days_to)
