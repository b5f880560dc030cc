"""What each measure of the department counts (``market.md`` section 5)."""

from typing import NamedTuple


class Source(NamedTuple):
    """Rows that are counted: of which model, by which day, of which team."""

    model: str
    date: str
    domain: tuple = ()
    company: str = "company_id"
    team: str | None = "team_id"
    # Of these only those with one of some values: (field, values) pairs. Sources that
    # differ in nothing else are counted together.
    where: tuple = ()
    # What is added up, the rows themselves when empty.
    amount: str = ""
    # Field by which it is split, and the figure's field that names it.
    split: str = ""
    split_to: str = ""


class Measure(NamedTuple):
    """What a measure counts, and out of what."""

    unit: str  # percent, score, hours, money or count
    numerator: tuple  # (Source, weight) pairs
    denominator: Source | None = None
    # Whether more is better, worse, or neither.
    good: int = 0


REAL = (("state", "!=", "cancelled"), ("duplicate_of_id", "=", False))
SERVED = (*REAL, ("service_kind", "!=", "internal"))

REGISTERED = Source("aftersales.ticket", "date_open", REAL)
SOLVED = Source(
    "aftersales.ticket", "done_date", (*SERVED, ("state", "in", ("solved", "closed")))
)
PROMISED = SOLVED._replace(where=(("sla_state", ("met", "missed")),))
VISITS = Source("aftersales.dispatch.report", "date", ())
JUDGED = VISITS._replace(where=(("fix_state", ("fixed", "not_fixed")),))
WATCHED = VISITS._replace(where=(("repeat_state", ("again", "stayed")),))
CARDS = Source(
    "rating.rating",
    "aftersales_send_date",
    (
        ("res_model", "=", "aftersales.dispatch"),
        "|",
        "|",
        ("consumed", "=", True),
        ("aftersales_sent_date", "!=", False),
        ("aftersales_unsent", "!=", False),
    ),
    company="aftersales_company_id",
    team="aftersales_team_id",
)
ANSWERS = CARDS._replace(
    date="rated_on",
    domain=(("res_model", "=", "aftersales.dispatch"), ("consumed", "=", True)),
)
MARKS = tuple(str(mark) for mark in range(11))
RECOMMENDED = ANSWERS._replace(where=(("aftersales_recommend", MARKS),))
COMPLAINTS = Source("aftersales.complaint", "date", (("state", "!=", "rejected"),))
DELIVERED = Source("aftersales.equipment", "delivery_date", (), team=None)
COSTS = Source(
    "aftersales.ticket.line",
    "date_done",
    (("state", "=", "used"), ("coverage", "=", "warranty")),
    team="figure_team_id",
    amount="cost_total",
    split="figure_product_id",
    split_to="product_id",
)
PARTS = Source(
    "aftersales.cost.report",
    "date",
    (("coverage", "=", "warranty"),),
    amount="cost",
    split="supplier_id",
    split_to="supplier_id",
)


def _part(source, field, *values):
    """Return the rows of a source with one of some values."""
    others = (pair for pair in source.where if pair[0] != field)
    return source._replace(where=(*others, (field, values)))


MEASURES = {
    "first_fix": Measure(
        "percent", ((_part(JUDGED, "fix_state", "fixed"), 1),), JUDGED, 1
    ),
    "repeat": Measure(
        "percent", ((_part(WATCHED, "repeat_state", "again"), 1),), WATCHED, -1
    ),
    "mttr": Measure(
        "hours", ((SOLVED._replace(amount="repair_hours"), 1),), SOLVED, -1
    ),
    "promise": Measure(
        "percent", ((_part(PROMISED, "sla_state", "met"), 1),), PROMISED, 1
    ),
    "csat": Measure(
        "percent",
        ((ANSWERS._replace(domain=(*ANSWERS.domain, ("rating", ">=", 4))), 1),),
        ANSWERS,
        1,
    ),
    "nps": Measure(
        "score",
        (
            (_part(RECOMMENDED, "aftersales_recommend", *MARKS[9:]), 1),
            (_part(RECOMMENDED, "aftersales_recommend", *MARKS[:7]), -1),
        ),
        RECOMMENDED,
        1,
    ),
    "response": Measure("percent", ((_part(CARDS, "consumed", True), 1),), CARDS, 1),
    "complaint_ticket": Measure("percent", ((COMPLAINTS, 1),), REGISTERED, -1),
    "complaint_unit": Measure(
        "percent", ((COMPLAINTS._replace(team=None), 1),), DELIVERED, -1
    ),
    "registered": Measure("count", ((REGISTERED, 1),)),
    "solved": Measure("count", ((SOLVED, 1),)),
    "visits": Measure("count", ((_part(VISITS, "state", "done"), 1),)),
    "warranty_cost": Measure("money", ((COSTS, 1),), None, -1),
    "warranty_parts": Measure("money", ((PARTS, 1),), None, -1),
}
