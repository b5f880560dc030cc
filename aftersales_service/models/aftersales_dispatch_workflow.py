from odoo import api, fields, models

from .aftersales_dispatch import BOOKED_STATES, OPEN_STATES
from .aftersales_ticket import OPEN_STATES as OPEN_TICKET_STATES

AGENT = "aftersales_service.aftersales_service_group_agent"
# What the dispatcher decides, and nobody else (R22).
PLAN = frozenset(
    {
        "ticket_id",
        "technician_id",
        "crew_ids",
        "watcher_id",
        "zone_id",
        "job_type_id",
        "date_start",
        "date_end",
        "active",
    }
)
# Moving a visit that was assigned is a postponement, with its trace.
MOVE = frozenset({"technician_id", "crew_ids", "watcher_id", "date_start", "date_end"})


class AftersalesDispatch(models.Model):
    """The steps of a visit: ``can_x`` → ``_ensure_can`` → ``action_x``."""

    _inherit = "aftersales.dispatch"

    can_assign = fields.Boolean(compute="_compute_can")
    can_accept = fields.Boolean(compute="_compute_can")
    can_arrive = fields.Boolean(compute="_compute_can")
    can_finish = fields.Boolean(compute="_compute_can")
    can_fail = fields.Boolean(compute="_compute_can")
    can_cancel = fields.Boolean(compute="_compute_can")
    can_reschedule = fields.Boolean(compute="_compute_can")
    can_plan = fields.Boolean(compute="_compute_can")

    @api.depends("state", "user_ids", "ticket_id.state", "ticket_id.to_verify")
    @api.depends_context("uid", "su")
    def _compute_can(self):
        is_agent = self.env.su or self.env.user.has_group(AGENT)
        for dispatch in self:
            state = dispatch.state
            alive = dispatch._is_ticket_served()
            own = is_agent or self.env.user in dispatch.user_ids
            coming = state in ("assigned", "accepted")
            dispatch.can_plan = is_agent and state in ("draft", "assigned", "accepted")
            dispatch.can_assign = alive and dispatch.can_plan
            dispatch.can_accept = own and alive and state == "assigned"
            dispatch.can_arrive = own and alive and coming
            dispatch.can_finish = own and state == "on_site"
            dispatch.can_fail = own and state in BOOKED_STATES
            dispatch.can_cancel = is_agent and (state == "draft" or coming)
            dispatch.can_reschedule = own and alive and coming

    def _is_ticket_served(self):
        """Tell whether the ticket still needs somebody to go there."""
        self.ensure_one()
        ticket = self.ticket_id
        return ticket.state in OPEN_TICKET_STATES and not ticket.to_verify

    # ------------------------------------------------------------
    # CREATE, WRITE
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            self._ensure_no_facts(vals)
        tickets = self.env["aftersales.ticket"].browse(
            vals["ticket_id"] for vals in vals_list if vals.get("ticket_id")
        )
        for vals in vals_list:
            # The number is that of the ticket's company.
            ticket = tickets.browse(vals.get("ticket_id"))
            vals["company_id"] = ticket.company_id.id or self.env.company.id
        self._number(vals_list)
        for vals in vals_list:
            del vals["company_id"]
        dispatches = super().create(vals_list)
        # Help from afar did not do.
        dispatches.ticket_id.filtered(
            lambda ticket: ticket.service_mode in ("phone", "online")
        ).service_mode = "onsite"
        if idle := dispatches.filtered(lambda d: not d._is_ticket_served()):
            idle._refuse(
                self.env._(
                    "A visit is for a verified ticket being worked on; reopen or verify "
                    "the ticket first."
                )
            )
        return dispatches

    def write(self, vals):
        self._ensure_no_facts(vals)
        if self._is_by_method():
            return super().write(vals)
        if PLAN & vals.keys():
            self._ensure_can(
                "can_plan",
                self.env._(
                    "Only the dispatcher plans a visit, and only until it begins."
                ),
            )
        booked = self.filtered(lambda dispatch: dispatch.state in BOOKED_STATES)
        if MOVE & vals.keys() and booked:
            move = {field: vals[field] for field in MOVE & vals.keys()}
            rest = {field: vals[field] for field in vals.keys() - MOVE}
            booked._move(move)
            if rest:
                super(AftersalesDispatch, booked).write(rest)
            return super(AftersalesDispatch, self - booked).write(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """What was assigned is a record, it is cancelled rather than deleted."""
        if used := self.filtered("assign_date"):
            used._refuse(self.env._("It was assigned already: cancel it instead."))

    # ------------------------------------------------------------
    # TRANSITIONS
    # ------------------------------------------------------------

    def action_assign(self, technician_id=None, reason=None, moment=None):
        """Send somebody: the technician and the time on the order.

        :param int technician_id: employee, the one on the order when empty
        :param str reason: why he is sent although the suggestion refuses him; for
            supervisors
        :param datetime moment: when he was sent, now when empty; for visits that are
            noted afterwards
        :raise UserError: without person or time, when he is refused, or when he has
            another visit at that time
        """
        self._ensure_can(
            "can_assign",
            self.env._(
                "Only the dispatcher assigns visits, for a verified ticket being worked "
                "on and before the visit begins."
            ),
        )
        if technician_id:
            self._step({"technician_id": technician_id})
        self._ensure_planned()
        now = fields.Datetime.now()
        moment = fields.Datetime.to_datetime(moment) or now
        if wrong := self.filtered(lambda d: not d.ticket_id.date_open <= moment <= now):
            wrong._refuse(
                self.env._("Nobody is sent before the call or in the future.")
            )
        self._ensure_fit(reason)
        self._step(
            {
                "state": "assigned",
                "assign_date": moment,
                "assigned_by_id": self.env.uid,
                "accept_date": False,
            }
        )
        self._book()
        self.ticket_id.filtered("can_open").action_open()
        self._after_assignment()
        return True

    def action_accept(self):
        """Say that one goes.

        :raise UserError: when the visit is not assigned, or somebody else's
        """
        self._ensure_can(
            "can_accept",
            self.env._("Only who is sent accepts a visit, as long as it is assigned."),
        )
        return self._step({"state": "accepted", "accept_date": fields.Datetime.now()})

    def action_arrive(self, moment=None):
        """Note that one is at the customer's (R25).

        :param datetime moment: when, now when empty
        :raise UserError: when the visit is not assigned, or the time cannot be
        """
        if self and all(dispatch.state == "on_site" for dispatch in self):
            return True  # said twice by a phone with a bad line
        self._ensure_can(
            "can_arrive",
            self.env._(
                "Only who is sent arrives, after the visit was assigned and as long as "
                "the ticket is being worked on."
            ),
        )
        now = fields.Datetime.now()
        moment = fields.Datetime.to_datetime(moment) or now
        if wrong := self.filtered(lambda d: not d.assign_date <= moment <= now):
            wrong._refuse(
                self.env._("Nobody arrives before he is sent or in the future.")
            )
        self._step({"state": "on_site", "arrive_date": moment})
        tickets = self.ticket_id
        tickets.filtered("can_resume").action_resume()
        tickets.filtered("can_arrive").action_arrive(moment)
        return True

    def action_finish(self, moment=None):
        """Note that the work on site is done; a solved ticket follows (R25).

        Finishing twice does no harm: the first time stays.

        :param datetime moment: when, now when empty
        :raise UserError: before the arrival, or when something is missing
        """
        todo = self.filtered(lambda dispatch: dispatch.state != "done")
        if not todo:
            return True
        todo._ensure_can(
            "can_finish", self.env._("Only who is on site finishes a visit.")
        )
        now = fields.Datetime.now()
        moment = fields.Datetime.to_datetime(moment) or now
        if wrong := todo.filtered(lambda d: not d.arrive_date <= moment <= now):
            wrong._refuse(
                self.env._("Nobody is done before he arrives or in the future.")
            )
        todo._ensure_complete()
        todo._step({"state": "done", "finish_date": moment})
        todo._book()
        todo._solve_tickets()
        todo._after_finish()
        return True

    def action_fail(self, reason=None):
        """Note that nothing could be done; the ticket needs another visit.

        :param str reason: why, mandatory
        :raise UserError: without a reason, or when the visit is not running
        """
        self._ensure_can(
            "can_fail",
            self.env._("Only who is sent gives a visit up, before it is finished."),
        )
        self._end("failed", reason, self.env._("Say why nothing could be done."))
        return True

    def action_cancel(self, reason=None):
        """Cancel visits that are not needed any more.

        :param str reason: why, mandatory
        :raise UserError: without a reason, or when somebody is on site
        """
        self._ensure_can(
            "can_cancel",
            self.env._("Only the dispatcher cancels a visit, before anybody arrives."),
        )
        self._end("cancelled", reason, self.env._("Say why it is cancelled."))
        return True

    def action_reschedule(
        self, date_start=None, date_end=None, reason=None, requested_by="company"
    ):
        """Postpone a visit (R24).

        Postponed by us it keeps its technician, who is asked again. Postponed by the
        customer it goes back to the dispatcher, the wished time noted on it.

        :param datetime date_start: the new time; may be open for the customer's wish
        :param datetime date_end: as long as before when empty
        :param str reason: why, mandatory
        :param str requested_by: company or customer
        :raise UserError: without a reason, without a new time of ours, or when the
            visit is not assigned
        """
        self._ensure_can(
            "can_reschedule",
            self.env._("Only visits to come are postponed, by those who know of them."),
        )
        if not (reason or "").strip():
            self._refuse(self.env._("Say why it is postponed."))
        if requested_by not in ("company", "customer"):
            self._refuse(self.env._("Say who postpones: the company or the customer."))
        begin = fields.Datetime.to_datetime(date_start)
        if requested_by == "company" and not begin:
            self._refuse(self.env._("Name the new time."))
        self._postpone(begin, date_end, reason, requested_by)
        self._book()
        self._after_reschedule()
        return True

    # ------------------------------------------------------------
    # HOOKS
    # ------------------------------------------------------------

    def _ensure_fit(self, reason):
        """Refuse people who cannot go, unless a supervisor says why all the same.

        :param str reason: the supervisor's
        :raise UserError: naming each refusal
        """

    def _ensure_complete(self):
        """Refuse to finish visits on which something mandatory is missing.

        :raise UserError: naming what is missing
        """

    def _after_assignment(self):
        """Follow up on visits that were just assigned."""

    def _after_reschedule(self):
        """Follow up on visits that were just postponed."""

    def _after_finish(self):
        """Follow up on visits that were just done."""

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def _ensure_planned(self):
        if open_ones := self.filtered(
            lambda d: not (d.technician_id and d.date_start and d.date_end)
        ):
            open_ones._refuse(
                self.env._("Name the technician and the planned time first.")
            )

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def _step(self, vals):
        return self._by_method().write(vals)

    def _end(self, state, reason, way_out):
        if not (reason or "").strip():
            self._refuse(way_out)
        self._step({"state": state, "end_reason": reason})
        self._book()

    def _move(self, vals, reason=None):
        """Move assigned visits on the board or in the calendar: asked for by us.

        The technician of the new plan is asked again, whoever he is.

        :param str reason: why he is sent although the suggestion refuses him
        """
        old_starts = {dispatch: dispatch.date_start for dispatch in self}
        self._step(vals)
        self._trace_move(old_starts, self.env._("Moved by the dispatcher"), "company")
        self.action_assign(reason=reason)

    def _postpone(self, begin, end, reason, requested_by):
        """Give visits their new time; whose wish it is decides what comes next."""
        old_starts = {dispatch: dispatch.date_start for dispatch in self}
        end = fields.Datetime.to_datetime(end)
        state = "draft" if requested_by == "customer" else "assigned"
        for length, dispatches in self.grouped(
            lambda dispatch: dispatch.date_end - dispatch.date_start
        ).items():
            dispatches._step(
                {
                    "date_start": begin or False,
                    "date_end": end or (begin and begin + length) or False,
                    "state": state,
                    "accept_date": False,
                }
            )
        self._trace_move(old_starts, reason, requested_by)

    def _trace_move(self, old_starts, reason, requested_by):
        """Keep postponements; a change of people alone is none.

        :param old_starts: dict ``{visit: its former start}``
        """
        # The trace is written by the steps alone.
        self.env["aftersales.reschedule"].sudo().create(
            [
                {
                    "dispatch_id": dispatch.id,
                    "old_start": old,
                    "new_start": dispatch.date_start,
                    "requested_by": requested_by,
                    "reason": reason,
                    "user_id": self.env.uid,
                }
                for dispatch, old in old_starts.items()
                if old != dispatch.date_start
            ]
        )

    def _solve_tickets(self):
        """Solve the tickets of visits that solved them, when no other visit is open."""
        solved = self.filtered(lambda dispatch: dispatch.result == "solved")
        tickets = solved.ticket_id.filtered(
            lambda ticket: not any(
                dispatch.state in OPEN_STATES for dispatch in ticket.dispatch_ids
            )
        )
        tickets.filtered(lambda t: t.state in OPEN_TICKET_STATES).action_solve()
