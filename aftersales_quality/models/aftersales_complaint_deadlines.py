from collections import defaultdict
from zoneinfo import ZoneInfo

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.complaint import (
    Facts,
    applies,
    due_moment,
    get_notices,
    is_reached,
    next_notice,
)
from .aftersales_complaint import ENDED_STATES

# From below upwards: where nobody is named, the next one is told.
ASCENT = ("handler", "supervisor", "lead", "officer", "vice_president", "manager")


class AftersalesComplaint(models.Model):
    """Steps and time limits of complaints, and who is told of them (R58, R60)."""

    _inherit = "aftersales.complaint"

    # A change of one of these moves the limits of the complaint.
    _decisive_fields = frozenset(
        {
            "date",
            "partner_id",
            "company_id",
            "channel",
            "kind",
            "severity",
            "product_id",
            "promised_date",
            "letter_date",
            "visit_waived",
            "visit_date",
            "return_id",
        }
    )

    step_ids = fields.One2many(
        comodel_name="aftersales.complaint.step",
        inverse_name="complaint_id",
        string="Steps",
        readonly=True,
    )
    deadline_ids = fields.One2many(
        comodel_name="aftersales.complaint.deadline",
        inverse_name="complaint_id",
        string="Deadlines",
        readonly=True,
    )
    notice_ids = fields.One2many(
        comodel_name="aftersales.complaint.notice",
        inverse_name="complaint_id",
        string="Notices",
        readonly=True,
    )
    date_deadline = fields.Datetime(
        string="Due by", readonly=True, copy=False, help="The nearest open deadline."
    )
    overdue = fields.Boolean(compute="_compute_overdue", search="_search_overdue")

    @api.depends("date_deadline", "date_end")
    def _compute_overdue(self):
        now = fields.Datetime.now()
        for complaint in self:
            due = complaint.date_deadline
            complaint.overdue = bool(due) and not complaint.date_end and due < now

    @api.model
    def _search_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = self._get_open_domain() & Domain(
            "date_deadline", "<", fields.Datetime.now()
        )
        if True in value:
            return Domain.TRUE if False in value else overdue
        return Domain("id", "not in", self._search(overdue))

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def _enter_state(self):
        """Keep when each complaint left its last step and entered this one."""
        now = fields.Datetime.now()
        # Rows of steps are made by the steps alone, for whoever may take them.
        steps_sudo = self.sudo().step_ids._by_method()
        left_sudo = steps_sudo.filtered(lambda step: not step.date_done)
        left_sudo.write({"date_done": now, "user_id": self.env.uid})
        # One open step at a time: the old one is left before the new one is there.
        left_sudo.flush_recordset()
        steps_sudo.create(
            [
                {
                    "complaint_id": complaint.id,
                    "state": complaint.state,
                    "date_start": complaint.date
                    if complaint.state == "recorded"
                    else now,
                    "date_done": now if complaint.state in ENDED_STATES else False,
                    "owner_id": complaint.owner_id.id,
                }
                for complaint in self
            ]
        )
        self._follow_deadlines()

    # ------------------------------------------------------------
    # LIMITS
    # ------------------------------------------------------------

    def _follow_deadlines(self):
        """Set the limits of these complaints as things are, all in one pass.

        A limit that was given stays as it was given; what is met is kept as met.
        """
        # Limits are made by the rules, for whoever records or handles a complaint.
        complaints = self.sudo()
        clocks = self.env["aftersales.complaint.clock"]._get_plain_clocks()
        now = fields.Datetime.now()
        calendars = {
            company: (
                company.resource_calendar_id._aftersales_get_working_days(),
                ZoneInfo(company.partner_id.tz or "UTC"),
            )
            for company in complaints.company_id
        }
        known = {
            (row.complaint_id.id, row.clock_id.id, row.date_start): row
            for row in complaints.deadline_ids
        }
        wanted, vals_list, changes = set(), [], defaultdict(list)
        for complaint in complaints:
            works, zone = calendars[complaint.company_id]
            for clock, step, start in complaint._get_running_clocks(clocks):
                key = (complaint.id, clock.key, start)
                done = complaint._get_moment_met(clock, step, known.get(key), now)
                if not done and complaint.state == "rejected":
                    # Nobody has to go or to write to whom nothing is owed.
                    continue
                wanted.add(key)
                if row := known.get(key):
                    if (row.date_done or None) != done:
                        changes[done].append(row.id)
                    continue
                due = due_moment(start, clock.amount, clock.unit, works, zone)
                notices = get_notices(clock, start, due)
                vals_list.append(
                    {
                        "complaint_id": complaint.id,
                        "clock_id": clock.key,
                        "step_id": step.id if step else False,
                        "date_start": start,
                        "date_due": due,
                        "date_done": done,
                        "date_notice": not done and next_notice(notices, (), now),
                    }
                )
        rows = complaints.deadline_ids._by_method()
        rows.browse(
            row.id
            for key, row in known.items()
            if key not in wanted and not row.date_done
        )._drop()
        for done, ids in changes.items():
            changed = rows.browse(ids)
            changed.write({"date_done": done})
            if done:
                changed._drop_todos()
        made = rows.create(vals_list)
        made.filtered(
            lambda row: not row.date_done and row.date_notice and row.date_notice <= now
        )._tell_due()
        ended = complaints.filtered(lambda complaint: complaint.state in ENDED_STATES)
        ended.deadline_ids._drop_todos()
        complaints._note_due(made)

    def _note_due(self, made):
        """Keep on steps and complaints when they are due next."""
        per_step = defaultdict(list)
        for row in made:
            if row.step_id:
                per_step[row.step_id].append(row.date_due)
        for step, dues in per_step.items():
            step._by_method().date_due = min(dues)
        nearest = defaultdict(self.browse)
        for complaint in self:
            dues = [row.date_due for row in complaint.deadline_ids if not row.date_done]
            due = min(dues, default=False)
            if complaint.date_deadline != due:
                nearest[due] |= complaint
        for due, complaints in nearest.items():
            complaints._by_method().write({"date_deadline": due})

    def _get_running_clocks(self, clocks):
        """Yield ``(clock, step row or None, start)`` of the limits that hold for it."""
        self.ensure_one()
        facts = self._get_clock_facts()
        promised = self.promised_date or None
        starts = {
            "received": self.date,
            "goods": self._get_goods_date(),
            "promise": promised,
        }
        for clock in clocks.values():
            if not applies(clock, facts):
                continue
            if clock.kind == "step":
                for step in self.step_ids:
                    if step.state == clock.step:
                        yield clock, step, step.date_start
            elif start := starts[clock.start]:
                if clock.start != "promise" or is_reached(self.state, "committed"):
                    yield clock, None, start

    def _get_clock_facts(self):
        self.ensure_one()
        partner = self.partner_id
        company = self.company_id
        template = self.product_id.product_tmpl_id
        return Facts(
            company=company.id,
            country=partner.country_id.id or company.country_id.id or 0,
            channel=self.channel,
            complaint_kind=self.kind,
            severity=self.severity,
            product_class=template._get_aftersales_class().id or 0 if template else 0,
            customers="company"
            if partner.commercial_partner_id.is_company
            else "person",
            day=company._aftersales_today(self.date),
        )

    def _get_moment_met(self, clock, step, row, now):
        """Return when a limit was met, None while it is open.

        :param row: the deadline as it is kept, if it is
        """
        self.ensure_one()
        if step:
            return step.date_done or None
        kept = row.date_done if row else None
        if self.state == "archived":
            return kept or now
        if clock.stop == "visit":
            return self.visit_date or (kept or now if self.visit_waived else None)
        if clock.stop == "letter":
            return self.letter_date or None
        if clock.stop == "refund":
            return self._get_settled_date() or None
        if clock.stop == "told":
            return kept or None
        if self.state == "rejected" or is_reached(self.state, clock.stop):
            return kept or now
        return None

    def _get_goods_date(self):
        """Return when the goods of the complaint came back, None before."""
        self.ensure_one()
        return self.return_id.receive_date or None

    def _get_settled_date(self):
        """Return when the return of the complaint was settled, None before."""
        self.ensure_one()
        return self.return_id.done_date or None

    # ------------------------------------------------------------
    # WHO IS TOLD
    # ------------------------------------------------------------

    def _get_audience(self, audience):
        """Return the users whom a notice of this complaint tells.

        Where nobody is named, the next one above is told.
        """
        self.ensure_one()
        company = self.company_id
        named = {
            "handler": self.owner_id,
            "supervisor": self.team_id.supervisor_id,
            "department": self.department_id.manager_id.user_id,
            "lead": company.aftersales_quality_lead_id,
            "officer": company.aftersales_performance_officer_id,
            "vice_president": company.aftersales_vice_president_id,
            "manager": company.aftersales_general_manager_id,
        }
        above = ASCENT[ASCENT.index(audience) :] if audience in ASCENT else ASCENT
        for name in (audience, *above):
            users = named[name].filtered(
                lambda user: user.active
                and not user.share
                and company in user.company_ids
            )
            if users:
                return users
        return self.env["res.users"]

    def _prepare_todo(self, user, kind, summary, note):
        """Return the values of a to-do on the complaint."""
        self.ensure_one()
        activity_type = self.env.ref(kind, raise_if_not_found=False) or self.env.ref(
            "mail.mail_activity_data_todo"
        )
        return {
            "activity_type_id": activity_type.id,
            "res_model_id": self.env["ir.model"]._get_id(self._name),
            "res_id": self.id,
            "user_id": user.id,
            "date_deadline": self.company_id._aftersales_today(),
            "summary": summary,
            "note": note,
        }

    def _plan_todo(self, user, kind, summary, note):
        """Give a to-do on the complaint to somebody who may open it."""
        # Who is asked is decided by the rules, whoever took the step.
        self.env["mail.activity"].sudo().create(
            [self._prepare_todo(user, kind, summary, note)]
        )

    # ------------------------------------------------------------
    # SCHEDULED
    # ------------------------------------------------------------

    @api.model
    def _cron_follow(self, batch_size=100):
        """Tell of what is due, remind of approvals, end delegations (R60).

        Reads only what is due, through its index; safe in two processes at once,
        killed between two batches, or run twice.

        :param int batch_size: deadlines between two commits
        """
        progress = self.env["ir.cron"]
        Deadline = self.env["aftersales.complaint.deadline"]
        self._take_back_delegations()
        self._remind_approvers()
        left = progress._commit_progress(
            remaining=Deadline.search_count(Deadline._get_due_domain())
        )
        seen = set()
        while left:
            found = Deadline.search(
                Deadline._get_due_domain() & Domain("id", "not in", list(seen)),
                limit=batch_size,
                order="date_notice, id",
            )
            if not found:
                break
            seen.update(found.ids)
            try:
                # Somebody else has the others in hand: this job, or a person.
                found.try_lock_for_update(allow_referencing=True)._tell_due()
            except OperationalError:
                # Changed by somebody since we looked: the next run looks again.
                self.env.cr.rollback()
                break
            left = progress._commit_progress(len(found))

    @api.model
    def _remind_approvers(self):
        """Remind once a day those who let a solution wait for more than a day."""
        now = fields.Datetime.now()
        yesterday = fields.Datetime.subtract(now, days=1)
        Approval = self.env["aftersales.complaint.approval"]
        waiting = Approval.search(
            [
                ("state", "=", "waiting"),
                ("date_asked", "<=", yesterday),
                "|",
                ("date_reminded", "=", False),
                ("date_reminded", "<=", yesterday),
            ],
            limit=1000,
        ).try_lock_for_update(allow_referencing=True)
        waiting._by_method().write({"date_reminded": now})
        waiting._remind()
        return waiting
