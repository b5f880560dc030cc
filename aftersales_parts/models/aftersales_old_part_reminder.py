from psycopg2.errors import SerializationFailure

from odoo import api, models
from odoo.fields import Domain

from .aftersales_old_part import ACTIVITY

# Parts handled between two commits.
BATCH_SIZE = 100


class AftersalesOldPart(models.Model):
    """Who has not handed in an old part in time is reminded (R47)."""

    _inherit = "aftersales.old.part"

    @api.model
    def _get_remind_domain(self):
        """Domain of the parts that are overdue and nobody was reminded of."""
        return Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("date_due", "<", company._aftersales_today())
            for company in self.env["res.company"].search([("active", "=", True)])
        ) & (Domain("state", "=", "due") & Domain("remind_date", "=", False))

    @api.model
    def _cron_remind(self):
        """Give a to-do for each overdue part, once.

        Parts are locked, marked and committed batch by batch: safe in two processes,
        when killed, and when run twice.
        """
        Cron = self.env["ir.cron"]
        domain = self._get_remind_domain()
        seconds = Cron._commit_progress(remaining=self.search_count(domain))
        while seconds:
            try:
                batch = self.search(domain, limit=BATCH_SIZE, order="date_due, id")
                batch = batch.try_lock_for_update(allow_referencing=True)
                batch._remind()
            except SerializationFailure:
                # Another process has just handled them: looked at again next time.
                self.env.cr.rollback()
                self.env.invalidate_all()
                break
            if not batch:
                break
            seconds = Cron._commit_progress(len(batch))

    def _remind(self):
        """Give the technicians, else their supervisors, a to-do."""
        for company, parts in self.grouped("company_id").items():
            today = company._aftersales_today()
            parts._by_method().write({"remind_date": today})
            chief = company._aftersales_supervisor()
            # Who is who's user; the job runs as the system.
            for person, own in parts.sudo().grouped("technician_id").items():
                if user := person.user_id or chief:
                    own.activity_schedule(
                        ACTIVITY, date_deadline=today, user_id=user.id
                    )
