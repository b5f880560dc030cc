from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

BATCH = 50


class AftersalesLoan(models.Model):
    """Who has something for too long, or leaves with it, is told of once (R46, R55)."""

    _inherit = "aftersales.loan"

    reminded_due = fields.Date(readonly=True, copy=False)

    @api.model
    def _get_due_domain(self, company):
        """Domain of overdue loans that nobody was reminded of for this day."""

        def unreminded(model, alias, query):
            return SQL(
                "%s IS DISTINCT FROM %s",
                SQL.identifier(alias, "reminded_due"),
                SQL.identifier(alias, "date_due"),
            )

        return (
            Domain("company_id", "=", company.id)
            & Domain("state", "=", "out")
            & Domain("date_due", "<", company._aftersales_today())
            & Domain.custom(to_sql=unreminded)
        )

    @api.model
    def _cron_remind(self):
        """Remind of loans that are overdue since today, in batches.

        Safe when it is killed between two batches, run twice or by two at once: each
        batch is locked, marked and committed together.
        """
        Cron = self.env["ir.cron"]
        jobs = [
            (company, self.with_company(company)._get_due_domain(company))
            for company in self.env["res.company"].search([])
        ]
        remaining = sum(self.search_count(domain) for _company, domain in jobs)
        if not Cron._commit_progress(remaining=remaining):
            return
        for company, domain in jobs:
            model = self.with_company(company)
            while found := model.search(domain, limit=BATCH, order="date_due, id"):
                loans = found.try_lock_for_update().filtered_domain(
                    domain & Domain("id", "in", found.ids)
                )
                if not loans:
                    break
                loans._remind()
                if not Cron._commit_progress(len(loans)):
                    return

    def _remind(self):
        """Write to customers, and give whoever handles the loan something to do."""
        template = self.env.ref(
            "aftersales_parts.mail_template_loan_overdue", raise_if_not_found=False
        )
        for loan in self:
            if template and loan.kind == "loaner" and loan.partner_id.email:
                template.send_mail(loan.id, force_send=False)
        self._ask_to_see(
            lambda loan, env: env._(
                "%(borrower)s has %(loan)s since %(date)s too long",
                borrower=loan.borrower,
                loan=loan.display_name,
                date=loan.date_due,
            )
        )
        for due, loans in self.grouped("date_due").items():
            loans._step({"reminded_due": due})

    def _ask_to_see(self, say):
        """Schedule an activity on each loan for who handles it, or his supervisor.

        :param function say: returns the summary of a loan, in the words of the reader
        """
        for loan in self:
            company = loan.company_id
            user = loan.user_id.filtered("active") or company._aftersales_supervisor()
            if not user:
                continue
            loan.activity_schedule(
                "aftersales_parts.mail_activity_type_aftersales_loan",
                summary=say(loan, loan.with_context(lang=user.lang).env),
                user_id=user.id,
                date_deadline=company._aftersales_today(),
            )

    def _follow_leaving(self):
        """The borrowers leave: what they have is due today (R46)."""
        for company, loans in self.grouped("company_id").items():
            today = company._aftersales_today()
            later = loans.filtered(
                lambda loan, day=today: not loan.date_due or loan.date_due > day
            )
            later.write({"date_due": today})
        self._ask_to_see(
            lambda loan, env: env._(
                "%(borrower)s leaves: take %(loan)s back or pass it on",
                borrower=loan.borrower,
                loan=loan.display_name,
            )
        )
