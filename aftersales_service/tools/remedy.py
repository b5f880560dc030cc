"""Which right a customer has: counting days, repairs and parts, no database.

The day on which a period begins is not counted (Civil Code of the PRC, art. 201):
what came in on Monday has been in repair for one day on Tuesday.
"""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_SECONDS = 86400
UTC = ZoneInfo("UTC")
# Triggers whose value grows with time alone.
CLOCKS = ("days_in_repair", "total_days_in_repair", "days_waiting_parts", "days_to_fix")


# ----------------------------------------------------------------------
# Facts
# ----------------------------------------------------------------------


@dataclass(frozen=True)
class Stop:
    """A time in which somebody's item lay with us without being our turn.

    :param datetime end: None while it lasts
    :param reason: key of the reason
    """

    begin: datetime
    end: datetime | None
    reason: object


@dataclass(frozen=True)
class Stay:
    """One stay of an item in our hands; ``end`` is None while it is here."""

    key: object
    ticket: object
    begin: datetime
    end: datetime | None = None
    stops: tuple = ()


@dataclass(frozen=True)
class Repair:
    """What is known of one ticket of the unit, for counting.

    :param tuple order: sorts the tickets by when the fault was reported
    :param date day: day of the report where the unit stands
    :param tuple path: component groups down to the faulty one; none: the whole unit
    :param int rounds: how often it was repaired
    :param bool solved: the fault has not come back since
    :param bool excluded: something was found that voids the warranty
    """

    ticket: object
    order: tuple
    day: date
    path: tuple = ()
    severity: str = "general"
    rounds: int = 0
    solved: bool = False
    excluded: bool = False


@dataclass(frozen=True)
class Part:
    """A part that was built in on a ticket."""

    ticket: object
    path: tuple
    product: object = None


@dataclass(frozen=True)
class Rule:
    """One row of a law; see the model for the meaning of the fields."""

    key: object
    trigger: str
    threshold: float
    unit: str = "day"
    comparison: str = "over"
    company: object = None
    country: object = None
    state: object = None
    product_class: object = None
    date_from: date | None = None
    date_to: date | None = None
    counts_from: str = "invoice"
    in_term: bool = True
    needs_fault: bool = True
    on_request: bool = False
    needs_report: bool = False
    needs_part: bool = False
    void_by_exclusion: bool = True
    severity: str | None = None
    components: frozenset = frozenset()
    except_components: frozenset = frozenset()
    whole_unit: bool = True
    busy_season_only: bool = False
    window_days: int = 0
    usage_limit: float = 0.0
    usage_unit: str | None = None
    recurrence: bool = True
    count_by: str = "part"
    excluded: frozenset = frozenset()
    needed: frozenset = frozenset()
    yields_to: frozenset = frozenset()
    after: frozenset = frozenset()
    remedy: str = ""


@dataclass(frozen=True)
class Case:
    """Everything about one ticket and its unit that a rule may ask.

    :param Repair own: the ticket itself
    :param faults: ``{ticket: key of the fault}``, see :func:`group_faults`
    :param given: ``(rule, ticket)`` of remedies that were carried out
    :param seasons: ``((month, day), (month, day))`` of the busy seasons
    """

    own: Repair
    now: datetime
    zone: ZoneInfo
    reported: datetime
    sale_days: dict
    solved: datetime | None = None
    in_term: bool = True
    performance_fault: bool = True
    return_wanted: bool = False
    has_report: bool = False
    usage: dict = field(default_factory=dict)
    repairs: tuple = ()
    faults: dict = field(default_factory=dict)
    parts: tuple = ()
    planned_parts: tuple = ()
    stays: tuple = ()
    given: tuple = ()
    seasons: tuple = ()
    works: Callable = field(default=lambda day: day.weekday() < 5)

    @property
    def fault(self):
        return self.faults.get(self.own.ticket, self.own.ticket)


@dataclass(frozen=True)
class Finding:
    """How far a rule is from giving a right.

    :param float value: what was counted
    :param bool met: the right exists
    :param str key: what gives the right; one right per key is open at a time
    :param int occurrence: which time it is; a refused right may arise once more
    :param check: when the value may have reached the threshold by time alone
    :param part: component group or product that was counted, as ``(kind, key)``
    """

    value: float
    met: bool
    key: str
    occurrence: int
    check: datetime | None = None
    part: tuple | None = None


# ----------------------------------------------------------------------
# Counting
# ----------------------------------------------------------------------


def local_day(moment, zone):
    """Return the day it is in a zone at a moment (naive UTC)."""
    return moment.replace(tzinfo=UTC).astimezone(zone).date()


def midnight(day, zone):
    """Return the moment (naive UTC) at which a day begins in a zone."""
    local = datetime.combine(day, time.min, tzinfo=zone)
    return local.astimezone(UTC).replace(tzinfo=None)


def days_between(begin, end):
    """Yield the days after ``begin`` up to and including ``end``."""
    for number in range(1, (end - begin).days + 1):
        yield begin + timedelta(days=number)


def add_days(start, count, unit, works):
    """Return the last day of a period that begins on ``start``.

    :param str unit: day or working_day
    :param works: tells whether a day is a working day
    """
    if unit != "working_day":
        return start + timedelta(days=count)
    day = start
    # A calendar without any working day must not loop for ever.
    for _day in range(count * 15 + 30):
        if count <= 0:
            break
        day += timedelta(days=1)
        if works(day):
            count -= 1
    return day


def count_stay(stay, excluded, unit, now, zone, works):
    """Return how long a stay lasted, without the stops that do not count.

    :param excluded: reasons of the stops that do not count
    :param str unit: day (calendar), working_day, or hour_day: hours, each 24 of them
        a day and the rest one more (Order 43 of 2021, art. 40)
    """
    end = stay.end or now
    stops = _get_stops(stay, excluded, end)
    if unit == "hour_day":
        return math.ceil(_count_seconds(stay, stops, end) / DAY_SECONDS)
    days = set(days_between(local_day(stay.begin, zone), local_day(end, zone)))
    for since, to in stops:
        days -= set(days_between(local_day(since, zone), local_day(to, zone)))
    if unit == "working_day":
        return sum(1 for day in days if works(day))
    return len(days)


def _get_stops(stay, excluded, end):
    """Return begin and end of the stops that do not count."""
    return [
        (stop.begin, min(stop.end or end, end))
        for stop in stay.stops
        if stop.reason in excluded and stop.begin < end
    ]


def _count_seconds(stay, stops, end):
    seconds = (end - stay.begin).total_seconds()
    seconds -= sum((to - since).total_seconds() for since, to in stops)
    return max(seconds, 0)


def reached(value, comparison, threshold):
    """Compare as the law does: over, at_least or within."""
    if comparison == "over":
        return value > threshold
    if comparison == "at_least":
        return value >= threshold
    return value <= threshold


def nearness(value, rule):
    """Return how near a value is to its threshold, for sorting; 1 is there."""
    if reached(value, rule.comparison, rule.threshold):
        return 2.0 if rule.comparison != "within" else 1.0
    return value / (rule.threshold or 1)


def in_season(day, seasons):
    """Tell whether a day lies in a busy season; one may run over New Year."""
    this = (day.month, day.day)
    for begin, end in seasons:
        if begin <= end:
            if begin <= this <= end:
                return True
        elif this >= begin or this <= end:
            return True
    return False


def first_season_day(sale_day, seasons):
    """Return the first day on which the unit could work in season, or None."""
    if not seasons or not sale_day:
        return None
    for number in range(367):
        day = sale_day + timedelta(days=number)
        if in_season(day, seasons):
            return day
    return None


def group_faults(tickets):
    """Tell which tickets of one unit are about the same fault.

    They are when one repeats the other, or both name the same component group or the
    same entry of the fault tree as found.

    :param tickets: iterable of ``(ticket, repeats, *keys)``; a key is empty where it
        does not tell one fault from another
    :return: ``{ticket: key of the fault}``
    """
    parent = {}

    def find(node):
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    def join(one, other):
        roots = sorted((find(one), find(other)))
        parent[roots[1]] = roots[0]

    first = {}
    known = list(tickets)
    for ticket, repeats, *keys in known:
        find(ticket)
        if repeats:
            join(ticket, repeats)
        for key in filter(None, keys):
            join(ticket, first.setdefault(key, ticket))
    return {ticket: find(ticket) for ticket, *_facts in known}


# ----------------------------------------------------------------------
# Rules
# ----------------------------------------------------------------------


def in_force(rule, company, country, state, product_class, sale_days):
    """Tell whether a rule holds for a unit, by place, kind of goods and sale date."""
    for wanted, given in (
        (rule.company, company),
        (rule.country, country),
        (rule.state, state),
        (rule.product_class, product_class),
    ):
        if wanted and wanted != given:
            return False
    day = sale_days.get(rule.counts_from)
    if not (rule.date_from or rule.date_to):
        return True
    if not day:
        return False
    return (not rule.date_from or rule.date_from <= day) and (
        not rule.date_to or day <= rule.date_to
    )


def applies(rule, case):
    """Tell whether the facts of a ticket are those a rule speaks of."""
    own = case.own
    if (
        (rule.needs_fault and not case.performance_fault)
        or (rule.on_request and not case.return_wanted)
        or (rule.needs_report and not case.has_report)
        or (rule.in_term and not case.in_term)
        or (rule.void_by_exclusion and own.excluded)
    ):
        return False
    if rule.needs_part and not any(_touches(path, rule) for path in case.planned_parts):
        return False
    return (
        _fits_component(rule, own.path)
        and _fits_day(rule, case, own)
        and _fits_usage(rule, case)
    )


def evaluate(rule, case):
    """Count what a rule asks for.

    :return: :class:`Finding`, or None when the rule does not speak of the case
    """
    if not applies(rule, case):
        return None
    return COUNTERS[rule.trigger](rule, case)


def find_rights(rules, case):
    """Return ``[(rule, finding)]`` of the rules that speak of a case.

    A rule yields to those that give at least as much, when they are met.
    """
    found = [
        (rule, finding)
        for rule in rules
        if (finding := evaluate(rule, case)) is not None
    ]
    met = {rule.key for rule, finding in found if finding.met}
    return [(rule, finding) for rule, finding in found if not rule.yields_to & met]


def _touches(path, rule):
    return bool(set(path) & rule.components) if rule.components else bool(path)


def _fits_component(rule, path):
    """Tell whether a fault lies where the rule says; no path is the whole unit."""
    if not path:
        return rule.whole_unit
    named = set(path)
    if rule.components and not named & rule.components:
        return False
    return not named & rule.except_components


def _fits_day(rule, case, repair):
    """Tell whether severity and day of a report are those the rule speaks of."""
    if rule.severity and repair.severity != rule.severity:
        return False
    if rule.busy_season_only and not in_season(repair.day, case.seasons):
        return False
    if rule.window_days:
        begin = first_season_day(case.sale_days.get(rule.counts_from), case.seasons)
        return bool(begin) and 0 <= (repair.day - begin).days <= rule.window_days
    return True


def _fits_usage(rule, case):
    if not rule.usage_limit:
        return True
    return case.usage.get(rule.usage_unit, 0) <= rule.usage_limit


def _count_since_sale(rule, case):
    sale_day = case.sale_days.get(rule.counts_from)
    if not sale_day:
        return None
    value = max((case.own.day - sale_day).days, 0)
    met = reached(value, rule.comparison, rule.threshold)
    if rule.comparison == "within" and not met:
        return None
    return Finding(value, met, "sale", case.own.ticket)


def _count_repairs(rule, case, same_fault):
    value = 0
    for repair in case.repairs:
        if repair.order >= case.own.order or not _fits_day(rule, case, repair):
            continue
        if rule.void_by_exclusion and repair.excluded:
            continue
        if same_fault and case.faults.get(repair.ticket) != case.fault:
            continue
        if same_fault or _fits_component(rule, repair.path):
            value += repair.rounds
    own = case.own.rounds
    if rule.recurrence and case.own.solved:
        # The last repair has not failed so far.
        own = max(own - 1, 0)
    value += own
    key = f"fault:{case.fault}" if same_fault else "repairs"
    return Finding(value, reached(value, rule.comparison, rule.threshold), key, value)


def _count_same_fault(rule, case):
    return _count_repairs(rule, case, same_fault=True)


def _count_any_fault(rule, case):
    return _count_repairs(rule, case, same_fault=False)


def _count_parts(rule, case):
    """Count how often the same assembly or part was replaced before."""
    order = {repair.ticket: repair.order for repair in case.repairs}
    again = case.own.rounds > (1 if case.own.solved else 0)
    counted = Counter()
    for part in case.parts:
        if part.ticket == case.own.ticket:
            if rule.recurrence and not again:
                continue
        elif order.get(part.ticket, case.own.order) >= case.own.order:
            continue
        # Only what the present fault is about.
        if not part.path or not (
            part.path[-1] in case.own.path or set(case.own.path[-1:]) & set(part.path)
        ):
            continue
        if rule.count_by == "group":
            if part.path[-1] in rule.components:
                counted["component", part.path[-1]] += 1
        elif part.product and _touches(part.path, rule):
            counted["product", part.product] += 1
    if not counted:
        return None
    part, value = max(counted.items(), key=lambda item: item[1])
    return Finding(
        value,
        reached(value, rule.comparison, rule.threshold),
        f"{part[0]}:{part[1]}",
        value,
        part=part,
    )


def _count_one_stay(rule, case):
    found = [
        (count_stay(stay, rule.excluded, rule.unit, case.now, case.zone, case.works), i)
        for i, stay in enumerate(case.stays)
        if stay.ticket == case.own.ticket
        and (not rule.needed or rule.needed & {stop.reason for stop in stay.stops})
    ]
    if not found:
        return None
    value, index = max(found)
    stay = case.stays[index]
    met = reached(value, rule.comparison, rule.threshold)
    return Finding(
        value,
        met,
        f"custody:{stay.key}",
        stay.key,
        check=None if met else _get_check(rule, case, value, [stay]),
    )


def _count_all_stays(rule, case):
    own = [stay for stay in case.stays if stay.ticket == case.own.ticket]
    if not own:
        return None
    value = sum(
        count_stay(stay, rule.excluded, rule.unit, case.now, case.zone, case.works)
        for stay in case.stays
    )
    met = reached(value, rule.comparison, rule.threshold)
    return Finding(
        value,
        met,
        "stays",
        max(stay.key for stay in own),
        check=None if met else _get_check(rule, case, value, case.stays),
    )


def _get_check(rule, case, value, stays):
    """Return the first moment at which a running stay may reach the threshold."""
    running = [
        stay
        for stay in stays
        if stay.end is None
        and not any(
            stop.end is None and stop.reason in rule.excluded for stop in stay.stops
        )
    ]
    if not running:
        return None
    missing = math.ceil(rule.threshold) - value + (rule.comparison == "over")
    if rule.unit == "hour_day":
        stay = running[0]
        seconds = _count_seconds(
            stay, _get_stops(stay, rule.excluded, case.now), case.now
        )
        # The day under way was rounded up: it is over before the next one counts.
        under_way = math.ceil(seconds / DAY_SECONDS) * DAY_SECONDS - seconds
        left = under_way + (missing - 1) * DAY_SECONDS + 1
        return case.now + timedelta(seconds=left)
    today = local_day(case.now, case.zone)
    return midnight(today + timedelta(days=missing), case.zone)


def _count_days_to_fix(rule, case):
    end = case.solved or case.now
    stay = Stay(case.own.ticket, case.own.ticket, case.reported, case.solved)
    value = count_stay(stay, frozenset(), rule.unit, end, case.zone, case.works)
    met = reached(value, rule.comparison, rule.threshold)
    return Finding(
        value,
        met,
        f"call:{case.own.ticket}",
        case.own.ticket,
        check=None if met else _get_check(rule, case, value, [stay]),
    )


def _count_failed_remedies(rule, case):
    order = {repair.ticket: repair.order for repair in case.repairs}
    value = sum(
        1
        for key, ticket in case.given
        if key in rule.after
        and case.faults.get(ticket) == case.fault
        and (
            order.get(ticket, case.own.order) < case.own.order
            or (ticket == case.own.ticket and not case.own.solved and case.own.rounds)
        )
    )
    if not value:
        return None
    return Finding(
        value,
        reached(value, rule.comparison, rule.threshold),
        f"fault:{case.fault}",
        value,
    )


COUNTERS = {
    "days_since_sale": _count_since_sale,
    "same_fault_repairs": _count_same_fault,
    "repairs": _count_any_fault,
    "part_replacements": _count_parts,
    "days_in_repair": _count_one_stay,
    "days_waiting_parts": _count_one_stay,
    "total_days_in_repair": _count_all_stays,
    "days_to_fix": _count_days_to_fix,
    "remedy_failed": _count_failed_remedies,
}
