"""Free time between what is taken: spans are pairs ``(begin, end)`` of datetimes."""

from datetime import timedelta


def free_spans(work, taken, earliest=None):
    """Return the parts of working time that nothing takes, in order.

    :param work: spans of working time
    :param taken: spans that are booked
    :param datetime earliest: what lies before is gone
    """
    free = []
    for begin, end in sorted(work):
        if earliest:
            begin = max(begin, earliest)
        for first, last in sorted(taken):
            if last <= begin or first >= end:
                continue
            if first > begin:
                free.append((begin, first))
            begin = max(begin, last)
        if begin < end:
            free.append((begin, end))
    return free


def widened(spans, way):
    """Return the spans with the way before and after them."""
    return [(begin - way, end + way) for begin, end in spans]


def longest(spans):
    """Return the hours of the longest span."""
    return max((hours(span) for span in spans), default=0.0)


def hours(span):
    """Return the hours of a span."""
    begin, end = span
    return (end - begin).total_seconds() / 3600


def first_fit(spans, needed):
    """Return the earliest begin of a span with so many hours, or None."""
    return next((span[0] for span in spans if hours(span) >= needed), None)


def joined(spans, pause=timedelta(hours=2)):
    """Join spans that only a short pause parts: a visit may last over lunch."""
    result = []
    for begin, end in sorted(spans):
        if result and begin - result[-1][1] <= pause:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((begin, end))
    return result


def next_quarter(moment):
    """Return the next full quarter of an hour."""
    rest = timedelta(
        minutes=moment.minute % 15,
        seconds=moment.second,
        microseconds=moment.microsecond,
    )
    return moment - rest + timedelta(minutes=15) if rest else moment
