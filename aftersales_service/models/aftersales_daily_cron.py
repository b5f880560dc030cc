from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

# Technicians between two commits.
BATCH_SIZE = 50
# What is noted later than this changes no report.
KEPT_DAYS = 31
# Local hour from which on supervisors are told of unconfirmed reports.
MORNING = 7.0


class AftersalesDailyReport(models.Model):
    """The evening: reports of technicians and teams, and who has not confirmed."""

    _inherit = "aftersales.daily.report"

    @api.model
    def _cron_compose(self):
        """Make the day's reports in the evening, tell of unconfirmed ones next morning.

        Runs often and does something twice a day in each company. Safe in two
        processes at once, when killed, and when run twice.
        """
        self.env["res.company"]._aftersales_run_each(self._end_day, "daily reports")

    @api.model
    def _end_day(self, company):
        now = company._aftersales_now()
        hour, today = now.hour + now.minute / 60, now.date()
        if company.aftersales_unconfirmed_day != today and hour >= MORNING:
            if company.try_lock_for_update(allow_referencing=True):
                company.aftersales_unconfirmed_day = today
                company.flush_recordset(["aftersales_unconfirmed_day"])
                self._end_yesterday(company)
                self.env["ir.cron"]._commit_progress()
        last = company.aftersales_daily_run
        made = last and company._aftersales_today(last)
        if made == today or hour < company.aftersales_daily_hour:
            return
        # What was made of a day that nobody finished is finished first.
        if self._compose_company(company, last, today):
            self._send_day(company, today)

    @api.model
    def _end_yesterday(self, company):
        """Tell the supervisors of the days not told of yet what is not confirmed."""
        today = company._aftersales_today()
        self.search(
            [
                ("kind", "=", "team"),
                ("company_id", "=", company.id),
                ("unconfirmed_told", "=", False),
                ("date", "<", today),
                ("date", ">=", today - timedelta(days=7)),
            ]
        )._tell_unconfirmed()

    @api.model
    def _compose_company(self, company, last, today):
        """Compose what changed since the last evening, and today, in batches.

        :return: whether all of it was done
        """
        jobs = self._get_touched(company, last, today)
        jobs[today] = self.env["hr.employee"].search(
            [("aftersales_technician", "=", True), ("company_id", "=", company.id)],
            order="id",
        )
        for day, employees in jobs.items():
            for start in range(0, len(employees), BATCH_SIZE):
                if not company.try_lock_for_update(allow_referencing=True):
                    return False
                self._compose(company, day, employees[start : start + BATCH_SIZE])
                if not self.env["ir.cron"]._commit_progress():
                    return False
        return True

    @api.model
    def _send_day(self, company, today):
        """Compose and send the reports of the teams, and note that it is done."""
        if not company.try_lock_for_update(allow_referencing=True):
            return
        company.invalidate_recordset(["aftersales_daily_run"])
        last = company.aftersales_daily_run
        if last and company._aftersales_today(last) == today:
            return
        company.aftersales_daily_run = fields.Datetime.now()
        # Another process finds the day noted, or is told to look again.
        company.flush_recordset(["aftersales_daily_run"])
        reports = self._compose_teams(company, today)
        if not company._aftersales_works_on(today):
            # Nothing to tell of a day off on which nobody was sent.
            reports = reports.filtered("visit_count")
        reports._send_to_supervisors()

    @api.model
    def _get_touched(self, company, last, today):
        """Return ``{day: technicians}`` of earlier days whose records changed since.

        :param datetime last: when it was looked last, never when empty
        """
        if not last:
            return {}
        begin, _end = company._aftersales_day_bounds(today - timedelta(days=KEPT_DAYS))
        until, _end = company._aftersales_day_bounds(today)
        touched = {}
        visits = self.env["aftersales.dispatch"].search(
            Domain("company_id", "=", company.id)
            & Domain("write_date", ">=", last)
            & Domain("arrive_date", ">=", begin)
            & Domain("arrive_date", "<", until)
        )
        for visit in visits:
            for moment in (visit.arrive_date, visit.finish_date):
                if moment and moment < until:
                    day = company._aftersales_today(moment)
                    touched.setdefault(day, self.env["hr.employee"])
                    touched[day] |= visit._get_people()
        lines = self.env["aftersales.ticket.line"].search(
            Domain("company_id", "=", company.id)
            & Domain("write_date", ">=", last)
            & Domain("kind", "=", "labour")
            & Domain("employee_id", "!=", False)
            & Domain("date_done", ">=", begin)
            & Domain("date_done", "<", until)
        )
        for line in lines:
            day = company._aftersales_today(line.date_done)
            touched.setdefault(day, self.env["hr.employee"])
            touched[day] |= line.employee_id
        return touched
