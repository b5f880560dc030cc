from datetime import date
from math import ceil

from odoo import api, fields, models
from odoo.fields import Domain

MANAGER = "aftersales_service.aftersales_service_group_manager"
TO_DO = "mail.mail_activity_data_todo"
# Kind of training: company setting of how many a year needs.
DUTIES = {
    "drill": "aftersales_drills_per_year",
    "emergency": "aftersales_emergencies_per_year",
}
# From this month on half of them are due, from the other one on all of them.
HALF, ALL = 7, 11


class AftersalesTraining(models.Model):
    """Emergency drills and trainings that a year needs (R70)."""

    _inherit = "aftersales.training"

    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )

    @api.depends("date", "state")
    def _compute_is_overdue(self):
        for training in self:
            today = training.company_id._aftersales_today()
            training.is_overdue = (
                training.state == "planned"
                and bool(training.date)
                and training.date < today
            )

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = Domain("state", "=", "planned") & Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("date", "<", company._aftersales_today())
            for company in self.env.companies
        )
        return overdue if True in value else ~overdue

    @api.model
    def _get_year_domain(self, company):
        year = company._aftersales_today().year
        return (
            Domain("company_id", "=", company.id)
            & Domain("kind", "=", "staff")
            & Domain("date", ">=", date(year, 1, 1))
            & Domain("date", "<=", date(year, 12, 31))
        )

    @api.model
    def _count_held(self, company):
        """Return ``{kind: how many were held}`` in the running year of a company."""
        return dict(
            self._read_group(
                self._get_year_domain(company) & Domain("state", "=", "done"),
                ["staff_kind"],
                ["__count"],
            )
        )

    @api.model
    def _get_due(self, company):
        """Return ``{kind: how many are missing}`` by today.

        Half of what a year needs is due when half of it is gone, all of it two months
        before its end.
        """
        month = company._aftersales_today().month
        held = self._count_held(company)
        due = {}
        for kind, setting in DUTIES.items():
            needed = company[setting]
            asked = needed if month >= ALL else ceil(needed / 2) if month >= HALF else 0
            if asked > held.get(kind, 0):
                due[kind] = asked - held.get(kind, 0)
        return due

    @api.model
    def _cron_watch(self):
        """Plan what is missing and give the manager a to-do for it, once.

        Costs what is due: a company that has what it needs, or planned it, is left
        alone. Run twice it does nothing more.
        """
        Cron = self.env["ir.cron"]
        companies = self.env["res.company"].search([("active", "=", True)])
        left = Cron._commit_progress(remaining=len(companies))
        for company in companies:
            if not left:
                break
            if company.try_lock_for_update(allow_referencing=True):
                self._watch(company)
            left = Cron._commit_progress(1)

    @api.model
    def _watch(self, company):
        if not self._is_used(company):
            return
        due = self._get_due(company)
        if not due:
            return
        planned = dict(
            self._read_group(
                self._get_year_domain(company) & Domain("state", "=", "planned"),
                ["staff_kind"],
                ["__count"],
            )
        )
        manager = self._get_manager(company)
        last = date(company._aftersales_today().year, 12, 31)
        missing = self.create(
            [
                {
                    "company_id": company.id,
                    "kind": "staff",
                    "staff_kind": kind,
                    "date": last,
                    "trainer_id": False,
                }
                for kind, count in due.items()
                for _number in range(count - planned.get(kind, 0))
            ]
        )
        if not manager:
            return
        words = self.with_context(lang=manager.lang or self.env.lang).env
        for training in missing:
            training.activity_schedule(
                TO_DO,
                date_deadline=fields.Date.context_today(training),
                summary=words._("The year needs it: set its day"),
                user_id=manager.id,
            )

    @api.model
    def _is_used(self, company):
        """Tell whether a company has technicians, or a register of trainings."""
        return bool(
            self.search([("company_id", "=", company.id)], limit=1)
            or self.env["hr.employee"].search(
                [
                    ("aftersales_technician", "=", True),
                    ("company_id", "=", company.id),
                ],
                limit=1,
            )
        )

    @api.model
    def _get_manager(self, company):
        """Return the first after-sales manager of a company."""
        return (
            self.env.ref(MANAGER)
            .all_user_ids.filtered(
                lambda user: user.active
                and not user.share
                and company in user.company_ids
            )
            .sorted(lambda user: (user.company_id != company, user.id))[:1]
        )
