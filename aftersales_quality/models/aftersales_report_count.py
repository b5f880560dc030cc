from datetime import datetime

from odoo import api, fields, models
from odoo.fields import Command, Domain

from odoo.addons.aftersales_service.models.rating_rating import ITEMS

from ..tools.figures import satisfaction, value_of
from ..tools.measures import ANSWERS, CARDS, COMPLAINTS, MEASURES, VISITS
from ..tools.period import months_of
from ..tools.report_book import Table

# Rows of a table on paper; all of them are in the workbook.
PRINTED_ROWS = 200
RATE = ("complaint_ticket", "complaint_unit")
CARD = ("csat", "nps", "response")
SUMMARY = (
    "registered",
    "solved",
    "visits",
    "first_fix",
    "repeat",
    "mttr",
    "promise",
    *CARD,
    *RATE,
    "warranty_cost",
)
FIGURES = {
    "complaint_rate": RATE,
    "satisfaction_half": CARD,
    "satisfaction_year": CARD,
    "summary_month": SUMMARY,
    "summary_year": SUMMARY,
}


class AftersalesReportRun(models.Model):
    """What stands in a report: its figures, and the tables behind them."""

    _inherit = "aftersales.report.run"

    def _count(self):
        """Count the figures of the period from their rows; called under sudo."""
        for run in self:
            found = self.env["aftersales.measure"]._measure(
                FIGURES[run.kind], run.company_id, run.period_start, run.period_end
            )
            run.figure_ids = [
                Command.clear(),
                *(
                    Command.create(
                        {
                            "sequence": sequence,
                            "measure": name,
                            "value": value or 0.0,
                            "has_value": value is not None,
                            "numerator": up,
                            "denominator": down,
                        }
                    )
                    for sequence, (name, (value, up, down)) in enumerate(found.items())
                ),
            ]

    def _get_figure_table(self):
        """Return the figures as the first table of the workbook."""
        self.ensure_one()
        return Table(
            self.env._("Figures"),
            (
                self.env._("Measure"),
                self.env._("Value"),
                self.env._("Counted"),
                self.env._("Out of"),
                self.env._("How It Is Counted"),
            ),
            [
                (
                    figure.title,
                    round(figure.value, 2) if figure.has_value else "–",
                    figure.numerator,
                    figure.denominator if MEASURES[figure.measure].denominator else "",
                    figure.definition,
                )
                for figure in self.figure_ids
            ],
        )

    def _get_tables(self):
        """Return the tables behind the figures, by the kind of report (hook).

        Called for the whole company, under sudo.
        """
        self.ensure_one()
        if self.kind == "complaint_rate":
            return [self._get_complaint_table()]
        if self.kind in ("satisfaction_half", "satisfaction_year"):
            return [
                self._get_item_table(),
                self._get_card_table(
                    self.env._("Technicians"), "aftersales_technician_id"
                ),
                self._get_card_table(self.env._("Teams"), "aftersales_team_id"),
            ]
        if self.kind == "summary_month":
            return [self._get_slip_table(), self._get_complaint_table()]
        return [self._get_month_table(), self._get_complaint_table()]

    def _get_printed_tables(self):
        """Return the tables for the page, as texts; long ones with their first rows."""
        self.ensure_one()
        tables = []
        for table in self._get_tables():
            rows = [[self._write_out(value) for value in row] for row in table.rows]
            more = len(rows) - PRINTED_ROWS
            if more > 0:
                rest = self.env._("… and %s more in the workbook", more)
                rows = [*rows[:PRINTED_ROWS], [rest]]
            tables.append(table._replace(rows=rows))
        return tables

    @api.model
    def _write_out(self, value):
        """Return a value of a table as a text."""
        if isinstance(value, datetime):
            return f"{value:%Y-%m-%d %H:%M}"
        if isinstance(value, float):
            return f"{value:,.2f}"
        return "" if value is None or value is False else str(value)

    def _get_rows(self, source):
        """Return the model and domain of the rows of a source in the period."""
        self.ensure_one()
        domain = self.env["aftersales.measure"]._get_rows_domain(
            source, self.company_id, self.period_start, self.period_end
        )
        return self.env[source.model].with_context(active_test=False), domain

    @api.model
    def _say(self, record, name):
        """Return a value of a record for a table."""
        field, value = record._fields[name], record[name]
        if field.type == "datetime":
            local = value and fields.Datetime.context_timestamp(record, value)
            return local.replace(tzinfo=None) if local else ""
        if field.type == "many2one":
            return value.display_name or ""
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, "")
        return value

    def _get_list_table(self, title, records, names):
        """Return a table of records.

        :param names: of the fields that are its columns
        """
        titles = records.fields_get(names, ["string"])
        return Table(
            title,
            [titles[name]["string"] for name in names],
            [[self._say(record, name) for name in names] for record in records],
        )

    # ------------------------------------------------------------
    # TABLES
    # ------------------------------------------------------------

    def _get_complaint_table(self):
        """Return every complaint of the period with who answers for it (R62).

        Those found void are in it, too: they do not count in the rate.
        """
        Complaint, domain = self._get_rows(COMPLAINTS._replace(domain=()))
        return self._get_list_table(
            self.env._("Complaints"),
            Complaint.search(domain, order="date, id"),
            [
                "name",
                "date",
                "partner_id",
                "kind",
                "severity",
                "ticket_id",
                "product_id",
                "department_id",
                "responsible_id",
                "cause_id",
                "state",
            ],
        )

    def _get_slip_table(self):
        """Return the service slips of the month: the bundle for the management."""
        Report, domain = self._get_rows(VISITS)
        domain &= Domain("state", "=", "done")
        visits = Report.search(domain, order="date, id").dispatch_id
        return self._get_list_table(
            self.env._("Service Slips"),
            visits,
            [
                "name",
                "finish_date",
                "ticket_id",
                "partner_id",
                "product_id",
                "technician_id",
                "result",
                "work_hours",
                "travel_hours",
                "signed_by",
                "customer_opinion",
            ],
        )

    def _get_item_table(self):
        """Return how often each mark was given, item by item."""
        Rating, domain = self._get_rows(ANSWERS)
        levels = Rating._get_level_titles()
        titles = Rating._get_item_titles()
        rows = []
        for item, field in ITEMS.items():
            counts = dict(Rating._read_group(domain, [field], ["__count"]))
            total = sum(counts.values())
            content = counts.get("4", 0) + counts.get("3", 0)
            marks = sum(int(level) * count for level, count in counts.items() if level)
            rows.append(
                (
                    titles[item],
                    *(counts.get(level, 0) for level, _title in levels),
                    total,
                    round(marks / total, 2) if total else "–",
                    self._round(value_of("percent", content, total)),
                )
            )
        return Table(
            self.env._("Items of the Card"),
            (
                self.env._("Item"),
                *(title for _level, title in levels),
                self.env._("Answers"),
                self.env._("Mean of 1 to 4"),
                self.env._("Satisfied (%)"),
            ),
            rows,
        )

    @api.model
    def _round(self, value):
        return "–" if value is None else round(value, 1)

    def _get_card_table(self, title, field):
        """Return cards and answers by technician or team.

        :param str field: of the card, by which they are told apart
        """
        Rating, domain = self._get_rows(CARDS)
        sent = dict(Rating._read_group(domain, [field], ["__count"]))
        Rating, domain = self._get_rows(ANSWERS)
        answers = {
            key: (marks, bad)
            for key, marks, bad in Rating._read_group(
                domain, [field], ["rating:array_agg", "aftersales_alarm:array_agg"]
            )
        }
        rows = []
        for key in sorted({*sent, *answers}, key=lambda key: key.display_name or ""):
            marks, alarms = answers.get(key, ((), ()))
            rows.append(
                (
                    key.display_name or self.env._("Not stated"),
                    sent.get(key, 0),
                    len(marks),
                    round(sum(marks) / len(marks), 2) if marks else "–",
                    self._round(satisfaction(marks)),
                    sum(bool(alarm) for alarm in alarms),
                )
            )
        return Table(
            title,
            (
                self.env._("Name"),
                self.env._("Cards Sent"),
                self.env._("Answers"),
                self.env._("Mean of 1 to 5"),
                self.env._("Satisfied (%)"),
                self.env._("Bad Marks"),
            ),
            rows,
        )

    def _get_month_table(self):
        """Return the measures month by month."""
        Measures = self.env["aftersales.measure"]
        rows = []
        for month in months_of(self.period_start, self.period_end):
            found = Measures._measure(
                SUMMARY,
                self.company_id,
                month,
                fields.Date.end_of(month, "month"),
            )
            rows.append(
                (f"{month:%Y-%m}", *(self._round(found[name][0]) for name in SUMMARY))
            )
        return Table(
            self.env._("By Month"),
            (self.env._("Month"), *(Measures._get_title(name) for name in SUMMARY)),
            rows,
        )
