from odoo import api, fields, models
from odoo.exceptions import UserError

from .aftersales_dispatch_workflow import AGENT


class AftersalesDispatch(models.Model):
    """The times and places of a visit, from the way there to the check-out (R76)."""

    _inherit = "aftersales.dispatch"

    depart_date = fields.Datetime(string="On the Way since", readonly=True, copy=False)
    check_out_date = fields.Datetime(
        string="Checked Out on",
        readonly=True,
        copy=False,
        help="When the technician reported to the office that he leaves the site.",
    )
    left_without_check_out = fields.Boolean(
        readonly=True,
        copy=False,
        help="He had not reported by the next morning. Stays, also when he reports "
        "later.",
    )
    absence_ids = fields.One2many(
        comodel_name="aftersales.dispatch.absence",
        inverse_name="dispatch_id",
        string="Absences",
        readonly=True,
    )
    is_away = fields.Boolean(compute="_compute_is_away")
    work_hours = fields.Float(
        compute="_compute_work_hours",
        store=True,
        aggregator="sum",
        help="From the arrival to the end of the work, without absences.",
    )
    travel_hours = fields.Float(
        compute="_compute_travel_hours",
        store=True,
        aggregator="sum",
        help="From the departure to the arrival.",
    )
    arrive_latitude = fields.Float(digits=(10, 7), readonly=True, copy=False)
    arrive_longitude = fields.Float(digits=(10, 7), readonly=True, copy=False)
    finish_latitude = fields.Float(digits=(10, 7), readonly=True, copy=False)
    finish_longitude = fields.Float(digits=(10, 7), readonly=True, copy=False)
    check_out_latitude = fields.Float(digits=(10, 7), readonly=True, copy=False)
    check_out_longitude = fields.Float(digits=(10, 7), readonly=True, copy=False)
    can_depart = fields.Boolean(compute="_compute_can_visit")
    can_check_out = fields.Boolean(compute="_compute_can_visit")
    can_leave = fields.Boolean(compute="_compute_can_visit")

    _arrive_after_departure = models.Constraint(
        "CHECK (arrive_date >= depart_date)",
        "Nobody arrives before he sets out: check the times.",
    )
    _check_out_after_finish = models.Constraint(
        "CHECK (check_out_date >= COALESCE(finish_date, arrive_date))",
        "Nobody checks out before the work is finished: check the times.",
    )
    _positions_sane = models.Constraint(
        "CHECK (COALESCE(arrive_latitude, 0) BETWEEN -90 AND 90 "
        "AND COALESCE(finish_latitude, 0) BETWEEN -90 AND 90 "
        "AND COALESCE(check_out_latitude, 0) BETWEEN -90 AND 90 "
        "AND COALESCE(arrive_longitude, 0) BETWEEN -180 AND 180 "
        "AND COALESCE(finish_longitude, 0) BETWEEN -180 AND 180 "
        "AND COALESCE(check_out_longitude, 0) BETWEEN -180 AND 180)",
        "A latitude lies between -90 and 90, a longitude between -180 and 180.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("absence_ids.date_end")
    def _compute_is_away(self):
        for dispatch in self:
            dispatch.is_away = any(not a.date_end for a in dispatch.absence_ids)

    @api.depends(
        "arrive_date", "finish_date", "absence_ids.date_start", "absence_ids.date_end"
    )
    def _compute_work_hours(self):
        for dispatch in self:
            begin, end = dispatch.arrive_date, dispatch.finish_date
            if not (begin and end):
                dispatch.work_hours = 0.0
                continue
            seconds = (end - begin).total_seconds()
            for absence in dispatch.absence_ids:
                back = min(absence.date_end or end, end)
                left = max(absence.date_start, begin)
                seconds -= max((back - left).total_seconds(), 0)
            dispatch.work_hours = max(seconds, 0) / 3600

    @api.depends("depart_date", "arrive_date")
    def _compute_travel_hours(self):
        for dispatch in self:
            begin, end = dispatch.depart_date, dispatch.arrive_date
            hours = (end - begin).total_seconds() / 3600 if begin and end else 0.0
            dispatch.travel_hours = hours

    @api.depends(
        "state",
        "user_ids",
        "depart_date",
        "arrive_date",
        "check_out_date",
        "ticket_id.state",
        "ticket_id.to_verify",
    )
    @api.depends_context("uid", "su")
    def _compute_can_visit(self):
        is_agent = self.env.su or self.env.user.has_group(AGENT)
        for dispatch in self:
            own = is_agent or self.env.user in dispatch.user_ids
            dispatch.can_depart = (
                own
                and dispatch.state in ("assigned", "accepted")
                and not dispatch.depart_date
                and dispatch._is_ticket_served()
            )
            dispatch.can_leave = own and dispatch.state == "on_site"
            dispatch.can_check_out = (
                own
                and dispatch.state in ("done", "failed")
                and bool(dispatch.arrive_date)
                and not dispatch.check_out_date
            )

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def action_depart(self, moment=None):
        """Set out for the customer's; whoever does has accepted.

        :param datetime moment: when, now when empty
        :raise UserError: when the visit is not assigned, or the time cannot be
        """
        todo = self.filtered(lambda dispatch: not dispatch.depart_date)
        if not todo:
            return True  # said twice by a phone with a bad line
        todo._ensure_can(
            "can_depart",
            self.env._("Only who is sent sets out, before he arrives."),
        )
        moment = todo._get_moment(moment, "assign_date")
        waiting = todo.filtered(lambda dispatch: dispatch.state == "assigned")
        waiting.action_accept()
        todo._step({"depart_date": moment})
        return True

    def action_arrive(self, moment=None, latitude=None, longitude=None):
        """Note that one is at the customer's, and where that is if one likes.

        :param datetime moment: when, now when empty
        :param float latitude: position in degrees, may be empty
        :param float longitude: position in degrees, may be empty
        :raise UserError: as before, or when time or position cannot be
        """
        todo = self.filtered(lambda dispatch: dispatch.state != "on_site")
        place = self._prepare_place("arrive", latitude, longitude)
        todo._get_moment(moment, "depart_date")
        result = super().action_arrive(moment)
        if place:
            todo._step(place)
        return result

    def action_finish(self, moment=None, latitude=None, longitude=None):
        """Note that the work is done, and where if one likes.

        :param datetime moment: when, now when empty
        :param float latitude: position in degrees, may be empty
        :param float longitude: position in degrees, may be empty
        :raise UserError: as before, or when the position cannot be
        """
        todo = self.filtered(lambda dispatch: dispatch.state != "done")
        place = self._prepare_place("finish", latitude, longitude)
        result = super().action_finish(moment)
        if place:
            todo._step(place)
        return result

    def action_check_out(self, moment=None, latitude=None, longitude=None):
        """Report to the office that one leaves the site (R76).

        Done twice it does no harm: the first time stays.

        :param datetime moment: when, now when empty
        :param float latitude: position in degrees, may be empty
        :param float longitude: position in degrees, may be empty
        :raise UserError: before the work is finished, or when time or position
            cannot be
        """
        todo = self.filtered(lambda dispatch: not dispatch.check_out_date)
        place = self._prepare_place("check_out", latitude, longitude)
        if not todo:
            return True
        todo._ensure_can(
            "can_check_out",
            self.env._(
                "Who was on site checks out, after he has finished the visit or given "
                "it up."
            ),
        )
        moment = todo._get_moment(moment, "finish_date", "arrive_date")
        return todo._step({"check_out_date": moment, **place})

    def action_leave(self, reason=None, told=False, moment=None):
        """Leave the customer's for a short while during the job (R76).

        :param str reason: why, mandatory
        :param bool told: the customer was told
        :param datetime moment: when, now when empty
        :raise UserError: when nobody is on site, he is away already, or no reason is
            given
        """
        self._ensure_can(
            "can_leave", self.env._("Only who is on site leaves it for a while.")
        )
        if not (reason or "").strip():
            self._refuse(self.env._("Say why you leave for a while."))
        if not told:
            self._refuse(self.env._("Tell the customer first that you leave."))
        if away := self.filtered("is_away"):
            away._refuse(self.env._("Note first when you were back."))
        moment = self._get_moment(moment, "arrive_date")
        # Noted by the steps of the visit alone.
        self.env["aftersales.dispatch.absence"].sudo().create(
            [
                {
                    "dispatch_id": dispatch.id,
                    "date_start": moment,
                    "reason": reason,
                    "told": told,
                }
                for dispatch in self
            ]
        )
        return True

    def action_return(self, moment=None):
        """Be back at the customer's after a short absence (R76).

        :param datetime moment: when, now when empty
        :raise UserError: when nobody is on site, or the time cannot be
        """
        self._ensure_can("can_leave", self.env._("Only who is on site comes back."))
        # As in action_leave.
        gone_sudo = self.sudo().absence_ids.filtered(lambda a: not a.date_end)
        if not gone_sudo:
            return True  # said twice
        now = fields.Datetime.now()
        moment = fields.Datetime.to_datetime(moment) or now
        if not max(gone_sudo.mapped("date_start")) <= moment <= now:
            self._refuse(self.env._("Nobody is back before he left or in the future."))
        gone_sudo.write({"date_end": moment})
        return True

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def _get_moment(self, moment, *earliest):
        """Return a moment that is neither in the future nor before another one.

        :param moment: as given by the caller, now when empty
        :param earliest: names of fields, the first one that is filled counts
        :raise UserError: naming the visits
        """
        now = fields.Datetime.now()
        moment = fields.Datetime.to_datetime(moment) or now
        wrong = self.browse()
        for dispatch in self:
            floor = next((dispatch[name] for name in earliest if dispatch[name]), None)
            if moment > now or (floor and moment < floor):
                wrong |= dispatch
        if wrong:
            wrong._refuse(
                self.env._(
                    "The steps of a visit follow each other: set out, arrive, finish, "
                    "check out, and none of them lies in the future."
                )
            )
        return moment

    @api.model
    def _prepare_place(self, step, latitude, longitude):
        """Return the values of a position, none when it is not known.

        :raise UserError: when there is no such place
        """
        if any(part is None or part is False for part in (latitude, longitude)):
            return {}
        latitude, longitude = float(latitude), float(longitude)
        # Written so that a position that is no number is refused, too.
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            raise UserError(
                self.env._(
                    "A latitude lies between -90 and 90, a longitude between -180 "
                    "and 180."
                )
            )
        return {f"{step}_latitude": latitude, f"{step}_longitude": longitude}

    def _after_assignment(self):
        """Whoever is asked again has not set out yet."""
        result = super()._after_assignment()
        self.filtered("depart_date")._step({"depart_date": False})
        return result

    def _after_reschedule(self):
        result = super()._after_reschedule()
        self.filtered("depart_date")._step({"depart_date": False})
        return result
