"""Arithmetic of complaints: limits of time and levels of approval, without a database.

All moments are naive UTC.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

UTC = ZoneInfo("UTC")
# The steps in their order; who was found not valid is behind them all.
ORDER = (
    "recorded",
    "validated",
    "committed",
    "investigating",
    "proposed",
    "agreed",
    "accountable",
    "improved",
    "archived",
    "rejected",
)
# From the lowest to the highest who approves.
LEVELS = ("lead", "officer", "manager")
# A calendar that is closed for longer has no days.
HORIZON = 1100


class Clock(NamedTuple):
    """One limit of time. A condition that is empty fits every complaint."""

    key: int
    kind: str
    step: str
    start: str
    stop: str
    amount: int
    unit: str
    warning: int
    later: int
    moments: frozenset
    company: int = 0
    country: int = 0
    channel: str = ""
    complaint_kind: str = ""
    severity: str = ""
    product_class: int = 0
    customers: str = ""
    date_from: date | None = None
    date_to: date | None = None


class Facts(NamedTuple):
    """What the conditions of clocks are about."""

    company: int
    country: int
    channel: str
    complaint_kind: str
    severity: str
    product_class: int
    customers: str
    day: date


def applies(clock: Clock, facts: Facts) -> bool:
    """Tell whether a limit holds for complaints with these facts."""
    return (
        clock.company in (0, facts.company)
        and clock.country in (0, facts.country)
        and clock.channel in ("", facts.channel)
        and clock.complaint_kind in ("", facts.complaint_kind)
        and clock.severity in ("", facts.severity)
        and clock.product_class in (0, facts.product_class)
        and clock.customers in ("", facts.customers)
        and (not clock.date_from or clock.date_from <= facts.day)
        and (not clock.date_to or facts.day <= clock.date_to)
    )


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the last second of a day where the company works."""
    end = datetime.combine(day + timedelta(days=1), time(), zone)
    return end.astimezone(UTC).replace(tzinfo=None) - timedelta(seconds=1)


def due_moment(
    start: datetime,
    amount: int,
    unit: str,
    works: Callable[[date], bool],
    zone: ZoneInfo,
) -> datetime:
    """Return the last moment of a limit.

    The day on which it begins does not count, and the last one counts to its end, as
    in the civil code (民法典 art. 201, 203); hours count as they pass.

    :param str unit: hour, day or working_day
    :param works: tells whether a day is a working day
    """
    if not amount:
        return start
    if unit == "hour":
        return start + timedelta(hours=amount)
    day = start.replace(tzinfo=UTC).astimezone(zone).date()
    if unit == "day":
        return end_of_day(day + timedelta(days=amount), zone)
    left = amount
    for _day in range(HORIZON):
        day += timedelta(days=1)
        left -= works(day)
        if not left:
            break
    return end_of_day(day, zone)


def get_notices(
    clock: Clock, start: datetime, due: datetime
) -> list[tuple[str, datetime]]:
    """Return ``[(moment, when)]`` at which somebody is told of a limit, in order."""
    whens = {
        "begin": start,
        "warning": max(start, due - timedelta(hours=clock.warning)),
        "late": due,
        "later": due + timedelta(hours=clock.later),
    }
    if due <= start:
        # What is asked for at once is neither at risk nor late when it begins.
        whens["late"] = start + timedelta(hours=1)
        whens.pop("warning")
    notices = [(name, when) for name, when in whens.items() if name in clock.moments]
    return sorted(notices, key=lambda notice: notice[1])


def next_notice(notices, told, now: datetime) -> datetime | None:
    """Return when somebody is told next.

    :param told: moments that were told
    """
    return min((when for name, when in notices if name not in told), default=None)


def due_notices(notices, told, now: datetime) -> list[str]:
    """Return the moments to be told now. A warning that comes too late is none."""
    due = [name for name, when in notices if name not in told and when <= now]
    if "late" in due and "warning" in due:
        due.remove("warning")
    return due


def is_reached(state: str, stop: str) -> bool:
    """Tell whether a step is reached, or left behind, by a complaint in a state."""
    return ORDER.index(state) >= ORDER.index(stop)


def get_levels(amount: float, limits: dict[str, float], severe: bool) -> list[str]:
    """Return the levels that approve a solution, the lowest first.

    Each level approves as much as its limit; what is above goes on to the next one.
    The last level has no limit.

    :param dict limits: of ``handler``, ``lead`` and ``officer``
    :param bool severe: a severe one is approved, whatever it costs
    """
    if not severe and amount <= limits["handler"]:
        return []
    levels = []
    for level in LEVELS:
        levels.append(level)
        if level not in limits or amount <= limits[level]:
            break
    return levels
