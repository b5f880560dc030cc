"""Which steps of escalation a ticket takes, and when (R09)."""

from dataclasses import dataclass
from datetime import timedelta

# Clock of a step: (field of its warning, of its deadline, of its stop, of its pause).
MOMENTS = {
    "registered": ("date_open", "date_open", None, None),
    "respond": (
        "respond_warning",
        "respond_deadline",
        "respond_date",
        "respond_hold",
    ),
    "arrive": ("arrive_warning", "arrive_deadline", "arrive_date", "arrive_hold"),
    "solve": ("solve_warning", "solve_deadline", "done_date", "solve_hold"),
    "promise": ("promised_date", "promised_date", None, None),
}


@dataclass(frozen=True)
class Step:
    """One step, without the database. A condition that is empty fits every ticket.

    :param int delay: minutes after the moment of the clock
    """

    key: int
    clock: str
    moment: str
    delay: int = 0
    company: int = 0
    team: int = 0
    zone: int = 0
    priority: str = ""
    severity: str = ""
    service_kind: str = ""


def get_facts(ticket):
    """Return what the conditions of steps are about."""
    return (
        ticket.company_id.id,
        ticket.team_id.id,
        ticket.zone_id.id,
        ticket.priority or "0",
        ticket.severity,
        ticket.service_kind,
    )


def applies(step, facts):
    """Tell whether a step speaks of tickets with these facts."""
    company, team, zone, priority, severity, service_kind = facts
    return (
        step.company in (0, company)
        and step.team in (0, team)
        and step.zone in (0, zone)
        and step.priority <= priority
        and step.severity in ("", severity)
        and step.service_kind in ("", service_kind)
    )


def deadline_of(step, ticket):
    """Return the moment that a step counts from, or None when its clock does not run.

    A clock that stopped, or stands still, escalates nothing.
    """
    warning, deadline, stop, hold = MOMENTS[step.clock]
    if (stop and ticket[stop]) or (hold and ticket[hold]):
        return None
    return ticket[warning if step.moment == "warning" else deadline] or None


def get_ladder(steps, ticket, known):
    """Return ``[(step, when)]`` of the steps that a ticket takes as things are.

    :param dict known: steps by facts, shared by the tickets of a batch
    """
    facts = get_facts(ticket)
    if facts not in known:
        known[facts] = [step for step in steps if applies(step, facts)]
    moments, ladder = {}, []
    for step in known[facts]:
        key = (step.clock, step.moment)
        if key not in moments:
            moments[key] = deadline_of(step, ticket)
        if moment := moments[key]:
            ladder.append((step, moment + timedelta(minutes=step.delay)))
    return ladder
