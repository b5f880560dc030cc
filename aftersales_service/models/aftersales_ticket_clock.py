from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.clock import CLOCKS, breach, held_since
from ..tools.reckoning import Reckoning
from .aftersales_ticket import OPEN_STATES

# What stops each clock. The solution counts from the last one: the first time of a
# ticket that was reopened is kept in solve_date.
CLOCK_STOPS = {
    "respond": "respond_date",
    "arrive": "arrive_date",
    "solve": "done_date",
}
STARTS = {
    "registered": "date_open",
    "responded": "respond_date",
    "arrived": "arrive_date",
}
WRITTEN = ("letter", "fax", "email")
# Nobody travels for these.
WITHOUT_ARRIVAL = ("online", "workshop")


class AftersalesTicket(models.Model):
    """The promised times of a ticket: answer, arrival, solution (R03, R04, R05).

    Deadlines change with what happens to the ticket and never by themselves; whether
    they are late is asked of the clock on the wall (see the states).
    """

    _inherit = "aftersales.ticket"

    zone_id = fields.Many2one(
        comodel_name="aftersales.zone",
        compute="_compute_zone_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        index="btree_not_null",
        tracking=True,
        help="Service area of the site, found by its address.",
    )
    arrive_wish = fields.Datetime(
        string="Time Wished",
        copy=False,
        tracking=True,
        help="When the customer wants us to arrive; goes before the promise of the zone.",
    )
    arrive_date = fields.Datetime(string="Arrived on", copy=False, readonly=True)
    done_date = fields.Datetime(
        string="Solved Last on",
        copy=False,
        readonly=True,
        help="When it was solved last; empty again while it is reopened.",
    )
    cancel_date = fields.Datetime(string="Cancelled on", copy=False, readonly=True)
    pause_ids = fields.One2many(
        comodel_name="aftersales.ticket.pause",
        inverse_name="ticket_id",
        string="Pauses",
        readonly=True,
        groups="aftersales_service.aftersales_service_group_technician",
    )

    respond_deadline = fields.Datetime(
        string="Response Due", compute="_compute_clocks", store=True
    )
    respond_warning = fields.Datetime(
        string="Response Warning", compute="_compute_clocks", store=True
    )
    respond_hold = fields.Datetime(
        string="Response Stands Still Since", compute="_compute_clocks", store=True
    )
    respond_missed = fields.Datetime(
        string="Response Missed",
        compute="_compute_clocks",
        store=True,
        help="The first deadline that was broken; a later one does not mend it.",
    )
    arrive_deadline = fields.Datetime(
        string="Arrival Due", compute="_compute_clocks", store=True
    )
    arrive_warning = fields.Datetime(
        string="Arrival Warning", compute="_compute_clocks", store=True
    )
    arrive_hold = fields.Datetime(
        string="Arrival Stands Still Since", compute="_compute_clocks", store=True
    )
    arrive_missed = fields.Datetime(
        string="Arrival Missed", compute="_compute_clocks", store=True
    )
    solve_deadline = fields.Datetime(
        string="Solution Due", compute="_compute_clocks", store=True
    )
    solve_warning = fields.Datetime(
        string="Solution Warning", compute="_compute_clocks", store=True
    )
    solve_hold = fields.Datetime(
        string="Solution Stands Still Since", compute="_compute_clocks", store=True
    )
    solve_missed = fields.Datetime(
        string="Solution Missed", compute="_compute_clocks", store=True
    )
    next_deadline = fields.Datetime(
        string="Due",
        compute="_compute_clocks",
        store=True,
        help="The nearest promise that is still to be kept.",
    )
    can_respond = fields.Boolean(compute="_compute_can_answer")
    can_arrive = fields.Boolean(compute="_compute_can_answer")
    # What was promised and why; rules that change later change no promise given.
    clock_terms = fields.Json(compute="_compute_clocks", store=True, copy=False)
    promise_text = fields.Char(
        string="Promises",
        compute="_compute_promise_text",
        help="What was promised, by which rule.",
    )

    _respond_due_idx = models.Index(
        "(respond_deadline) WHERE respond_date IS NULL "
        "AND state IN ('new', 'open', 'waiting')"
    )
    _arrive_due_idx = models.Index(
        "(arrive_deadline) WHERE arrive_date IS NULL "
        "AND state IN ('new', 'open', 'waiting')"
    )
    _solve_due_idx = models.Index(
        "(solve_deadline) WHERE done_date IS NULL "
        "AND state IN ('new', 'open', 'waiting')"
    )
    _missed_idx = models.Index(
        "(id) WHERE state IN ('new', 'open', 'waiting') AND (respond_missed IS NOT NULL "
        "OR arrive_missed IS NOT NULL OR solve_missed IS NOT NULL)"
    )

    @api.constrains("arrive_wish", "date_open")
    def _check_arrive_wish(self):
        for ticket in self:
            if ticket.arrive_wish and ticket.arrive_wish < ticket.date_open:
                raise ValidationError(
                    self.env._(
                        "%s: the customer cannot wish a time before his call. Correct "
                        "the time wished.",
                        ticket.display_name,
                    )
                )

    @api.constrains("promised_date", "date_open")
    def _check_promised_date(self):
        for ticket in self:
            if ticket.promised_date and ticket.promised_date < ticket.date_open:
                raise ValidationError(
                    self.env._(
                        "%s: nothing can be promised for a time before the call. "
                        "Correct the promised time.",
                        ticket.display_name,
                    )
                )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("site_id", "partner_id", "company_id")
    def _compute_zone_id(self):
        Zone = self.env["aftersales.zone"]
        zones = Zone._find_zones(
            [ticket.site_id or ticket.partner_id for ticket in self],
            [ticket.company_id for ticket in self],
        )
        for ticket, zone in zip(self, zones, strict=True):
            ticket.zone_id = zone or (
                ticket.zone_id
                if ticket.zone_id.company_id in (Zone.company_id, ticket.company_id)
                else False
            )

    @api.depends(
        "date_open",
        "zone_id",
        "team_id",
        "service_kind",
        "service_mode",
        "priority",
        "channel",
        "arrive_wish",
        "state",
        "respond_date",
        "arrive_date",
        "done_date",
        "cancel_date",
        "pause_ids.date_start",
        "pause_ids.date_end",
    )
    def _compute_clocks(self):
        reckoning = Reckoning(self, fields.Datetime.now())
        for ticket in self:
            old_terms = ticket.clock_terms or {}
            terms = ticket._get_terms(reckoning)
            running = ticket.state in OPEN_STATES
            pauses = ticket.pause_ids
            deadlines = []
            for clock in CLOCKS:
                missed = ticket._get_missed(clock, old_terms, reckoning.now)
                stood = [
                    (pause.date_start, pause.date_end or None)
                    for pause in pauses
                    if pause[f"stops_{clock}"]
                ]
                warning, deadline = ticket._get_due(
                    clock, terms.get(clock), stood, reckoning
                )
                hold = held_since(stood) if deadline else None
                stop = ticket[CLOCK_STOPS[clock]]
                ticket[f"{clock}_warning"] = warning
                ticket[f"{clock}_deadline"] = deadline
                ticket[f"{clock}_hold"] = hold
                ticket[f"{clock}_missed"] = missed
                if running and deadline and not stop and not hold:
                    deadlines.append(deadline)
                terms["stops"][clock] = fields.Datetime.to_string(stop)
            ticket.next_deadline = min(deadlines, default=False)
            ticket.clock_terms = terms

    def _get_terms(self, reckoning):
        """Return the terms of the ticket: those given, as long as it stays the same."""
        self.ensure_one()
        key = {
            "company_id": self.company_id.id,
            "zone_id": self.zone_id.id,
            "team_id": self.team_id.id,
            "service_kind": self.service_kind,
            "priority": self.priority,
            "contact": "written" if self.channel in WRITTEN else "spoken",
        }
        given = self.clock_terms or {}
        if given.get("key") != key:
            given = reckoning.choose(key, self.zone_id)
        terms = {clock: given.get(clock) for clock in CLOCKS}
        return {"key": key, **terms, "stops": {}}

    def _get_due(self, clock, terms, pauses, reckoning):
        """Return (at risk from, broken from) of one clock of the ticket."""
        self.ensure_one()
        if clock == "arrive":
            if self.service_mode in WITHOUT_ARRIVAL:
                return None, None
            if wish := self.arrive_wish:
                share = (terms or {}).get("warning", 0.8)
                return self.date_open + (wish - self.date_open) * share, wish
        start = terms and self[STARTS[terms["start"]]]
        return reckoning.due(self, terms, start, pauses) if start else (None, None)

    def _get_missed(self, clock, old_terms, now):
        """Return the earliest deadline of a clock that was broken, as of now.

        Asked before the clock is set anew: a promise that is broken stays broken,
        whatever becomes of priority, zone or pauses.
        """
        self.ensure_one()
        if missed := self[f"{clock}_missed"]:
            return missed
        deadline = self[f"{clock}_deadline"]
        former = (old_terms.get("stops") or {}).get(clock)
        stop = self[CLOCK_STOPS[clock]] or fields.Datetime.to_datetime(former)
        if not stop and self.state not in OPEN_STATES:
            # The clock ended with the ticket.
            stop = self.done_date or self.cancel_date
        return (
            deadline
            if breach(deadline, self[f"{clock}_hold"], stop or None, now)
            else False
        )

    # ------------------------------------------------------------
    # ANSWER AND ARRIVAL
    # ------------------------------------------------------------

    @api.depends("state", "to_verify", "respond_date", "arrive_date", "service_mode")
    def _compute_can_answer(self):
        for ticket in self:
            unfinished = ticket.state in OPEN_STATES
            ticket.can_respond = unfinished and not ticket.respond_date
            ticket.can_arrive = (
                unfinished
                and not ticket.to_verify
                and not ticket.arrive_date
                and ticket.service_mode not in WITHOUT_ARRIVAL
            )

    def action_respond(self, note=None):
        """Note that somebody has spoken with the customer, now (R03).

        :param str note: what was said
        :raise UserError: when he was answered before, or the ticket is finished
        """
        self._ensure_can(
            "can_respond",
            self.env._("It is finished, or the customer was answered already."),
        )
        self._step({"respond_date": fields.Datetime.now()})
        self._tell(self.env._("The customer was called back"), note)
        return True

    def action_arrive(self, moment=None):
        """Note that we are at the customer's (R04).

        :param datetime moment: when, now when empty
        :raise UserError: when nobody travels for the ticket, somebody has arrived
            already, or the time cannot be
        """
        self._ensure_can(
            "can_arrive",
            self.env._(
                "An arrival is noted once, on a verified ticket being worked on that "
                "is served on site."
            ),
        )
        now = fields.Datetime.now()
        moment = fields.Datetime.to_datetime(moment) or now
        if wrong := self.filtered(lambda t: not t.date_open <= moment <= now):
            wrong._refuse(
                self.env._("Nobody arrives before the call or in the future.")
            )
        self._set_once("respond_date")
        return self._step({"arrive_date": moment, "service_mode": "onsite"})

    def _message_post_after_hook(self, message, msg_vals):
        """Take a reply of our staff that the customer can read as the answer (R03)."""
        result = super()._message_post_after_hook(message, msg_vals)
        if not self.respond_date and self._is_answer(message):
            # Who may write to the customer has answered him, whatever else he may.
            self.sudo()._step({"respond_date": message.date})
        return result

    @api.model
    def _is_answer(self, message):
        # Users are not for everybody to read.
        author_sudo = message.author_id.sudo()
        return (
            message.message_type in ("comment", "email", "email_outgoing")
            and not message.subtype_id.internal
            and author_sudo != self.env.ref("base.partner_root")
            and any(not user.share for user in author_sudo.user_ids)
            and author_sudo not in self.partner_id
        )

    # ------------------------------------------------------------
    # PAUSES
    # ------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if self._is_by_method() and "state" in vals:
            self._stamp_state(vals["state"])
        if {"state", "waiting_reason"} & vals.keys():
            self._follow_pauses()
        return result

    def _stamp_state(self, state):
        """Keep the times at which the clocks of the ticket end or go on."""
        now = fields.Datetime.now()
        if state == "solved":
            self.filtered(lambda ticket: not ticket.done_date)._step({"done_date": now})
        elif state == "cancelled":
            self._step({"cancel_date": now})
        elif state == "open":
            reopened = self.filtered(lambda t: t.done_date or t.cancel_date)
            reopened._pause_finished()
            reopened._step({"done_date": False, "cancel_date": False})

    def _pause_finished(self):
        """Take the time for which a reopened ticket was finished out of its clocks."""
        # Pauses are for the steps of the ticket alone to write.
        self.env["aftersales.ticket.pause"].sudo().create(
            [
                {
                    "ticket_id": ticket.id,
                    "reason": "finished",
                    "date_start": ticket.done_date or ticket.cancel_date,
                    "date_end": fields.Datetime.now(),
                    **{f"stops_{clock}": True for clock in CLOCKS},
                }
                for ticket in self
            ]
        )

    def _follow_pauses(self):
        """Let each waiting ticket have one running pause, and no other ticket any."""
        # See _pause_finished.
        Pause = self.env["aftersales.ticket.pause"].sudo()
        now = fields.Datetime.now()
        running = Pause.search(
            [("ticket_id", "in", self.ids), ("date_end", "=", False)]
        )
        right = running.filtered(
            lambda pause: pause.ticket_id.state == "waiting"
            and pause.reason == pause.ticket_id.waiting_reason
        )
        ended = running - right
        ended.write({"date_end": now})
        ended.flush_recordset()  # before the next one begins
        waiting = self.filtered(lambda t: t.state == "waiting") - right.ticket_id
        if not waiting:
            return
        stops = self.env["aftersales.waiting.rule"].sudo()._get_stops()  # for anyone
        Pause.create(
            [
                {
                    "ticket_id": ticket.id,
                    "reason": ticket.waiting_reason,
                    "date_start": now,
                    **stops.get(ticket.waiting_reason, {}),
                }
                for ticket in waiting
            ]
        )

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    @api.depends("clock_terms", "arrive_wish")
    @api.depends_context("lang")
    def _compute_promise_text(self):
        labels = {
            "respond": self.env._("Response"),
            "arrive": self.env._("Arrival"),
            "solve": self.env._("Solving"),
        }
        Sla, Zone = self.env["aftersales.sla"], self.env["aftersales.zone"]
        for ticket in self:
            texts = []
            for clock in CLOCKS:
                terms = (ticket.clock_terms or {}).get(clock)
                if clock == "arrive" and ticket.arrive_wish:
                    texts.append(self.env._("Arrival: wished by the customer"))
                elif terms and ticket[f"{clock}_deadline"]:
                    rule = (
                        Sla.browse(terms["sla"])
                        if terms.get("sla")
                        else Zone.browse(terms.get("zone"))
                    )
                    # Rules are for everybody to read, but perhaps not of this company.
                    name = rule.sudo().exists().display_name
                    texts.append(
                        self.env._(
                            "%(clock)s: %(amount)s (%(rule)s)",
                            clock=labels[clock],
                            amount=ticket._get_amount_text(terms),
                            rule=name or self.env._("rule no longer there"),
                        )
                    )
            ticket.promise_text = " · ".join(texts) or False

    @api.model
    def _get_amount_text(self, terms):
        """Say an amount of promised time in words."""
        hours = terms["seconds"] / 3600
        if terms["clock"] == "day":
            days = max(1, round(hours / 24))
            return (
                self.env._("the same working day")
                if days == 1
                else self.env._("by the end of working day %s", days)
            )
        amount = (
            self.env._("%g min", terms["seconds"] / 60)
            if hours < 1
            else self.env._("%g h", hours)
        )
        if terms["clock"] == "working":
            return self.env._("%s of working time", amount)
        return self.env._("%s round the clock", amount)
