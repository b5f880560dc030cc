import logging
from collections import defaultdict

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.fields import Command, Domain

from ..tools.escalation import MOMENTS, deadline_of, get_ladder
from .aftersales_ticket import OPEN_STATES

_logger = logging.getLogger(__name__)

STAFF = "aftersales_service.aftersales_service_group_technician"
NOBODY = {
    "responsible": "no_responsible",
    "supervisor": "no_supervisor",
    "manager": "no_manager",
    "users": "no_user",
    "group": "no_user",
}


class AftersalesTicket(models.Model):
    """When a ticket is escalated next, and the job that does it (R09)."""

    _inherit = "aftersales.ticket"

    escalation_trace_ids = fields.One2many(
        comodel_name="aftersales.escalation.trace",
        inverse_name="ticket_id",
        string="Escalations",
        readonly=True,
        groups=STAFF,
    )
    escalation_count = fields.Integer(
        string="Number of Escalations",
        compute="_compute_escalation_count",
        groups=STAFF,
    )
    escalated_date = fields.Datetime(
        string="Last Escalated",
        readonly=True,
        copy=False,
        groups=STAFF,
    )
    next_escalation = fields.Datetime(
        compute="_compute_next_escalation",
        store=True,
        copy=False,
        groups=STAFF,
        help="When somebody is told of the ticket next, as things are.",
    )

    _next_escalation_idx = models.Index(
        "(next_escalation, id) WHERE next_escalation IS NOT NULL"
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("escalation_trace_ids")
    def _compute_escalation_count(self):
        for ticket in self:
            ticket.escalation_count = len(ticket.escalation_trace_ids)

    @api.depends(
        *sorted({field for moment in MOMENTS.values() for field in moment if field}),
        "active",
        "state",
        "company_id",
        "team_id",
        "zone_id",
        "priority",
        "severity",
        "service_kind",
        "reopen_count",
        "escalated_date",
    )
    def _compute_next_escalation(self):
        for ticket, ladder in self._get_ladders():
            ticket.next_escalation = min(
                (moment for _step, moment in ladder), default=False
            )

    def _get_ladders(self):
        """Yield each ticket with ``[(step, when)]`` of the steps still to be taken."""
        steps = self.env["aftersales.escalation"]._get_plain_steps()
        known = {}
        for ticket in self:
            if ticket.state not in OPEN_STATES or not ticket.active:
                yield ticket, []
                continue
            ladder = get_ladder(steps, ticket, known)
            # Most tickets were never escalated: nothing is read for them.
            if ticket.escalated_date:
                taken = {
                    trace.step_id.id
                    for trace in ticket.escalation_trace_ids
                    if trace.round == ticket.reopen_count
                }
                ladder = [rung for rung in ladder if rung[0].key not in taken]
            yield ticket, ladder

    # ------------------------------------------------------------
    # SCHEDULED
    # ------------------------------------------------------------

    @api.model
    def _get_due_escalation_domain(self):
        """Domain of the tickets of which somebody is to be told now."""
        return Domain("next_escalation", "<=", fields.Datetime.now())

    @api.model
    def _cron_escalate(self, batch_size=100):
        """Take the steps of escalation that are due, each once (R09).

        Reads only tickets that are due, through their index; safe in two processes at
        once, killed between two batches, or run twice.

        :param int batch_size: tickets between two commits
        """
        progress = self.env["ir.cron"]
        domain = self._get_due_escalation_domain()
        left = progress._commit_progress(remaining=self.search_count(domain))
        seen = set()
        while left:
            found = self.search(
                domain & Domain("id", "not in", list(seen)),
                limit=batch_size,
                order="next_escalation, id",
            )
            if not found:
                break
            seen.update(found.ids)
            try:
                # Somebody else has the others in hand: this job, or a person.
                found.try_lock_for_update(allow_referencing=True)._escalate_safely()
            except OperationalError:
                # Changed by somebody since we looked: the next run looks again.
                self.env.cr.rollback()
                break
            left = progress._commit_progress(len(found))

    def _escalate_safely(self):
        """Escalate; a ticket that cannot be does not keep the others from it."""
        try:
            with self.env.cr.savepoint():
                self._escalate()
        except OperationalError:
            raise
        except Exception:
            if len(self) <= 1:
                _logger.exception("Ticket %s could not be escalated", self.ids)
                return
            for ticket in self:
                ticket._escalate_safely()

    # ------------------------------------------------------------
    # TELLING
    # ------------------------------------------------------------

    def _escalate(self):
        """Take all steps that are due, in their order, and keep who was told.

        :return: the new traces
        """
        now = fields.Datetime.now()
        ladders = {
            ticket: [
                step
                # Steps come in their order; those of the same moment keep it.
                for step, moment in sorted(ladder, key=lambda rung: rung[1])
                if moment <= now
            ]
            for ticket, ladder in self._get_ladders()
        }
        told = self._get_told_before()
        traces = self.env["aftersales.escalation.trace"]
        # One rung after the other: the next may tell the managers of the last.
        for rung in range(max(map(len, ladders.values()), default=0)):
            entries = [
                (ticket, ladder[rung])
                for ticket, ladder in ladders.items()
                if rung < len(ladder)
            ]
            traces |= self._take_steps(entries, told, now)
        traces._tell()
        # Also of tickets whose date was wrong: they must not come again at once.
        self.env.add_to_compute(self._fields["next_escalation"], self)
        return traces

    def _get_told_before(self):
        """Return ``{ticket: [(clock, users)]}`` of the steps that reached somebody."""
        told = defaultdict(list)
        for trace in self.escalation_trace_ids.sorted(lambda t: (t.date, t.id)):
            if trace.user_ids:
                told[trace.ticket_id].append((trace.clock, trace.user_ids))
        return told

    def _take_steps(self, entries, told, now):
        """Note one step of each ticket, with those it tells.

        :param entries: list of ``(ticket, plain step)``, each ticket once
        :param dict told: see :meth:`_get_told_before`, goes on
        """
        Step = self.env["aftersales.escalation"]
        Step.browse({step.key for _ticket, step in entries}).fetch()
        managers = self._get_managers(
            [
                (ticket, self._get_last_told(told[ticket], step.clock))
                for ticket, step in entries
                if Step.browse(step.key).audience == "manager"
            ]
        )
        vals_list = []
        for ticket, step in entries:
            record = Step.browse(step.key)
            users, outcome = ticket._find_audience(
                record, self._get_last_told(told[ticket], step.clock), managers
            )
            if users:
                told[ticket].append((step.clock, users))
            vals_list.append(
                {
                    "ticket_id": ticket.id,
                    "step_id": step.key,
                    "round": ticket.reopen_count,
                    "date": now,
                    "clock": step.clock,
                    "moment": step.moment,
                    "deadline": deadline_of(step, ticket),
                    "user_ids": [Command.set(users.ids)],
                    "outcome": outcome,
                }
            )
        self.browse([ticket.id for ticket, _step in entries])._step(
            {"escalated_date": now}
        )
        return self.env["aftersales.escalation.trace"].create(vals_list)

    @api.model
    def _get_last_told(self, told, clock):
        """Return whom the last step told: of the same clock, else of any."""
        same = [users for known, users in told if known == clock]
        any_clock = [users for _clock, users in told]
        return (same or any_clock or [self.env["res.users"]])[-1]

    @api.model
    def _get_managers(self, chains):
        """Return ``{(company, user): manager}`` of those told before, in one look.

        :param chains: list of ``(ticket, users)``
        """
        users = self.env["res.users"].union(*(users for _ticket, users in chains))
        companies = self.browse([ticket.id for ticket, _users in chains]).company_id
        if not users:
            return {}
        # The organisation chart is asked for one thing: who manages whom.
        employees_sudo = self.env["hr.employee"].sudo()
        employees_sudo = employees_sudo.search(
            [("user_id", "in", users.ids), ("company_id", "in", companies.ids)]
        )
        return {
            (employee.company_id, employee.user_id): employee.parent_id.user_id
            for employee in employees_sudo
        }

    def _find_audience(self, step, told, managers):
        """Return (users a step tells of this ticket, outcome to keep)."""
        self.ensure_one()
        audience = step.audience
        outcome = NOBODY[audience]
        supervisor = self.team_id.supervisor_id
        if audience == "responsible":
            users = self.user_id or supervisor
        elif audience == "supervisor":
            users = supervisor
        elif audience == "users":
            users = step.user_ids
        elif audience == "group":
            users = step.group_id.all_user_ids
        elif told:
            users = (
                told.union(
                    *(
                        managers.get((self.company_id, user), told.browse())
                        for user in told
                    )
                )
                - told
            )
        else:
            users, outcome = self.env["res.users"], "no_predecessor"
        able = users.filtered(
            lambda user: user.active
            and not user.share
            and self.company_id in user.company_ids
        )
        if users and not able:
            outcome = "no_user"
        if able and not step.by_activity:
            able = able.filtered("email")
            outcome = outcome if able else "no_address"
        return able, "told" if able else outcome

    # ------------------------------------------------------------
    # FOLLOWING
    # ------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if self._is_by_method():
            clocks = {
                clock
                for clock, (_warning, _deadline, stop, _hold) in MOMENTS.items()
                if stop and vals.get(stop)
            }
            if vals.get("state", "new") not in OPEN_STATES:
                clocks = set(MOMENTS)
            if clocks:
                self._drop_escalations(clocks)
        return result

    def _drop_escalations(self, clocks):
        """Take back the to-dos of clocks that have stopped."""
        # Nothing is asked of tickets that were never escalated; to-dos of others are
        # no longer theirs to do, either.
        escalated_sudo = self.sudo().filtered("escalated_date")
        if not escalated_sudo:
            return
        traces_sudo = escalated_sudo.escalation_trace_ids
        stopped_sudo = traces_sudo.filtered(lambda trace: trace.clock in clocks)
        # A to-do may be about a clock that goes on, too.
        kept_sudo = (traces_sudo - stopped_sudo).activity_ids
        (stopped_sudo.activity_ids - kept_sudo).unlink()

    def action_view_escalations(self):
        """Open who was told of these tickets when."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_escalation_trace_action"
        )
        return {**action, "domain": [("ticket_id", "in", self.ids)], "context": {}}
