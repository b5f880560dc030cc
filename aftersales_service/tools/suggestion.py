"""Who can be sent, and how well he fits: plain arithmetic, no database.

Moments are naive UTC; working hours are hours of the day where the person works.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

UTC = ZoneInfo("UTC")
# Parts of the score, in the order in which they are shown.
PARTS = (
    "preference",
    "zone",
    "unit",
    "skill",
    "grade",
    "load",
    "rating",
    "licence",
)
# Refusals that no supervisor overrules: nobody is at two places, and of somebody
# without working hours nobody knows when he works.
FINAL = frozenset({"calendar", "visit"})
# Refusals that concern the time alone; what is noted afterwards has happened.
PLANNING = frozenset({"leave", "holiday", "hours", "way"})
# Half a minute, in hours: hours are kept as decimal numbers.
HALF_MINUTE = 1 / 120
# A day on which nothing else is known is as long as that.
USUAL_DAY = 8.0


@dataclass(frozen=True)
class Week:
    """Working hours.

    :param hours: dict ``{(week type, weekday): [(first hour, last hour)]}``; the type
        alternates between 0 and 1, both are the same in ordinary weeks
    :param flexible: hours are agreed from day to day
    """

    hours: dict = field(default_factory=dict)
    flexible: bool = False

    def of_day(self, day):
        """Return the spans of hours worked on a day."""
        # The same count of weeks as working schedules of two weeks have.
        return self.hours.get(((day.toordinal() - 1) // 7 % 2, day.weekday()), [])


@dataclass
class Job:
    """What a visit asks of somebody.

    :param stars: grade asked for, 0 for none
    :param skills: keys of skills, all of them are needed
    :param licences: keys of licences, all of them are needed
    :param licence_blocks: whether nobody goes without; a warning otherwise
    :param way: time needed between two visits
    :param past: noted afterwards, when it was already over
    """

    begin: datetime
    end: datetime
    stars: int = 0
    skills: frozenset = frozenset()
    licences: frozenset = frozenset()
    licence_blocks: bool = True
    zone: int | None = None
    preferred: int | None = None
    refused: int | None = None
    way: timedelta = timedelta()
    past: bool = False


@dataclass
class Person:
    """What is known of somebody who may be sent.

    :param week: his working hours, None when there are none
    :param skills: dict ``{skill: mastery between 0 and 1}``
    :param licences: dict ``{licence: [(first day, last day or None)]}``
    :param away: list of (begin, end, leave or holiday)
    :param visits: list of (begin, end) of his other visits
    :param duties: list of (begin, end) for which he is on call
    :param rating: mean of past evaluations between 1 and 5, None without any
    """

    key: int
    zone: ZoneInfo = UTC
    week: Week | None = None
    stars: int = 0
    skills: dict = field(default_factory=dict)
    licences: dict = field(default_factory=dict)
    away: list = field(default_factory=list)
    visits: list = field(default_factory=list)
    duties: list = field(default_factory=list)
    zones: set = field(default_factory=set)
    served: bool = False
    rating: float | None = None

    def local(self, moment):
        """Return a moment as it is where the person works."""
        return moment.replace(tzinfo=UTC).astimezone(self.zone)


@dataclass(frozen=True)
class Refusal:
    """One reason against sending somebody, as plain data."""

    code: str
    # Whatever the sentence needs: days, hours, keys of skills.
    data: dict = field(default_factory=dict, hash=False, compare=False)

    @property
    def final(self):
        return self.code in FINAL


# ------------------------------------------------------------------- refusals
def refuse(job, person):
    """Return what speaks against sending a person, in the order of its weight.

    :return: list of :class:`Refusal`, empty when he can go
    """
    found = [
        *_refuse_time(job, person),
        *_refuse_ability(job, person),
    ]
    if job.licence_blocks:
        found += miss_licences(job, person)
    if job.refused == person.key:
        found.append(Refusal("customer"))
    if job.past:
        found = [refusal for refusal in found if refusal.code not in PLANNING]
    return found


def _refuse_time(job, person):
    if person.week is None:
        yield Refusal("calendar")
    away = {}
    for begin, end, kind in person.away:
        if _overlap(begin, end, job.begin, job.end):
            away[kind] = max(end, away.get(kind, end))
    if "leave" in away:
        # The leave may go on in the next row.
        until = away["leave"]
        for begin, end, kind in sorted(person.away):
            if kind == "leave" and begin <= until + timedelta(minutes=1):
                until = max(until, end)
        yield Refusal("leave", {"until": until})
    elif "holiday" in away:
        yield Refusal("holiday")
    elif person.week is not None and not works(job, person):
        day = person.local(job.begin).date()
        yield Refusal("hours", {"spans": person.week.of_day(day)})
    for begin, end in sorted(person.visits):
        if _overlap(begin, end, job.begin, job.end):
            yield Refusal("visit", {"begin": begin, "end": end})
        elif _overlap(begin - job.way, end + job.way, job.begin, job.end):
            yield Refusal("way", {"begin": begin, "end": end})


def _refuse_ability(job, person):
    if person.stars < job.stars:
        yield Refusal("grade", {"stars": person.stars, "asked": job.stars})
    if missing := job.skills - person.skills.keys():
        yield Refusal("skill", {"skills": missing})


def miss_licences(job, person):
    """Return which licences are missing or not valid on the days of the visit."""
    first, last = person.local(job.begin).date(), person.local(job.end).date()
    missing, ended = set(), {}
    for licence in job.licences:
        terms = person.licences.get(licence, [])
        if any(since <= first and last <= (till or date.max) for since, till in terms):
            continue
        over = [till for _since, till in terms if till and till < last]
        if over:
            ended[licence] = max(over)
        else:
            missing.add(licence)
    found = [Refusal("expired", {"ended": ended})] if ended else []
    return [Refusal("licence", {"licences": missing}), *found] if missing else found


def works(job, person):
    """Tell whether a visit lies in the working hours of a person, or in his duty.

    Breaks inside the visit do no harm, but it neither begins before his day does nor
    ends after it.
    """
    if person.week.flexible:
        return True
    if any(begin <= job.begin and job.end <= end for begin, end in person.duties):
        return True
    begin, end = person.local(job.begin), person.local(job.end)
    first, last = _hour(begin), _hour(end)
    last_day = end.date()
    if not last:
        # Midnight belongs to the day that ends.
        last, last_day = 24.0, last_day - timedelta(days=1)
    opening = person.week.of_day(begin.date())
    closing = person.week.of_day(last_day)
    if not (opening and closing):
        return False
    if first < min(opening)[0] - HALF_MINUTE:
        return False
    if last > max(stop for _start, stop in closing) + HALF_MINUTE:
        return False
    if begin.date() != last_day:
        return first < max(stop for _start, stop in opening) and last > min(closing)[0]
    return any(start < last and stop > first for start, stop in opening)


# ---------------------------------------------------------------------- score
def rate(job, person, weights):
    """Return the score of a person in parts.

    :param weights: dict ``{part: points at best}``
    :return: dict ``{part: points}``, the parts that are 0 left out
    """
    shares = {
        "preference": float(job.preferred == person.key),
        "zone": float(job.zone in person.zones) if job.zone else 0.0,
        "unit": float(person.served),
        "skill": _mastery(job, person),
        "grade": person.stars / 5,
        "load": _free_share(job, person),
        "rating": ((person.rating or 3.0) - 1) / 4,
        "licence": -1.0 if miss_licences(job, person) else 0.0,
    }
    points = {part: round(shares[part] * weights.get(part, 0), 1) for part in PARTS}
    return {part: value for part, value in points.items() if value}


def _mastery(job, person):
    if not job.skills:
        return 0.0
    return sum(person.skills.get(skill, 0.0) for skill in job.skills) / len(job.skills)


def _free_share(job, person):
    """Return how much of the working day no visit takes yet, between 0 and 1."""
    day = person.local(job.begin).date()
    spans = person.week.of_day(day) if person.week else []
    length = sum(stop - start for start, stop in spans) or USUAL_DAY
    return max(0.0, 1 - load(job, person) / length)


def load(job, person):
    """Return the hours of the other visits that begin on the day of a visit."""
    day = person.local(job.begin).date()
    return sum(
        (end - begin).total_seconds() / 3600
        for begin, end in person.visits
        if person.local(begin).date() == day
    )


def rank(verdicts):
    """Sort: those who can go first, then by score, then by name.

    :param verdicts: dicts with ``refusals``, ``score`` and ``name``
    """
    return sorted(verdicts, key=lambda v: (bool(v["refusals"]), -v["score"], v["name"]))


def _overlap(begin, end, other_begin, other_end):
    return begin < other_end and end > other_begin


def _hour(moment):
    return moment.hour + moment.minute / 60 + moment.second / 3600
