from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools import gaps
from ..tools.day_text import say_day
from .aftersales_dispatch import BOOKED_STATES

AGENT = "aftersales_service.aftersales_service_group_agent"
SUPERVISOR = "aftersales_service.aftersales_service_group_supervisor"
UTC = ZoneInfo("UTC")
MAX_DAYS = 14
# What waits longer is at the top; nobody drags two hundred jobs.
MAX_WAITING = 200


class AftersalesDispatch(models.Model):
    """The board of the dispatcher: technicians by days, and what waits (R06, R22).

    Dispatchers see neither calendars nor leaves of colleagues: of both the board shows
    when somebody works, never why he does not.
    """

    _inherit = "aftersales.dispatch"

    # ------------------------------------------------------------
    # READ
    # ------------------------------------------------------------

    @api.model
    def board_read(self, date_from=None, days=7):
        """Return the whole board in a constant number of queries.

        :param str date_from: first day, today when empty
        :param int days: how many, at most 14
        :return: dict of days, technicians with their cells, cards and waiting jobs
        :raise UserError: for those who do not dispatch
        """
        self._ensure_dispatcher()
        zone, today = self._get_board_zone(), self._get_board_today()
        first = fields.Date.to_date(date_from) or today
        span = [
            first + timedelta(days=n) for n in range(min(max(int(days), 1), MAX_DAYS))
        ]
        begin = self._to_utc(datetime.combine(span[0], time.min), zone)
        end = self._to_utc(
            datetime.combine(span[-1] + timedelta(days=1), time.min), zone
        )
        technicians_sudo = self._get_board_technicians()
        return {
            "days": [
                {
                    "date": fields.Date.to_string(day),
                    "label": say_day(self.env, day),
                    "today": day == today,
                    "past": day < today,
                }
                for day in span
            ],
            "technicians": self._get_board_rows(
                technicians_sudo, span, begin, end, zone
            ),
            "cards": self._get_board_cards(technicians_sudo, begin, end, zone),
            "waiting": self._get_board_waiting(zone),
            "can_override": self.env.user.has_group(SUPERVISOR),
        }

    @api.model
    def _ensure_dispatcher(self):
        if not (self.env.su or self.env.user.has_group(AGENT)):
            raise UserError(self.env._("The board is for those who dispatch visits."))

    @api.model
    def _get_board_zone(self):
        # The time zone of a company is no secret.
        company_sudo = self.env.company.sudo()
        return ZoneInfo(self.env.user.tz or company_sudo.partner_id.tz or "UTC")

    @api.model
    def _get_board_today(self):
        now = fields.Datetime.now().replace(tzinfo=UTC)
        return now.astimezone(self._get_board_zone()).date()

    @api.model
    def _to_utc(self, moment, zone):
        return moment.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)

    @api.model
    def _to_local(self, moment, zone):
        return moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)

    @api.model
    def _get_board_technicians(self):
        # Names of those who can be sent, and below when they work: no more.
        Employee = self.env["hr.employee"].sudo()
        return Employee.search(
            [
                ("aftersales_technician", "=", True),
                ("company_id", "in", self.env.companies.ids),
            ],
            order="name, id",
        )

    @api.model
    def _get_board_rows(self, technicians_sudo, span, begin, end, zone):
        work = self._get_work_spans(technicians_sudo, begin, end)
        taken = self._get_taken_spans(technicians_sudo, begin, end)
        away = self._get_leave_spans(technicians_sudo, begin, end)
        now = fields.Datetime.now()
        rows = []
        for technician in technicians_sudo:
            cells = {}
            for day in span:
                first = self._to_utc(datetime.combine(day, time.min), zone)
                last = self._to_utc(
                    datetime.combine(day + timedelta(days=1), time.min), zone
                )
                hours = self._cut(work.get(technician.id, []), first, last)
                booked = self._cut(taken.get(technician.id, []), first, last)
                away_from = gaps.widened(booked, self._get_way(technician))
                free = gaps.free_spans(gaps.joined(hours), away_from, now)
                cells[fields.Date.to_string(day)] = {
                    "work": round(sum(map(gaps.hours, hours)), 2),
                    "booked": round(sum(map(gaps.hours, booked)), 2),
                    "free": round(gaps.longest(free), 2),
                    "hours": ", ".join(
                        self._get_span_text(*part, zone) for part in hours
                    ),
                    "away": not hours
                    and any(
                        left < last and back > first
                        for left, back in away.get(technician.id, [])
                    ),
                }
            rows.append(
                {
                    "id": technician.id,
                    "name": technician.name,
                    "phone": technician.work_phone or "",
                    "no_user": not technician.user_id,
                    "cells": cells,
                }
            )
        return rows

    @api.model
    def _get_way(self, technician_sudo):
        """Return the time left between two visits."""
        minutes = technician_sudo.company_id.aftersales_travel_minutes
        return timedelta(minutes=minutes)

    @api.model
    def _cut(self, spans, first, last):
        return [
            (max(begin, first), min(end, last))
            for begin, end in spans
            if begin < last and end > first
        ]

    @api.model
    def _get_span_text(self, begin, end, zone):
        return "–".join(
            self._to_local(moment, zone).strftime("%H:%M") for moment in (begin, end)
        )

    @api.model
    def _get_work_spans(self, technicians_sudo, begin, end):
        """Return ``{employee id: [(begin, end)]}`` of working time, leaves taken out."""
        resources_sudo = technicians_sudo.resource_id
        work, _calendars = resources_sudo._get_valid_work_intervals(
            begin.replace(tzinfo=UTC), end.replace(tzinfo=UTC)
        )
        return {
            technician.id: [
                tuple(m.astimezone(UTC).replace(tzinfo=None) for m in part[:2])
                for part in work[technician.resource_id.id]
            ]
            for technician in technicians_sudo
        }

    @api.model
    def _get_leave_spans(self, technicians_sudo, begin, end):
        """Return when somebody is away, by employee; of his reasons nothing is read."""
        leaves_sudo = self.env["resource.calendar.leaves"].sudo()  # times alone
        leaves_sudo = leaves_sudo.search(
            [
                ("resource_id", "in", technicians_sudo.resource_id.ids),
                ("date_from", "<", end),
                ("date_to", ">", begin),
            ]
        )
        by_resource = leaves_sudo.grouped("resource_id")
        return {
            technician.id: [
                (leave.date_from, leave.date_to)
                for leave in by_resource.get(technician.resource_id, ())
            ]
            for technician in technicians_sudo
        }

    @api.model
    def _get_taken_spans(self, technicians_sudo, begin, end, besides=None):
        # Visits of other companies take time, too.
        slots_sudo = self.env["aftersales.dispatch.slot"].sudo()
        slots_sudo = slots_sudo.search(
            [
                ("employee_id", "in", technicians_sudo.ids),
                ("date_start", "<", end),
                ("date_end", ">", begin),
                ("dispatch_id", "not in", besides.ids if besides else []),
            ]
        )
        return {
            employee.id: [(slot.date_start, slot.date_end) for slot in slots]
            for employee, slots in slots_sudo.grouped("employee_id").items()
        }

    @api.model
    def _get_board_cards(self, technicians_sudo, begin, end, zone):
        visits = self.search(
            Domain("state", "in", (*BOOKED_STATES, "done", "failed"))
            & Domain("date_start", ">=", begin)
            & Domain("date_start", "<", end),
            order="date_start, id",
        )
        known = set(technicians_sudo.ids)
        return [
            {
                **visit._get_board_card(zone),
                "technician_id": visit.technician_id.id,
                "crew_ids": [i for i in visit.crew_ids.ids if i in known],
                "time": self._get_span_text(visit.date_start, visit.date_end, zone),
                "movable": visit.can_assign,
            }
            for visit in visits
        ]

    def _get_board_card(self, zone):
        """Return what a card says of a visit."""
        self.ensure_one()
        ticket = self.ticket_id
        begin = self.date_start and self._to_local(self.date_start, zone)
        return {
            **self._get_job_card(ticket),
            "key": f"dispatch-{self.id}",
            "model": "aftersales.dispatch",
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "late": self.is_late,
            "confirmed": self.is_confirmed,
            "zone": self.zone_id.name or "",
            "hours": self.planned_hours or self.job_type_id.hours or 2.0,
            "day": begin and fields.Date.to_string(begin.date()),
            "start": begin and begin.strftime("%H:%M"),
        }

    @api.model
    def _get_job_card(self, ticket):
        return {
            "ticket_id": ticket.id,
            "customer": ticket.customer_label or "",
            "symptom": ticket.symptom or "",
            "priority": int(ticket.priority or 0),
            "leftover": ticket.is_leftover,
            "deadline": ticket.arrive_deadline
            and self._get_local_text(ticket.arrive_deadline),
            "overdue": bool(
                ticket.arrive_deadline
                and not ticket.arrive_date
                and ticket.arrive_deadline < fields.Datetime.now()
            ),
        }

    @api.model
    def _get_board_waiting(self, zone):
        """Return what nobody is sent to yet, the left over first (R06)."""
        drafts = self.search(
            Domain("state", "=", "draft")
            & Domain("ticket_id.state", "in", ("new", "open", "waiting")),
            order="create_date, id",
            limit=MAX_WAITING,
        )
        Ticket = self.env["aftersales.ticket"]
        tickets = Ticket.search(
            Ticket._get_to_dispatch_domain()
            & ~Domain("dispatch_ids", "any", [("state", "=", "draft")]),
            order="open_day, priority desc, id",
            limit=MAX_WAITING,
        )
        cards = [
            {
                **visit._get_board_card(zone),
                "technician_id": visit.technician_id.id,
                "wish": visit.date_start and self._get_local_text(visit.date_start),
                "movable": visit.can_assign,
            }
            for visit in drafts
        ]
        cards += [
            {
                **self._get_job_card(ticket),
                "key": f"ticket-{ticket.id}",
                "model": "aftersales.ticket",
                "id": ticket.id,
                "name": ticket.name,
                "state": "new",
                "late": False,
                "confirmed": False,
                "zone": ticket.zone_id.name or "",
                "hours": ticket.job_type_id.hours or 2.0,
                "day": False,
                "start": False,
                "technician_id": False,
                "wish": ticket.arrive_wish and self._get_local_text(ticket.arrive_wish),
                "movable": True,
            }
            for ticket in tickets
        ]
        cards.sort(key=lambda card: (not card["leftover"], -card["priority"]))
        return cards

    # ------------------------------------------------------------
    # DROP
    # ------------------------------------------------------------

    @api.model
    def board_drop(
        self, model, res_id, technician_id, day, start=None, hours=None, reason=None
    ):
        """Send a technician to a job dropped onto his day, or say why not.

        :param str model: aftersales.dispatch, or aftersales.ticket for a new visit
        :param int res_id: its id
        :param int technician_id: employee
        :param str day: the day
        :param str start: local time of the reader as "14:30"; when empty the time that
            the visit has on that day or had before, else the first free one
        :param float hours: planned length, as before when empty
        :param str reason: why he is sent all the same; for supervisors
        :return: dict with ``refusals``, empty when he is sent; nothing is written then
        """
        self._ensure_dispatcher()
        technician_sudo = self._get_board_technicians().filtered(
            lambda technician: technician.id == technician_id
        )
        day = fields.Date.to_date(day)
        if not (technician_sudo and day):
            raise UserError(self.env._("Choose a technician and a day of the board."))
        begin = None
        try:
            # A refused drop leaves nothing behind, no half-made visit either.
            with self.env.cr.savepoint():
                visit = self._get_dropped(model, res_id)
                if not visit:
                    raise UserError(
                        self.env._("It is no longer there: look at the board again.")
                    )
                hours = float(hours or visit._get_drop_hours())
                begin = visit._get_drop_start(technician_sudo, day, start, hours)
                visit._drop(technician_id, begin, hours, reason)
        except UserError as error:
            lines = str(error).split("\n")
            return {
                "refusals": [line for line in lines if line.strip()],
                "can_override": self.env.user.has_group(SUPERVISOR),
                "start": begin
                and self._to_local(begin, self._get_board_zone()).strftime("%H:%M"),
                "hours": hours or 0.0,
            }
        return {
            "refusals": [],
            "dispatch_id": visit.id,
            "message": self.env._(
                "%(technician)s goes to %(visit)s on %(start)s.",
                technician=technician_sudo.name,
                visit=visit.name,
                start=self._get_local_text(visit.date_start),
            ),
        }

    @api.model
    def _get_dropped(self, model, res_id):
        """Return the visit of a dropped card, a new one for a ticket."""
        if model == "aftersales.dispatch":
            return self.browse(int(res_id)).exists()
        if model != "aftersales.ticket":
            raise UserError(self.env._("Only visits and tickets are put on the board."))
        ticket = self.env["aftersales.ticket"].browse(int(res_id))
        ticket.action_dispatch()
        return self.search(
            [("ticket_id", "=", ticket.id), ("state", "=", "draft")], limit=1
        )

    def _get_drop_hours(self):
        self.ensure_one()
        return self.planned_hours or self.job_type_id.hours or 2.0

    def _get_drop_start(self, technician_sudo, day, start, hours):
        """Return the planned start in UTC of a visit dropped onto a day."""
        self.ensure_one()
        zone = self._get_board_zone()
        if start:
            try:
                hour = time.fromisoformat(start)
            except ValueError:
                raise UserError(
                    self.env._("%s is no time of the day.", start)
                ) from None
            return self._to_utc(datetime.combine(day, hour), zone)
        if self.date_start:
            # A visit keeps its hour, unless that is over.
            hour = self._to_local(self.date_start, zone).time()
            begin = self._to_utc(datetime.combine(day, hour), zone)
            if begin > fields.Datetime.now():
                return begin
        first = self._to_utc(datetime.combine(day, time.min), zone)
        last = first + timedelta(days=1)
        work = self._get_work_spans(technician_sudo, first, last)[technician_sudo.id]
        taken = self._get_taken_spans(technician_sudo, first, last, self)
        earliest = gaps.next_quarter(fields.Datetime.now())
        away = gaps.widened(
            taken.get(technician_sudo.id, []), self._get_way(technician_sudo)
        )
        free = gaps.free_spans(gaps.joined(work), away, earliest)
        fallback = work[0][0] if work else first + timedelta(hours=9)
        return gaps.first_fit(free, hours) or max(fallback, earliest)

    def _drop(self, technician_id, begin, hours, reason):
        self.ensure_one()
        vals = {
            "technician_id": technician_id,
            "date_start": begin,
            "date_end": begin + timedelta(hours=hours),
        }
        if self.state == "draft":
            self.write(vals)
            self.action_assign(reason=reason)
        else:
            self._ensure_can(
                "can_assign",
                self.env._("Only visits that did not begin yet are moved."),
            )
            self._move(vals, reason)
