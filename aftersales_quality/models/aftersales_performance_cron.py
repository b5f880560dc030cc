from odoo import api, fields, models
from odoo.fields import Domain

from ..tools import performance


class AftersalesPerformance(models.Model):
    """The sheets of a month are made by themselves when it is over (R65)."""

    _inherit = "aftersales.performance"

    @api.model
    def _cron_make(self):
        """Make the sheets of the months that are over, once in each company.

        Runs daily and does something on the first day of a month, or on the next one
        after a missed run. Safe in two processes at once, when killed, and when run
        twice.
        """
        self.env["res.company"]._aftersales_run_each(self._make_due, "month sheets")

    @api.model
    def _make_due(self, company):
        """Make the sheets of each month that has none yet, the oldest first."""
        today = company._aftersales_today()
        last = company.aftersales_performance_month
        for year, month in performance.due_months(
            (last.year, last.month) if last else None, (today.year, today.month)
        ):
            if not company.try_lock_for_update(allow_referencing=True):
                return
            company.invalidate_recordset(["aftersales_performance_month"])
            first = fields.Date.to_date(f"{year}-{month:02}-01")
            made = company.aftersales_performance_month
            if made and made >= first:
                continue
            company.aftersales_performance_month = first
            # Another process finds the month noted, or is told to look again.
            company.flush_recordset(["aftersales_performance_month"])
            self._make_month(company, first)
            if not self.env["ir.cron"]._commit_progress():
                return

    @api.model
    def _make_month(self, company, month):
        """Make the missing sheets of a month and tell those who check them.

        Sheets are for technicians, for leaders of teams, and for whoever else was on
        visits: also those who left meanwhile.

        :return: the new sheets
        """
        maker = self.with_company(company).with_context(
            mail_create_nolog=True, mail_create_nosubscribe=True, tracking_disable=True
        )
        span = self.env["aftersales.performance.measure"]._get_span(company, month)
        known = maker.search([("company_id", "=", company.id), ("month", "=", month)])
        people = maker._get_measured_people(span) - known.employee_id
        sheets = maker.create(
            [
                {
                    "employee_id": person.id,
                    "company_id": company.id,
                    "month": month,
                }
                for person in people
            ]
        )
        sheets._tell_leaders()
        return sheets

    @api.model
    def _get_measured_people(self, span):
        """Return the employees that get a sheet of a month."""
        Employee = self.env["hr.employee"].with_context(active_test=False)
        ours = Domain("company_id", "=", span.company.id)
        _homes, led = self._get_places(span)
        rows = self.env["aftersales.dispatch.report"]._read_group(
            ours & self.env["aftersales.performance.measure"]._within("date", span),
            ["technician_id"],
        )
        went = Employee.union(*(person for (person,) in rows if person))
        technicians = Employee.search(
            ours
            & Domain("active", "=", True)
            & Domain("aftersales_technician", "=", True)
        )
        leaders = Employee.union(*led).filtered("active")
        begun = Employee.search(
            ours
            & Domain("id", "in", (technicians | leaders).ids)
            & (
                Domain("contract_date_start", "=", False)
                | Domain("contract_date_start", "<", span.end)
            )
        )
        return (begun | went.with_env(Employee.env)).sorted("id")

    def _tell_leaders(self):
        """Tell each leader how many sheets wait for his check, in one message."""
        for leader, sheets in self.grouped(
            lambda sheet: sheet.team_id.supervisor_id
        ).items():
            if not leader or not leader.active:
                continue
            local = sheets.with_context(lang=leader.lang or self.env.lang)
            sheet = local[0]
            sheet.message_notify(
                partner_ids=leader.partner_id.ids,
                subject=local.env._("Month sheets to check"),
                body=local.env._(
                    "%(count)s month sheets of %(month)s wait for your check.",
                    count=len(sheets),
                    month=sheet.month_text,
                ),
            )
