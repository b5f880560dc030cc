from collections import defaultdict
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.fields import Domain

from ..tools.figures import value_of


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


class AftersalesMeasure(models.AbstractModel):
    """The measures of the department, each defined once (``market.md`` section 5).

    The dashboard, the reports and the lists behind each number count by the same
    domains: a number and the rows it opens cannot differ.
    """

    _name = "aftersales.measure"
    _description = "Measures of After-Sales"

    @api.model
    def _get_names(self):
        """Return the names of the measures, in the order they are shown."""
        return list(MEASURES)

    @api.model
    def _get_title(self, name):
        """Return the name of a measure for people."""
        return {
            "first_fix": self.env._("First-Time Fix"),
            "repeat": self.env._("Repeat Repairs (%)"),
            "mttr": self.env._("Mean Time to Repair (h)"),
            "promise": self.env._("Promises Kept (%)"),
            "csat": self.env._("Customer Satisfaction"),
            "nps": self.env._("Net Promoter Score"),
            "response": self.env._("Answers to Cards"),
            "complaint_ticket": self.env._("Complaints per Ticket"),
            "complaint_unit": self.env._("Complaints per Delivered Unit"),
            "registered": self.env._("Tickets Registered"),
            "solved": self.env._("Tickets Solved"),
            "visits": self.env._("Visits Made"),
            "warranty_cost": self.env._("Warranty Cost"),
            "warranty_parts": self.env._("Warranty Parts"),
        }[name]

    @api.model
    def _get_definition(self, name):
        """Say how a measure is counted, for people."""
        return {
            "first_fix": self.env._(
                "Tickets solved by their first visit, not reopened and with nothing "
                "new for the unit in the days after, out of the first visits whose "
                "days to look back are over."
            ),
            "repeat": self.env._(
                "Solving visits after which the unit needed us again in the days to "
                "look back, out of those whose days are over."
            ),
            "mttr": self.env._(
                "Mean hours from the call to the solution, day and night and with "
                "all waiting, of the tickets solved; a reopened ticket counts with "
                "its last solution."
            ),
            "promise": self.env._(
                "Tickets solved with every promised time kept, out of the solved "
                "tickets with a promise. Open tickets are not in it."
            ),
            "csat": self.env._("Answers of 4 or 5 out of 5, through the answers."),
            "nps": self.env._(
                "Share of those who recommend us with 9 or 10, less the share of 0 to "
                "6, from -100 to 100."
            ),
            "response": self.env._("Answers through the cards that went out."),
            "complaint_ticket": self.env._(
                "Complaints received and not found void, through the tickets "
                "registered."
            ),
            "complaint_unit": self.env._(
                "Complaints received and not found void, through the units delivered."
            ),
            "registered": self.env._("Calls registered, without merged ones."),
            "solved": self.env._("Tickets whose work was done, of customers."),
            "visits": self.env._("Visits that were finished."),
            "warranty_cost": self.env._(
                "Our cost of labour, parts and travel under warranty, by the machine."
            ),
            "warranty_parts": self.env._(
                "Cost of the parts used under warranty, by who sells them to us."
            ),
        }[name]

    # ------------------------------------------------------------
    # ROWS
    # ------------------------------------------------------------

    @api.model
    def _get_rows_domain(self, source, company, start, end, team=None, split=None):
        """Return the domain of the rows of a source in some days.

        :param date start: first day
        :param date end: last day
        :param team: rows of one team, all when empty
        :param split: id of a product or supplier, False for none, None for all
        """
        field = self.env[source.model]._fields[source.date]
        if field.type == "date":
            first, last = start, end + relativedelta(days=1)
        else:
            first = company._aftersales_day_bounds(start)[0]
            last = company._aftersales_day_bounds(end)[1]
        domain = (
            Domain(source.company, "=", company.id)
            & Domain(source.date, ">=", first)
            & Domain(source.date, "<", last)
            & Domain(list(source.domain))
        )
        for name, values in source.where:
            domain &= Domain(name, "in", values)
        if team:
            domain &= Domain(source.team, "=", team.id) if source.team else Domain.FALSE
        if split is not None and source.split:
            domain &= Domain(source.split, "=", split)
        return domain

    @api.model
    def _count(self, sources, company, start, end, team=None):
        """Count some sources in some days, in as few queries as possible.

        :param sources: set of :class:`Source`
        :return: dict ``{source: {(team id, split id): amount}}``
        """
        together = defaultdict(list)
        for source in sources:
            together[source._replace(where=(), amount="")].append(source)
        counts = {}
        for base, parts in together.items():
            # Figures are of the whole company; the rows themselves are not shown here.
            Model = self.env[base.model].sudo().with_context(active_test=False)
            facets = sorted({name for part in parts for name, _values in part.where})
            amounts = sorted({part.amount for part in parts if part.amount})
            keys = [name for name in (base.team, base.split) if name]
            rows = Model._read_group(
                self._get_rows_domain(base, company, start, end, team),
                [*keys, *facets],
                ["__count", *(f"{amount}:sum" for amount in amounts)],
            )
            for part in parts:
                counts[part] = self._pick(part, rows, len(keys), facets, amounts)
        return counts

    @api.model
    def _pick(self, source, rows, width, facets, amounts):
        """Return ``{(team id, split id): amount}`` of one source out of shared rows.

        :param rows: keys, facets, count and sums of each group
        :param int width: how many keys there are
        """
        wanted = {facets.index(name): set(values) for name, values in source.where}
        place = amounts.index(source.amount) + 1 if source.amount else 0
        first = width + len(facets)
        found = defaultdict(float)
        for row in rows:
            if all(row[width + at] in values for at, values in wanted.items()):
                keys = [record.id for record in row[:width]]
                team_id = keys.pop(0) if source.team else False
                split_id = keys.pop(0) if source.split else False
                found[team_id, split_id] += float(row[first + place] or 0.0)
        return found

    @api.model
    def _get_sources(self, names):
        """Return the sources of some measures."""
        sources = set()
        for name in names:
            measure = MEASURES[name]
            sources.update(source for source, _weight in measure.numerator)
            if measure.denominator:
                sources.add(measure.denominator)
        return sources

    @api.model
    def _count_month(self, company, month):
        """Return ``{(measure, team, product, supplier): (numerator, denominator)}``.

        :param date month: its first day
        """
        end = month + relativedelta(months=1, days=-1)
        counts = self._count(self._get_sources(MEASURES), company, month, end)
        figures = {}
        for name, measure in MEASURES.items():
            parts = [(source, weight, 0) for source, weight in measure.numerator]
            if measure.denominator:
                parts.append((measure.denominator, 1, 1))
            for source, weight, place in parts:
                for (team_id, split_id), amount in counts[source].items():
                    key = (
                        name,
                        team_id,
                        split_id if source.split_to == "product_id" else False,
                        split_id if source.split_to == "supplier_id" else False,
                    )
                    figures.setdefault(key, [0.0, 0.0])[place] += weight * amount
        return {key: tuple(amounts) for key, amounts in figures.items()}

    @api.model
    def _measure(self, names, company, start, end, team=None):
        """Count measures from their rows, over any days.

        :param names: of measures
        :return: dict ``{name: (value, numerator, denominator)}``
        """
        counts = self._count(self._get_sources(names), company, start, end, team)
        result = {}
        for name in names:
            measure = MEASURES[name]
            up = sum(
                weight * sum(counts[source].values())
                for source, weight in measure.numerator
            )
            down = 0.0
            if measure.denominator:
                down = sum(counts[measure.denominator].values())
            result[name] = (value_of(measure.unit, up, down), up, down)
        return result
