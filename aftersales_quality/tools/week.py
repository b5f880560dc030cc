from datetime import timedelta


def monday(day, weeks: int = 0):
    """Return the Monday of the week of a day, so many weeks later."""
    return day - timedelta(days=day.weekday()) + timedelta(weeks=weeks)


def weeks_due(last, today, limit: int = 8) -> list:
    """Return the weeks to report on, by their Mondays: each once, the oldest first.

    :param date last: Monday of the week reported last; None for never
    :param date today: the week of this day is not over yet
    :param limit: weeks to look back at most
    """
    previous = monday(today, -1)
    if last is None:
        return [previous]
    weeks = []
    while previous > last and len(weeks) < limit:
        weeks.append(previous)
        previous -= timedelta(weeks=1)
    return weeks[::-1]
