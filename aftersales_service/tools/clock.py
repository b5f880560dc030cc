"""Arithmetic of promised times: working hours, calendar time, pauses (R03, R04).

All moments are naive UTC. Spans are pairs (begin, end); a pause that goes on has None
as its end. Nothing here knows a database.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta

Span = tuple[datetime, datetime]
Pause = tuple[datetime, datetime | None]

CLOCKS = ("respond", "arrive", "solve")
# A clock that runs counts, a held one does not; the others are over.
STATES = ("on_track", "warning", "late", "met", "missed")
# What the ticket shows when its clocks disagree: what asks for action comes first.
URGENCY = ("late", "warning", "missed", "on_track", "met")

CHUNK = timedelta(days=31)
# A calendar that is closed for longer than this has no hours.
HORIZON = timedelta(days=1100)


class Timetable:
    """Working time of a calendar, fetched month by month and once only."""

    def __init__(
        self,
        fetch: Callable[[datetime, datetime], list[Span]],
        to_day: Callable[[datetime], date],
    ):
        """
        :param fetch: returns the sorted working spans between two moments
        :param to_day: returns the day it is at a moment where the calendar counts
        """
        self._fetch = fetch
        self._to_day = to_day
        self._chunks: dict[datetime, list[Span]] = {}

    def spans(self, start: datetime) -> Iterator[Span]:
        """Yield the working spans from a moment on, up to the horizon."""
        begin = datetime(start.year, start.month, 1)
        while begin < start + HORIZON:
            end = (begin + CHUNK).replace(day=1)
            if begin not in self._chunks:
                self._chunks[begin] = self._fetch(begin, end)
            yield from since(self._chunks[begin], start)
            begin = end

    def seconds_of_days(self, start: datetime, days: int) -> float:
        """Return the working time until the end of the n-th working day.

        The day of the start is the first one as long as it has working time left.
        """
        seconds, seen = 0.0, []
        for begin, end in self.spans(start):
            day = self._to_day(begin)
            if day not in seen:
                if len(seen) == days:
                    return seconds
                seen.append(day)
            seconds += (end - begin).total_seconds()
        return seconds


def since(spans: Iterable[Span], start: datetime) -> Iterator[Span]:
    """Yield what spans have from a moment on."""
    for begin, end in spans:
        if end > start:
            yield max(begin, start), end


def always(start: datetime) -> Iterator[Span]:
    """Yield the time that never stops."""
    yield start, datetime.max


def without(spans: Iterable[Span], pauses: Iterable[Pause]) -> Iterator[Span]:
    """Yield what is left of spans when pauses that are over are taken out."""
    stops = sorted((begin, end) for begin, end in pauses if end and end > begin)
    for begin, end in spans:
        for stop, resume in stops:
            if resume <= begin or stop >= end:
                continue
            if stop > begin:
                yield begin, stop
            begin = min(resume, end)
        if begin < end:
            yield begin, end


def after(spans: Iterable[Span], seconds: float) -> datetime | None:
    """Return the moment at which so much time of the spans has passed.

    :return: None when the spans end before
    """
    for begin, end in spans:
        length = (end - begin).total_seconds()
        if length >= seconds:
            return begin + timedelta(seconds=seconds)
        seconds -= length
    return None


def passed(spans: Iterable[Span], end: datetime) -> float:
    """Return the seconds of the spans that have passed at a moment."""
    seconds = 0.0
    for begin, stop in spans:
        if begin >= end:
            break
        seconds += (min(stop, end) - begin).total_seconds()
    return seconds


def due(
    start: datetime,
    amount: float,
    clock: str,
    timetable: Timetable,
    pauses: Iterable[Pause] = (),
    warning: float = 1.0,
) -> tuple[datetime | None, datetime | None]:
    """Return when a promise is at risk and when it is broken.

    :param float amount: seconds; for the clock ``day`` 24 hours are one working day
    :param str clock: ``working`` time of the timetable, ``calendar`` time, or ``day``:
        the end of a working day
    :param pauses: times in which this clock stood still
    :param float warning: share of the amount after which the promise is at risk
    """
    if clock == "day":
        days = max(1, round(amount / 86400))
        amount = timetable.seconds_of_days(start, days)
    pauses = list(pauses)

    def spans():
        return always(start) if clock == "calendar" else timetable.spans(start)

    return (
        after(without(spans(), pauses), amount * warning),
        after(without(spans(), pauses), amount),
    )


def held_since(pauses: Iterable[Pause]) -> datetime | None:
    """Return since when a clock stands still, None while it runs."""
    return min((begin for begin, end in pauses if end is None), default=None)


def breach(
    deadline: datetime | None,
    hold: datetime | None,
    stop: datetime | None,
    now: datetime,
) -> bool:
    """Tell whether a promise is broken: the clock stopped or stands after its end."""
    return bool(deadline) and (stop or hold or now) > deadline


def state_of(
    deadline: datetime | None,
    warning: datetime | None,
    hold: datetime | None,
    stop: datetime | None,
    missed: datetime | None,
    over: bool,
    now: datetime,
) -> str | None:
    """Return the state of one clock, None when nothing was promised.

    :param datetime missed: the earliest deadline that was broken; a later one does not
        mend it
    :param bool over: the case is finished, also when this clock never stopped
    """
    broken = bool(missed) and (stop is None or stop > missed)
    if stop:
        if broken or breach(deadline, None, stop, now):
            return "missed"
        return "met" if deadline else None
    if over:
        return "missed" if broken else None
    if broken or breach(deadline, hold, None, now):
        return "late"
    if not deadline:
        return None
    return "warning" if warning and (hold or now) >= warning else "on_track"


def overall(states: Iterable[str | None]) -> str | None:
    """Return the state that the case shows."""
    present = set(states)
    return next((state for state in URGENCY if state in present), None)
