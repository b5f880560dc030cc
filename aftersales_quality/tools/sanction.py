"""Arithmetic of sanctions and rewards (R61)."""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

# What happened and is doubled at once, also the first time (R61).
ALWAYS = frozenset({"false_inspection", "missing_inspection", "missing_backup"})
# Nothing is known of these but a text: another one need not be the same problem.
NEVER = frozenset({"other", "improvement"})


def doubling_of(trigger: str) -> str:
    """Return when an amount without a rule is doubled: always, never or repeat."""
    if trigger in ALWAYS:
        return "always"
    return "never" if trigger in NEVER else "repeat"


def amount_of(base: float, doubled: bool) -> float:
    """Return what is due: the amount of the rule, twice when doubled."""
    return base * 2 if doubled else base


def first_day(day: date, months: int) -> date:
    """Return the first day on which an earlier case makes this one a repetition."""
    return day - relativedelta(months=max(months, 0))


def last_day(day: date, days: int) -> date:
    """Return the last day on which the employee may appeal."""
    return day + timedelta(days=days)


def month_after(day: date, months: int = 1) -> date:
    """Return the first day of a month, so many months after that of a day."""
    return day.replace(day=1) + relativedelta(months=months)


def probation_end(day: date, months: int) -> date:
    """Return the day after a probation that begins on a day."""
    return day + relativedelta(months=max(months, 1))
