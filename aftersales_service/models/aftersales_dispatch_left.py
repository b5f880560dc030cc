from datetime import datetime, time
from zoneinfo import ZoneInfo

from psycopg2.errors import SerializationFailure

from odoo import api, models
from odoo.fields import Domain

# Visits handled between two commits.
BATCH_SIZE = 100


class AftersalesDispatch(models.Model):
    """Who left the site without reporting to the office is found (R76)."""

    _inherit = "aftersales.dispatch"

    _left_idx = models.Index(
        "(company_id, arrive_date) WHERE state IN ('done', 'failed') "
        "AND check_out_date IS NULL AND arrive_date IS NOT NULL "
        "AND left_without_check_out IS NOT TRUE"
    )

    @api.model
    def _get_left_domain(self, company):
        """Domain of yesterday's visits of which nobody checked out."""
        # The time zone of a company is no secret.
        zone = ZoneInfo(company.sudo().partner_id.tz or "UTC")
        midnight = datetime.combine(company._aftersales_today(), time(), zone)
        midnight = midnight.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
        ended = Domain("finish_date", "<", midnight) | Domain("finish_date", "=", False)
        return (
            Domain("company_id", "=", company.id)
            & Domain("state", "in", ("done", "failed"))
            & Domain("check_out_date", "=", False)
            & Domain("left_without_check_out", "=", False)
            & Domain("arrive_date", "<", midnight)
            & ended
        )

    @api.model
    def _cron_report_left(self):
        """Tell the supervisors in the morning who left without checking out.

        Visits are locked, marked and committed batch by batch: safe in two processes,
        when killed, and when run twice.
        """
        Cron = self.env["ir.cron"]
        companies = self.env["res.company"].search([("active", "=", True)])
        domain = Domain.OR(self._get_left_domain(company) for company in companies)
        seconds = Cron._commit_progress(remaining=self.search_count(domain))
        while seconds:
            try:
                batch = self.search(domain, limit=BATCH_SIZE, order="arrive_date, id")
                batch = batch.try_lock_for_update(allow_referencing=True)
                batch._report_left()
            except SerializationFailure:
                # Another process has just handled them: looked at again next time.
                self.env.cr.rollback()
                self.env.invalidate_all()
                break
            if not batch:
                break
            seconds = Cron._commit_progress(len(batch))

    def _report_left(self):
        """Mark the visits and give their supervisors a to-do."""
        self._step({"left_without_check_out": True})
        self._notify_supervisor(
            "aftersales_service.mail_activity_type_aftersales_check_out"
        )

    def _notify_supervisor(self, activity_type, note=None):
        """Give the supervisor of each visit a to-do, at once.

        :param str activity_type: xml id
        :param str note: what it is about, in words
        """
        for (_team, company), visits in self.grouped(
            lambda dispatch: (dispatch.team_id, dispatch.company_id)
        ).items():
            if user := visits[0]._get_supervisor():
                # Activities are for others than the user, too.
                visits.sudo().activity_schedule(
                    activity_type,
                    date_deadline=company._aftersales_today(),
                    user_id=user.id,
                    note=note,
                )

    def _get_supervisor(self):
        """Return who leads the team of the visit, else the first one of the company."""
        self.ensure_one()
        # Teams are for everybody to read, but perhaps not in this company.
        team_sudo = self.team_id.sudo()
        return team_sudo.supervisor_id or self.company_id._aftersales_supervisor()
