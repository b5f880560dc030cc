from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..tools.deadline import get_due_day
from .aftersales_return import HOLDING_STATES
from .aftersales_return_deadline_rule import HANDLINGS

BATCH_SIZE = 100
# Working days before the promise ends on which the supervisor is told.
NOTICE_DAYS = 1


class AftersalesReturn(models.Model):
    """Until when the customer has the result, and who is told before (R29, R50)."""

    _inherit = "aftersales.return"

    handling = fields.Selection(
        selection=HANDLINGS,
        string="Worked on as",
        required=True,
        default="customer",
        tracking=True,
        help="Which rows of the turnaround count for it.",
    )
    deadline_max = fields.Date(
        string="At the Latest",
        readonly=True,
        copy=False,
        help="Until when it must be done in any case.",
    )
    pause_ids = fields.One2many(
        comodel_name="aftersales.return.pause",
        inverse_name="return_id",
        string="Pauses",
        readonly=True,
        copy=False,
    )
    is_paused = fields.Boolean(
        string="Waits for Money",
        compute="_compute_is_paused",
        search="_search_is_paused",
        help="The promise stands still until the customer has paid.",
    )
    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    deadline_reported = fields.Date(
        string="Reported for",
        readonly=True,
        copy=False,
        help="Promise that was reported to the supervisor as in danger.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("pause_ids.date_end")
    def _compute_is_paused(self):
        for rma in self:
            rma.is_paused = any(not pause.date_end for pause in rma.pause_ids)

    @api.model
    def _search_is_paused(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("pause_ids", "any", [("date_end", "=", False)])

    @api.depends("deadline", "state", "pause_ids.date_end")
    def _compute_is_overdue(self):
        days = {company: company._aftersales_today() for company in self.company_id}
        for rma in self:
            rma.is_overdue = (
                rma.state in HOLDING_STATES
                and bool(rma.deadline)
                and rma.deadline < days[rma.company_id]
                and not rma.is_paused
            )

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("deadline", "<", company._aftersales_today())
            & Domain("state", "in", HOLDING_STATES)
            & Domain("is_paused", "=", False)
            for company in self.env.companies
        )

    # ------------------------------------------------------------
    # DEADLINE
    # ------------------------------------------------------------

    def _after_receipt(self):
        result = super()._after_receipt()
        self._update_deadlines()
        return result

    def write(self, vals):
        result = super().write(vals)
        if "handling" in vals:
            self._update_deadlines()
        return result

    def _update_deadlines(self):
        """Count the promises of received returns anew (R50)."""
        received = self.filtered("receive_date")
        if not received:
            return
        # Rows and calendars hold for whoever receives the goods.
        rules_sudo = self.env["aftersales.return.deadline.rule"].sudo()
        rules_sudo = rules_sudo.search([("active", "=", True)])
        works = {
            company: company.resource_calendar_id._aftersales_get_working_days()
            for company in received.company_id.sudo()  # see above
        }
        for rma in received.sudo():  # the promise follows the goods, not the user
            quantity = sum(rma.line_ids.mapped("quantity_received"))
            allowance = rules_sudo._get_allowance(
                rma.company_id, rma.handling, quantity
            )
            if not allowance:
                continue
            rma._set_deadline(allowance, works[rma.company_id])

    def _set_deadline(self, allowance, works):
        self.ensure_one()
        company = self.company_id
        arrival = company._aftersales_today(self.receive_date)
        today = company._aftersales_today()
        pauses = [
            (
                company._aftersales_today(pause.date_begin),
                pause.date_end and company._aftersales_today(pause.date_end),
            )
            for pause in self.pause_ids
        ]
        days = {
            name: get_due_day(arrival, getattr(allowance, part), works, pauses, today)
            for name, part in (("deadline", "days"), ("deadline_max", "days_max"))
        }
        changed = {name: day for name, day in days.items() if self[name] != day}
        if changed:
            self._step(changed)

    # ------------------------------------------------------------
    # PAUSE
    # ------------------------------------------------------------

    def _pause(self):
        """Let the promise stand still: the customer was asked for money."""
        # Money is asked for by the desk, which writes no pauses by hand.
        Pause = self.env["aftersales.return.pause"].sudo()._by_method()
        running = self.filtered(
            lambda rma: not rma.is_paused and rma.state in HOLDING_STATES
        )
        now = fields.Datetime.now()
        Pause.create([{"return_id": rma.id, "date_begin": now} for rma in running])
        running._update_deadlines()

    def _go_on(self):
        """Let the promise run again: the money is here, or nobody waits for it."""
        # As in _pause.
        pauses_sudo = self.sudo().pause_ids.filtered(lambda pause: not pause.date_end)
        if pauses_sudo:
            pauses_sudo._by_method().write({"date_end": fields.Datetime.now()})
            self._update_deadlines()

    # ------------------------------------------------------------
    # JOB
    # ------------------------------------------------------------

    @api.model
    def _cron_deadlines(self):
        """Follow paused promises, and tell supervisors of those in danger (R29).

        Each return keeps the promise it was reported for: safe in two processes, when
        killed, and when run twice.
        """
        Cron = self.env["ir.cron"]
        # How a batch is locked, tried and tried one by one is the same everywhere.
        worker = self.env["aftersales.contract"]
        paused = self.search([("is_paused", "=", True)])
        for start in range(0, len(paused), BATCH_SIZE):
            batch = paused[start : start + BATCH_SIZE]
            worker._try_each(batch, "_follow_paused")
            Cron._commit_progress(len(batch))
        for company in self.env["res.company"].search([("active", "=", True)]):
            returns = self.with_company(company)
            domain = returns._get_endangered_domain(company)
            seconds = Cron._commit_progress(remaining=returns.search_count(domain))
            failed = []
            while seconds:
                done, stuck = worker._work_off(
                    returns, domain, "_report_endangered", failed, "deadline"
                )
                failed += stuck
                if not (done or stuck):
                    break
                seconds = Cron._commit_progress(done + len(stuck))

    def _follow_paused(self):
        """Go on with what is paid, and let the promise of the others move on."""
        self._follow_payment()
        self.filtered("is_paused")._update_deadlines()

    @api.model
    def _get_endangered_domain(self, company):
        """Domain of what is promised by tomorrow and nobody was told of."""
        calendar_sudo = company.sudo().resource_calendar_id  # of whoever runs the job
        last = get_due_day(
            company._aftersales_today(),
            NOTICE_DAYS,
            calendar_sudo._aftersales_get_working_days(),
        )

        def unreported(model, alias, query):
            return SQL(
                "%s IS DISTINCT FROM %s",
                SQL.identifier(alias, "deadline_reported"),
                SQL.identifier(alias, "deadline"),
            )

        return (
            Domain("company_id", "=", company.id)
            & Domain("state", "in", HOLDING_STATES)
            & Domain("deadline", "<=", last)
            & Domain("is_paused", "=", False)
            & Domain.custom(to_sql=unreported)
        )

    def _report_endangered(self, reason=None):
        """Give the supervisor a to-do for each return, and keep what it was for."""
        for (company, deadline), returns in self.grouped(
            lambda rma: (rma.company_id, rma.deadline)
        ).items():
            for user, own in returns.grouped(lambda r: r._get_supervisor()).items():
                if user:
                    own._give_warning(user, company._aftersales_today(), reason)
            returns._step({"deadline_reported": deadline})

    def _give_warning(self, user, day, reason):
        """Give a to-do for each of these returns, promised for the same day."""
        words = self.with_context(lang=user.lang).env
        deadline = format_date(words, self[0].deadline, lang_code=user.lang)
        self.activity_schedule(
            "mail.mail_activity_data_warning",
            date_deadline=day,
            summary=words._("Cannot be finished in time")
            if reason
            else words._("Promised for %s, not finished yet", deadline),
            note=reason,
            user_id=user.id,
        )

    def _get_supervisor(self):
        """Return who leads the team of the return, else of the company, if anybody."""
        self.ensure_one()
        # Teams are for everybody to read, but perhaps not in this company.
        ticket_sudo = self.sudo().ticket_id
        return (
            ticket_sudo.team_id.supervisor_id
            or self.company_id._aftersales_supervisor()
        )

    def _follow_payment(self):
        """Hook: see whether returns that stand still go on."""

    def action_report_late(self, reason=None):
        """Tell the supervisor that the promise cannot be kept, before it ends (R29).

        :param str reason: why, and what would help
        :raise UserError: without a reason, or when nobody waits for the goods
        """
        self.check_access("read")
        reason = (reason or "").strip()
        for rma in self:
            if rma.state not in HOLDING_STATES or not rma.deadline:
                rma._refuse(self.env._("Only a promise that still runs is in danger."))
            if not reason:
                rma._refuse(self.env._("Say why, and what would help."))
        # Reported by the technician, who writes no returns.
        self.sudo()._report_endangered(reason)
        return True
