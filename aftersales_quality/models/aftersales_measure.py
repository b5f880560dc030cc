from collections import defaultdict

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.fields import Domain

from ..tools.figures import value_of
from ..tools.measures import MEASURES


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
