"""Whether something is covered and until when: plain arithmetic, no database.

A warranty ends at the end of its last day. A period counted in months or years
ends on the day of the month on which it began, or on the last day of a shorter
month; the first day is not counted (Civil Code of the PRC, art. 201–203).
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

TERMS = ("policy", "replacement")
# The order in which promises are asked, and so which one pays when several could.
SOURCES = ("replacement", "policy", "extension", "repair", "contract")
# Of several refusals the one that came nearest to cover explains best.
NEARNESS = (
    "no_proof",
    "clearance",
    "third_party",
    "usage",
    "visits",
    "hours",
    "kind",
    "expired",
    "not_started",
    "component",
)


def last_day(start, duration, unit):
    """Return the last covered day of a term.

    :param date start: day on which the term begins
    :param int duration: how many units; 0 covers nothing
    :param str unit: day, month or year
    :return: date, or None when the term covers no day
    """
    if duration <= 0:
        return None
    return start + relativedelta(**{f"{unit}s": duration})


def prolong(end, days):
    """Return a last day after days in repair were added back to the term."""
    return end + timedelta(days=days)


@dataclass
class Pool:
    """What is left of a contract: visits and hours, None where it knows no limit.

    :param visits: visits left
    :param hours: hours of labour left
    :param visitors: keys of the tickets that have taken a visit already
    """

    visits: float | None = None
    hours: float | None = None
    visitors: set = field(default_factory=set)

    def refusal(self, work):
        """Return ``visits`` or ``hours`` when the work finds nothing left."""
        if (
            self.visits is not None
            and work.ticket not in self.visitors
            and self.visits < 1
        ):
            return "visits"
        if (
            self.hours is not None
            and work.kind == "labour"
            and self.hours < work.quantity
        ):
            return "hours"
        return None

    def take(self, work):
        """Count the work as used; a ticket takes one visit, whatever its lines."""
        if self.visits is not None and work.ticket not in self.visitors:
            self.visits -= 1
        self.visitors.add(work.ticket)
        if self.hours is not None and work.kind == "labour":
            self.hours -= work.quantity


@dataclass(frozen=True)
class Cover:
    """One promise for one unit.

    :param key: what names it outside
    :param str source: policy, replacement, extension, repair or contract
    :param frozenset kinds: what it pays for: labour, part, travel
    :param component: group of the unit it is for; None for no group
    :param product: the very product it is for, else None
    """

    key: object
    source: str
    date_start: date
    date_end: date
    kinds: frozenset
    component: object = None
    product: object = None
    needs_proof: bool = False
    usage_limit: float = 0.0
    usage_unit: str | None = None
    pool: Pool | None = None


@dataclass(frozen=True)
class Unit:
    """What is known of the unit."""

    covers: tuple = ()
    in_use: bool = True
    proven: bool = True
    clearance: bool = False
    third_party: bool = False
    usage: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Work:
    """What is to be done, and what was found.

    :param str kind: labour, part, travel or fee
    :param date day: day of the work where the unit stands
    :param tuple path: component groups from the whole unit to the one concerned;
        empty means the whole unit
    :param product: key of the part
    :param ticket: key of the ticket, which takes one visit of a contract
    :param bool excluded: something was found that voids the warranty (R15)
    :param bool voids_contract: and contracts, too
    :param bool mismatch: serial or model is not that of the voucher (R16)
    :param dict usage: readings when the fault was reported, where they are known
    """

    kind: str
    day: date
    path: tuple = ()
    product: object = None
    quantity: float = 1.0
    ticket: object = None
    excluded: bool = False
    voids_contract: bool = False
    mismatch: bool = False
    usage: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """The answer: which cover pays, or which rule says why none does."""

    code: str
    cover: Cover | None = None

    @property
    def covered(self):
        return self.code == "covered"


def decide(unit, work, roots=frozenset()):
    """Decide who pays for one piece of work.

    A cover of a contract counts the work in its pool.

    :param Unit unit: the unit and its promises
    :param Work work: what is to be done
    :param roots: component groups that stand for a whole unit
    :return: :class:`Decision`
    """
    if not unit.in_use:
        return Decision("returned")
    if work.mismatch:
        return Decision("mismatch")
    if work.kind == "fee":
        return Decision("fee")
    refusals = []
    for cover in _candidates(unit.covers, work, roots):
        code = _refusal(cover, unit, work)
        if code is None:
            if cover.pool:
                cover.pool.take(work)
            return Decision("covered", cover)
        refusals.append(Decision(code, cover))
    if work.excluded:
        return Decision("excluded")
    if not refusals:
        return Decision(_without_candidate(unit))
    return min(refusals, key=lambda decision: NEARNESS.index(decision.code))


def _without_candidate(unit):
    if unit.third_party:
        return "third_party"
    return "component" if unit.covers else "no_terms"


def _candidates(covers, work, roots):
    """Return the promises for the work, in the order they are asked.

    Of the terms of a policy only those of the most specific group speak: a battery
    with three months of its own does not live on the machine's twelve. An extension
    of the machine does not bring it back either, unless it names the battery.
    """
    depths = {component: depth for depth, component in enumerate(work.path, start=1)}
    if not work.path:
        depths = dict.fromkeys(roots, 1)
    matching = [
        (depths.get(cover.component, 0), cover)
        for cover in covers
        if _concerns(cover, work, depths)
    ]
    terms = [(depth, cover) for depth, cover in matching if cover.source in TERMS]
    deepest = max((depth for depth, _cover in terms), default=0)
    specific = [cover for depth, cover in terms if depth == deepest]
    general = {cover.component: cover for _depth, cover in terms}
    chosen = list(specific)
    for depth, cover in matching:
        if cover.source in TERMS:
            continue
        if cover.source == "extension" and depth < deepest:
            term = general.get(cover.component)
            if term and all(own.date_end < term.date_end for own in specific):
                continue
        chosen.append(cover)
    return sorted(
        chosen,
        key=lambda cover: (SOURCES.index(cover.source), -cover.date_end.toordinal()),
    )


def _concerns(cover, work, components):
    """Tell whether a promise is for the work at all.

    The guarantee of a repaired part is for that part, not for others of its group.
    """
    if cover.product is not None and work.kind == "part":
        return cover.product == work.product
    return cover.component in components


def _refusal(cover, unit, work):
    """Return the code of the rule by which a promise does not pay, or None."""
    contract = cover.source == "contract"
    if not cover.kinds:
        return "component"
    if work.day > cover.date_end:
        return "expired"
    if work.day < cover.date_start:
        return "not_started"
    if work.kind not in cover.kinds:
        return "kind"
    if work.excluded and (work.voids_contract or not contract):
        # The finding itself is the answer, see decide.
        return "component"
    if not contract and unit.third_party:
        return "third_party"
    if not contract and unit.clearance:
        return "clearance"
    usage = work.usage.get(cover.usage_unit) or unit.usage.get(cover.usage_unit, 0)
    if cover.usage_limit and usage > cover.usage_limit:
        return "usage"
    if cover.pool and (refusal := cover.pool.refusal(work)):
        return refusal
    if cover.needs_proof and not unit.proven:
        return "no_proof"
    return None
