"""When a report falls due, and for which months (R62, R64, R98)."""

from datetime import date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta


def start_of(day: date, months: int, first_month: int = 1) -> date:
    """Return the first day of the period a day lies in.

    :param months: length of a period: 1, 6 or 12
    :param first_month: month in which the year begins, 1 to 12
    """
    past = (day.month - first_month) % 12 % months
    return day.replace(day=1) - relativedelta(months=past)


def end_of(start: date, months: int) -> date:
    """Return the last day of a period."""
    return start + relativedelta(months=months) - timedelta(days=1)


def due_moment(start: date, months: int, day: int, hour: float) -> datetime:
    """Return when the report of a period falls due: local time, after its end.

    :param day: day of the month that follows the period
    :param hour: 17.5 for half past five
    """
    due = start + relativedelta(months=months, day=day)
    minutes = min(round(hour * 60), 24 * 60 - 1)
    return datetime.combine(due, time(minutes // 60, minutes % 60))


def due_starts(
    first: date,
    now: datetime,
    months: int,
    first_month: int,
    day: int,
    hour: float,
) -> list[date]:
    """Return the periods whose reports are due, the oldest first.

    :param first: a day of the first period to report
    :param now: local time
    """
    start, found = start_of(first, months, first_month), []
    while due_moment(start, months, day, hour) <= now:
        found.append(start)
        start += relativedelta(months=months)
    return found


def months_of(start: date, end: date) -> list[date]:
    """Return the first days of the months from one day to another."""
    month, found = start.replace(day=1), []
    while month <= end:
        found.append(month)
        month += relativedelta(months=1)
    return found
