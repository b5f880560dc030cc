from datetime import timedelta

from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from .aftersales_action_workflow import CHECK, OWN

OVERDUE = "aftersales_quality.mail_activity_type_aftersales_action_overdue"
# Actions handled between two commits.
BATCH_SIZE = 100


class AftersalesAction(models.Model):
    """Owners, their superiors and checkers are told in time, each once (R59).

    The day somebody was told of is kept: when the day moves, he is told again.
    """

    _inherit = "aftersales.action"

    reminded_due = fields.Date(readonly=True, copy=False)
    overdue_told = fields.Date(readonly=True, copy=False)
    check_reminded = fields.Date(readonly=True, copy=False)

    # ------------------------------------------------------------
    # SCHEDULED
    # ------------------------------------------------------------

    @api.model
    def _cron_remind(self):
        """Remind of actions that are due soon, overdue, or to be checked, in batches.

        Safe when it is killed between two batches, run twice or by two at once: each
        batch is locked, marked and committed together.
        """
        Cron = self.env["ir.cron"]
        jobs = [
            (company, domain, step)
            for company in self.env["res.company"].search([("active", "=", True)])
            for domain, step in self._get_reminders(company)
        ]
        counts = [self.search_count(domain) for _company, domain, _step in jobs]
        if not Cron._commit_progress(remaining=sum(counts)):
            return
        for count, (company, domain, step) in zip(counts, jobs, strict=True):
            model = self.with_company(company)
            # In the order of ids all that is not due yet would be read.
            day = "check_date" if step == "_tell_checkers" else "date_due"
            while count > 0:
                try:
                    actions = model.search(domain, limit=BATCH_SIZE, order=f"{day}, id")
                    actions = actions.try_lock_for_update(allow_referencing=True)
                    getattr(actions, step)()
                except SerializationFailure:
                    # Another process has just told of them: looked at again next time.
                    self.env.cr.rollback()
                    self.env.invalidate_all()
                    break
                if not actions:
                    break
                if not Cron._commit_progress(len(actions)):
                    return

    @api.model
    def _get_reminders(self, company):
        """Return (which actions, method that tells of them) of a company."""
        today = company._aftersales_today()
        soon = today + timedelta(days=company.aftersales_action_notice_days)
        of_company = Domain("company_id", "=", company.id)
        still_open = of_company & Domain("state", "=", "open")
        reminders = [
            (
                still_open
                & Domain("date_due", "<", today)
                & self._get_untold("overdue_told", "date_due"),
                "_tell_overdue",
            ),
            (
                of_company
                & Domain("state", "=", "done")
                & Domain("check_date", "<=", today)
                & self._get_untold("check_reminded", "check_date"),
                "_tell_checkers",
            ),
        ]
        if company.aftersales_action_notice_days:
            due_soon = (
                still_open
                & Domain("date_due", ">=", today)
                & Domain("date_due", "<=", soon)
                & self._get_untold("reminded_due", "date_due")
            )
            reminders.insert(0, (due_soon, "_remind_owners"))
        return reminders

    @api.model
    def _get_untold(self, mark, day):
        """Domain of the actions nobody was told of for this day."""

        def untold(model, alias, query):
            return SQL(
                "%s IS DISTINCT FROM %s",
                SQL.identifier(alias, mark),
                SQL.identifier(alias, day),
            )

        return Domain.custom(to_sql=untold)

    # ------------------------------------------------------------
    # TELLING
    # ------------------------------------------------------------

    def _tell_owners(self):
        """Give the owners the to-do to carry the actions out."""
        # Who was asked before has nothing to do any more.
        self.filtered("create_date").sudo().activity_unlink([OWN])
        still_open = self.filtered(lambda action: action.state == "open")
        for (user, due), actions in still_open.grouped(
            lambda action: (action.owner_id, action.date_due)
        ).items():
            if user != self.env.user and actions._get_able(user):
                actions._give_to_do(OWN, user, due)

    def _remind_owners(self):
        """Tell the owners that their actions are due soon."""
        for (user, due), actions in self.grouped(
            lambda action: (action.owner_id, action.date_due)
        ).items():
            actions._mark_told("reminded_due", due)
            for action in actions if user.active else ():
                action._tell(
                    user,
                    lambda talk: talk.env._(
                        "%(action)s is due on %(day)s",
                        action=talk.display_name,
                        day=format_date(talk.env, talk.date_due),
                    ),
                )

    def _tell_overdue(self):
        """Tell the owners' superiors and the quality lead, once, of what is overdue."""
        for (owner, due), actions in self.grouped(
            lambda action: (action.owner_id, action.date_due)
        ).items():
            actions._mark_told("overdue_told", due)
            company = actions.company_id
            superior = actions._get_superior()
            for user in superior | company.aftersales_quality_lead_id - owner:
                if able := actions._get_able(user):
                    actions._give_to_do(OVERDUE, able, company._aftersales_today())
                elif user.active:
                    for action in actions:
                        action._tell(
                            user,
                            lambda talk: talk.env._(
                                "%(action)s of %(owner)s is overdue since %(day)s",
                                action=talk.display_name,
                                owner=talk.owner_id.name,
                                day=format_date(talk.env, talk.date_due),
                            ),
                        )

    def _tell_checkers(self):
        """Give whoever checks the effect the to-do, on the day it shows."""
        for (user, day), actions in self.grouped(
            lambda action: (action._get_checker(), action.check_date)
        ).items():
            actions._mark_told("check_reminded", day)
            if user and actions._get_able(user):
                actions._give_to_do(CHECK, user, day)

    def _mark_told(self, mark, day):
        self._by_method().write({mark: day})

    def _get_checker(self):
        """Return who checks the effect: never who did it."""
        self.ensure_one()
        company = self.company_id
        people = (
            self.checker_id,
            company.aftersales_quality_lead_id,
            company._aftersales_supervisor(),
        )
        for user in people:
            if user.active and user not in self.owner_id | self.done_by_id:
                return user
        return self.env["res.users"]

    def _get_superior(self):
        """Return the user who leads the owner, else the supervisor of the desk."""
        company = self.company_id
        # Who leads whom is kept in the personnel records.
        owner_sudo = self.owner_id.sudo().with_company(company)
        employee_sudo = owner_sudo.employee_ids.filtered(
            lambda employee: employee.company_id == company
        )[:1]
        superior_sudo = (
            employee_sudo.parent_id or employee_sudo.department_id.manager_id
        )
        superior = superior_sudo.user_id.filtered("active").sudo(False)  # told alone
        return (superior or company._aftersales_supervisor()) - self.owner_id

    def _get_able(self, user):
        """Return the user when he works here and may see these actions, else nobody."""
        if user and user.active and not user.share:
            if len(self.with_user(user)._filtered_access("read")) == len(self):
                return user
        return user.browse()

    def _give_to_do(self, kind, user, day, say=None):
        """Give a user a to-do on each action.

        :param say: returns the summary in the words of the user, else that of the kind
        """
        values = {}
        if say:
            values["summary"] = say(self.with_context(lang=user.lang).env)
        # Activities are for others than the user, too.
        todo_sudo = self.sudo().with_context(mail_activity_quick_update=True)
        todo_sudo.activity_schedule(
            kind,
            user_id=user.id,
            date_deadline=day or self.company_id[:1]._aftersales_today(),
            **values,
        )

    def _tell(self, user, say):
        """Write a user a message about the action.

        :param say: returns the message from the action in the words of the user
        """
        self.ensure_one()
        talk = self.with_context(lang=user.lang or self.env.lang)
        text = say(talk)
        self.message_notify(
            partner_ids=user.partner_id.ids,
            subject=text,
            body=text,
            author_id=self.company_id.partner_id.id,
        )
