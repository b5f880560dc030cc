from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.aftersales_service.models.aftersales_daily_cron import MORNING

from ..tools.performance import Span

# Columns of a row of visits: (counted, out of).
VISITS = {"punctuality": "on_time", "promise": "in_promise"}
FIXES = {"first_fix": "first_fix", "repeat": "came_again"}
ITEMS = ("attitude", "skill", "arrival", "promise")


class AftersalesPerformanceMeasure(models.AbstractModel):
    """What is measured of a month, for all people at once (R65).

    Each measure is defined once, for its sum as for the rows behind it, and costs the
    same queries for one employee as for all of them, whatever they did.
    """

    _name = "aftersales.performance.measure"
    _description = "Measures of a Month"

    # ------------------------------------------------------------
    # MONTH
    # ------------------------------------------------------------

    @api.model
    def _get_span(self, company, month):
        """Return the span of a month, where the company works.

        :param date month: its first day
        """
        end = fields.Date.add(month, months=1)
        return Span(
            company,
            month,
            end,
            company._aftersales_day_bounds(month)[0],
            company._aftersales_day_bounds(end)[0],
        )

    @api.model
    def _within(self, field, span):
        """Return the domain of moments within the month."""
        return Domain(field, ">=", span.begin_time) & Domain(field, "<", span.end_time)

    # ------------------------------------------------------------
    # SUMS
    # ------------------------------------------------------------

    @api.model
    def _get_numbers(self, span, employees):
        """Measure the month of these people.

        :return: ``{employee id: {measure: (counted, out of)}}``, and figures of the
            sheet under their own names
        """
        numbers = defaultdict(dict)
        for read in (
            self._read_visits,
            self._read_fixes,
            self._read_cards,
            self._read_complaints,
            self._read_handled,
            self._read_reports,
            self._read_feedback,
        ):
            for employee_id, found in read(span, employees):
                numbers[employee_id] |= found
        for found in numbers.values():
            # Whoever neither was anywhere nor was complained about is not praised.
            cases = found.pop("complaints", 0)
            visits = found.get("feedback", (0, 0))[1]
            found["complaint"] = (cases, max(visits, cases))
        return numbers

    @api.model
    def _read_visits(self, span, employees):
        rows = self.env["aftersales.dispatch.report"]._read_group(
            self._get_visits_domain(span, employees),
            ["technician_id"],
            [
                *(
                    f"{name}:{how}"
                    for name in VISITS.values()
                    for how in ("sum", "count")
                ),
                "failed_count:sum",
                "work_hours:sum",
                "travel_hours:sum",
            ],
        )
        for person, late, arrived, kept, promised, failed, work, travel in rows:
            yield (
                person.id,
                {
                    "punctuality": (late or 0, arrived),
                    "promise": (kept or 0, promised),
                    "failed_count": failed,
                    "work_hours": work or 0.0,
                    "travel_hours": travel or 0.0,
                },
            )

    @api.model
    def _read_fixes(self, span, employees):
        rows = self.env["aftersales.dispatch.report"]._read_group(
            self._get_fixes_domain(span, employees),
            ["technician_id"],
            [f"{name}:{how}" for name in FIXES.values() for how in ("sum", "count")],
        )
        for person, fixed, judged, again, solved in rows:
            yield (
                person.id,
                {
                    "first_fix": (fixed or 0, judged),
                    "repeat": (again or 0, solved),
                },
            )

    @api.model
    def _read_cards(self, span, employees):
        rows = self.env["aftersales.evaluation.report"]._read_group(
            self._within("rated_on", span)
            & Domain("company_id", "=", span.company.id)
            & Domain("technician_id", "in", employees.ids),
            ["technician_id", "item"],
            ["level:sum", "level:count"],
        )
        sums = defaultdict(dict)
        for person, item, total, count in rows:
            sums[person.id][f"card_{item}"] = (total or 0.0, count)
        for employee_id, found in sums.items():
            # The mean of the four items of each card.
            total = sum(counted for counted, _count in found.values()) / len(ITEMS)
            cards = sum(count for _counted, count in found.values()) / len(ITEMS)
            yield employee_id, {**found, "card": (total, cards)}

    @api.model
    def _read_complaints(self, span, employees):
        rows = self.env["aftersales.complaint"]._read_group(
            self._get_complaints_domain(span, employees),
            ["responsible_id"],
            ["__count"],
        )
        for person, count in rows:
            yield person.id, {"complaints": count}

    @api.model
    def _read_handled(self, span, employees):
        return self._sum(
            SQL(
                "SELECT employee_id, COUNT(*) FILTER (WHERE hit), COUNT(*) "
                "FROM (%s) row GROUP BY employee_id",
                self._query_handled(span, employees),
            ),
            lambda hits, count: {"handled": (hits, count)},
        )

    @api.model
    def _read_reports(self, span, employees):
        return self._sum(
            SQL(
                "SELECT employee_id, COUNT(*) FILTER (WHERE hit), "
                "COUNT(*) FILTER (WHERE is_due), SUM(used), SUM(available) "
                "FROM (%s) row GROUP BY employee_id",
                self._query_reports(span, employees),
            ),
            lambda hits, count, used, available: {
                "report": (hits, count),
                "utilisation": (used or 0.0, available or 0.0),
            },
        )

    @api.model
    def _read_feedback(self, span, employees):
        return self._sum(
            SQL(
                "SELECT employee_id, COUNT(*) FILTER (WHERE hit), COUNT(*) "
                "FROM (%s) row GROUP BY employee_id",
                self._query_feedback(span, employees),
            ),
            lambda hits, count: {"feedback": (hits, count)},
        )

    @api.model
    def _sum(self, query, make):
        self.env.flush_all()
        for employee_id, *values in self.env.execute_query(query):
            yield employee_id, make(*values)

    # ------------------------------------------------------------
    # ROWS
    # ------------------------------------------------------------

    @api.model
    def _get_visits_domain(self, span, employees):
        """Domain of the visits of the month that these people answered for."""
        return (
            Domain("company_id", "=", span.company.id)
            & Domain("technician_id", "in", employees.ids)
            & self._within("date", span)
        )

    @api.model
    def _get_fixes_domain(self, span, employees):
        """Domain of the visits whose days to look back ended in the month.

        Each visit is judged in one month, and never before it can be judged.
        """
        days = timedelta(days=span.company.aftersales_first_fix_days)
        return (
            Domain("company_id", "=", span.company.id)
            & Domain("technician_id", "in", employees.ids)
            & Domain("date", ">=", span.begin_time - days)
            & Domain("date", "<", span.end_time - days)
        )

    @api.model
    def _get_complaints_domain(self, span, employees):
        """Domain of the complaints verified in the month, by responsible person."""
        return (
            Domain("company_id", "=", span.company.id)
            & Domain("valid", "=", True)
            & Domain("responsible_id", "in", employees.ids)
            & self._within("validation_date", span)
        )

    @api.model
    def _query_handled(self, span, employees):
        """Return complaints promised for the month, by who handles them."""
        return SQL(
            """
            SELECT person.id AS employee_id, complaint.id,
                   LEAST(complaint.agreement_date, complaint.date_end)
                       <= complaint.promised_date AS hit
              FROM aftersales_complaint complaint
              JOIN hr_employee person ON person.user_id = complaint.owner_id
                                     AND person.company_id = complaint.company_id
             WHERE complaint.company_id = %(company)s
               AND complaint.state <> 'rejected'
               AND complaint.promised_date >= %(begin)s
               AND complaint.promised_date < %(end)s
               AND person.id IN %(people)s
            """,
            **self._get_terms(span, employees),
        )

    @api.model
    def _query_reports(self, span, employees):
        """Return the daily reports of the month, due on the next morning."""
        return SQL(
            """
            SELECT report.employee_id, report.id,
                   due.moment <= %(now)s AS is_due,
                   due.moment <= %(now)s AND report.state = 'confirmed'
                       AND report.confirm_date <= due.moment AS hit,
                   CASE WHEN report.has_calendar AND report.hours_available > 0
                        THEN report.total_hours END AS used,
                   CASE WHEN report.has_calendar AND report.hours_available > 0
                        THEN report.hours_available END AS available
              FROM aftersales_daily_report report
              CROSS JOIN LATERAL (
                    SELECT (report.date + 1 + %(morning)s)
                           AT TIME ZONE %(zone)s AT TIME ZONE 'UTC' AS moment) due
             WHERE report.kind = 'technician'
               AND report.company_id = %(company)s
               AND report.date >= %(first)s AND report.date < %(last)s
               AND report.employee_id IN %(people)s
            """,
            **self._get_terms(span, employees),
        )

    @api.model
    def _query_feedback(self, span, employees):
        """Return the visits finished in the month, of everybody who went.

        The feedback form is complete with the work done, the customer's signature and
        name, and his satisfaction: in words, or on the evaluation card (F17).
        """
        return SQL(
            """
            SELECT went.employee_id, visit.id,
                   COALESCE(BTRIM(visit.work_done), '') <> ''
                   AND visit.signed_on IS NOT NULL
                   AND COALESCE(BTRIM(visit.signed_by), '') <> ''
                   AND (COALESCE(BTRIM(visit.customer_opinion), '') <> ''
                        OR EXISTS (
                            SELECT FROM rating_rating card
                             WHERE card.aftersales_dispatch_id = visit.id
                               AND card.consumed)) AS hit
              FROM aftersales_dispatch visit
              CROSS JOIN LATERAL (
                    SELECT visit.technician_id AS employee_id
                     UNION
                    SELECT crew.hr_employee_id
                      FROM aftersales_dispatch_hr_employee_rel crew
                     WHERE crew.aftersales_dispatch_id = visit.id) went
             WHERE visit.company_id = %(company)s AND visit.state = 'done'
               AND visit.finish_date >= %(begin)s AND visit.finish_date < %(end)s
               AND went.employee_id IN %(people)s
            """,
            **self._get_terms(span, employees),
        )

    @api.model
    def _get_terms(self, span, employees):
        """Return what the queries of the month ask for."""
        # The time zone of a company is no secret.
        zone = span.company.sudo().partner_id.tz or "UTC"
        return {
            "company": span.company.id,
            "first": span.first,
            "last": span.end,
            "begin": span.begin_time,
            "end": span.end_time,
            "now": fields.Datetime.now(),
            "zone": zone,
            "morning": timedelta(hours=MORNING),
            "people": tuple(employees.ids) or (0,),
        }

    # ------------------------------------------------------------
    # RECORDS BEHIND A FIGURE
    # ------------------------------------------------------------

    @api.model
    def _find_records(self, measure, span, employees, hits):
        """Return the records that a measure counts, as they are now.

        :param str measure: one of the measures of criteria, or ``feedback``
        :param bool hits: those that made the count, instead of all it is out of
        :return: (model, ids)
        """
        if measure in VISITS or measure in FIXES:
            fixes = measure in FIXES
            domain = (self._get_fixes_domain if fixes else self._get_visits_domain)(
                span, employees
            )
            column = {**VISITS, **FIXES}[measure]
            rows = self.env["aftersales.dispatch.report"].search(
                domain & self._get_known_domain(column, hits)
            )
            return "aftersales.dispatch", rows.ids
        if measure.startswith("card"):
            cards = self.env["rating.rating"].search(
                self._within("rated_on", span)
                & Domain("consumed", "=", True)
                & Domain("aftersales_company_id", "=", span.company.id)
                & Domain("aftersales_technician_id", "in", employees.ids)
                & Domain("aftersales_dispatch_id", "!=", False)
            )
            return "rating.rating", cards.ids
        if measure == "complaint":
            if hits:
                found = self.env["aftersales.complaint"].search(
                    self._get_complaints_domain(span, employees)
                )
                return "aftersales.complaint", found.ids
            measure = "feedback"
        model, query, known = {
            "handled": ("aftersales.complaint", self._query_handled, SQL("TRUE")),
            "report": ("aftersales.daily.report", self._query_reports, SQL("is_due")),
            "utilisation": (
                "aftersales.daily.report",
                self._query_reports,
                SQL("available IS NOT NULL"),
            ),
            "feedback": ("aftersales.dispatch", self._query_feedback, SQL("TRUE")),
        }[measure]
        if hits and measure != "utilisation":
            known = SQL("hit")
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT id FROM (%s) row WHERE %s",
                query(span, employees),
                known,
            )
        )
        return model, [row[0] for row in rows]

    @api.model
    def _get_known_domain(self, column, hits):
        """Domain of the rows of visits in which a column says something."""

        def known(model, alias, query):
            field = SQL.identifier(alias, column)
            return SQL("%s = 1", field) if hits else SQL("%s IS NOT NULL", field)

        return Domain.custom(to_sql=known)
