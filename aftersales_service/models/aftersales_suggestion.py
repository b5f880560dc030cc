from collections import defaultdict
from datetime import timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..tools.suggestion import (
    UTC,
    Job,
    Person,
    Week,
    miss_licences,
    refuse,
)

# How far leaves are looked at to say until when somebody is away.
LEAVE_DAYS = 60


class AftersalesSuggestion(models.AbstractModel):
    """What speaks for and against sending somebody, in words (R22, R31, R32, R70).

    Dispatchers have no rights on employees. What is read here under sudo never leaves
    as it is: of a leave only its end is told, of a visit only its time.
    """

    _name = "aftersales.suggestion"
    _description = "Suggestion of Technicians"

    # ------------------------------------------------------------
    # FACTS
    # ------------------------------------------------------------

    @api.model
    def _prepare_job(self, ticket, job_type, begin, end, zone=None):
        """Return what a visit asks, as plain data.

        :param ticket: whose customer may have wishes
        :param zone: of the visit, the ticket's when empty
        """
        # The wishes of a customer hold for all his addresses.
        partner_sudo = ticket.sudo().partner_id
        parent_sudo = partner_sudo.commercial_partner_id
        wishes = {}
        for wish in ("preferred", "refused"):
            field = f"aftersales_{wish}_technician_id"
            wishes[wish] = partner_sudo[field].id or parent_sudo[field].id or None
        minutes = ticket.company_id.sudo().aftersales_travel_minutes  # no secret
        return Job(
            begin=begin,
            end=end,
            stars=job_type.grade_id.stars,
            skills=frozenset(job_type.skill_ids.ids),
            licences=frozenset(job_type.licence_ids.ids),
            licence_blocks=job_type.licence_missing != "warn",
            zone=(zone or ticket.zone_id).id or None,
            way=timedelta(minutes=minutes or 0),
            past=end <= fields.Datetime.now(),
            **wishes,
        )

    @api.model
    def _get_people(self, employees, begin, end, equipment=None, without=()):
        """Return ``{employee id: what is known of him}`` for a span of time.

        The number of queries does not depend on the number of people.

        :param equipment: unit of which having served it counts
        :param without: ids of dispatch orders whose booked time does not count
        """
        # See the class: read for the arithmetic, told in a few words only.
        people_sudo = employees.sudo().with_context(active_test=False)
        days = timedelta(days=1)
        weeks = self._get_weeks(people_sudo, begin)
        away = self._get_absences(people_sudo, weeks, begin - days, end)
        visits = self._get_visits(people_sudo, begin - days, end + days, without)
        duties = self._get_duties(people_sudo.user_id, begin, end)
        skills, licences = self._get_skills(people_sudo, begin, end)
        served = self._get_served(people_sudo, equipment)
        ratings = people_sudo._aftersales_get_ratings(people_sudo.work_contact_id)
        return {
            person.id: Person(
                key=person.id,
                zone=ZoneInfo(person.tz or "UTC"),
                week=weeks[person.id][1],
                stars=person.aftersales_grade_id.stars,
                skills=skills[person.id],
                licences=licences[person.id],
                away=away[person.id],
                visits=visits[person.id],
                duties=duties[person.user_id.id],
                zones=set(person.aftersales_zone_ids.ids),
                served=person.id in served,
                rating=ratings.get(person.work_contact_id.id, (None, 0))[0],
            )
            for person in people_sudo
        }

    @api.model
    def _get_weeks(self, people_sudo, moment):
        """Return ``{employee id: (calendar id, working hours on that day or None)}``.

        Working hours belong to the version of an employee that holds on the day.
        """
        calendars = {}
        for version in people_sudo.env["hr.version"].search_fetch(
            [("employee_id", "in", people_sudo.ids)],
            ["employee_id", "date_version", "resource_calendar_id"],
            order="date_version, id",
        ):
            person = version.employee_id.id
            if person not in calendars or version.date_version <= moment.date():
                calendars[person] = version.resource_calendar_id
        used = people_sudo.env["resource.calendar"].union(*calendars.values())
        lines = people_sudo.env["resource.calendar.attendance"].search(
            [
                ("calendar_id", "in", used.ids),
                ("display_type", "=", False),
                ("day_period", "!=", "lunch"),
            ]
        )
        by_calendar = lines.grouped("calendar_id")
        weeks = {
            calendar.id: self._get_week(calendar, by_calendar.get(calendar, []))
            for calendar in used
        }
        return {
            person.id: (
                calendars[person.id].id if person.id in calendars else False,
                weeks.get(calendars[person.id].id) if person.id in calendars else None,
            )
            for person in people_sudo
        }

    @api.model
    def _get_week(self, calendar, lines):
        if calendar.flexible_hours:
            return Week(flexible=True)
        hours = defaultdict(list)
        for line in lines:
            types = (0, 1)
            if calendar.two_weeks_calendar:
                types = (int(line.week_type or 0),)
            for week_type in types:
                hours[week_type, int(line.dayofweek)].append(
                    (line.hour_from, line.hour_to)
                )
        return Week(hours=dict(hours)) if hours else None

    @api.model
    def _get_absences(self, people_sudo, weeks, begin, end):
        """Return ``{employee id: [(begin, end, leave or holiday)]}``."""
        resources = {person.resource_id.id: person.id for person in people_sudo}
        on_calendar = defaultdict(list)
        for person, (calendar, _week) in weeks.items():
            on_calendar[calendar].append(person)
        everybody = Domain("resource_id", "=", False) & Domain(
            "company_id", "in", [False, *people_sudo.company_id.ids]
        )
        leaves = people_sudo.env["resource.calendar.leaves"].search(
            (Domain("resource_id", "in", list(resources)) | everybody)
            & Domain("time_type", "=", "leave")
            & Domain("date_from", "<", end + timedelta(days=LEAVE_DAYS))
            & Domain("date_to", ">", begin)
        )
        away = defaultdict(list)
        for leave in leaves:
            span = (leave.date_from, leave.date_to)
            if leave.resource_id:
                away[resources[leave.resource_id.id]].append((*span, "leave"))
                continue
            calendar = leave.calendar_id.id
            for person in on_calendar[calendar] if calendar else people_sudo.ids:
                away[person].append((*span, "holiday"))
        return away

    @api.model
    def _get_visits(self, people_sudo, begin, end, without):
        visits = defaultdict(list)
        for slot in people_sudo.env["aftersales.dispatch.slot"].search_fetch(
            [
                ("employee_id", "in", people_sudo.ids),
                ("date_start", "<", end),
                ("date_end", ">", begin),
                ("dispatch_id", "not in", list(without)),
            ],
            ["employee_id", "date_start", "date_end"],
        ):
            visits[slot.employee_id.id].append((slot.date_start, slot.date_end))
        return visits

    @api.model
    def _get_duties(self, users_sudo, begin, end):
        """Return ``{user id: [(begin, end)]}``: who is on call goes at any hour."""
        duties = defaultdict(list)
        for duty in users_sudo.env["aftersales.duty"].search_fetch(
            [
                ("user_id", "in", users_sudo.ids),
                ("date_from", "<", end),
                ("date_to", ">", begin),
            ],
            ["user_id", "date_from", "date_to"],
        ):
            duties[duty.user_id.id].append((duty.date_from, duty.date_to))
        return duties

    @api.model
    def _get_skills(self, people_sudo, begin, end):
        """Return skills held on the day and all terms of licences, by employee."""
        skills, licences = defaultdict(dict), defaultdict(lambda: defaultdict(list))
        for row in people_sudo.env["hr.employee.skill"].search(
            [("employee_id", "in", people_sudo.ids)]
        ):
            person, skill = row.employee_id.id, row.skill_id.id
            if row.is_certification:
                licences[person][skill].append((row.valid_from, row.valid_to or None))
            elif row.valid_from <= end.date() and (
                not row.valid_to or row.valid_to >= begin.date()
            ):
                mastery = row.level_progress / 100
                skills[person][skill] = max(mastery, skills[person].get(skill, 0))
        return skills, licences

    @api.model
    def _get_served(self, people_sudo, equipment):
        """Return the ids of those who finished a visit for a unit before."""
        if not equipment:
            return set()
        return {
            technician.id
            for [technician] in people_sudo.env["aftersales.dispatch"]._read_group(
                [
                    ("equipment_id", "in", equipment.ids),
                    ("technician_id", "in", people_sudo.ids),
                    ("state", "=", "done"),
                ],
                ["technician_id"],
            )
        }

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    @api.model
    def _get_reader_zone(self, person):
        """Return the time zone of who reads, where the person works when unknown."""
        name = self.env.context.get("tz") or self.env.user.tz
        return ZoneInfo(name) if name else person.zone

    @api.model
    def _say(self, refusal, job, person):
        """Return a refusal in words."""
        tell = getattr(self, f"_say_{refusal.code}")
        return tell(refusal.data, job, person)

    @api.model
    def _say_calendar(self, data, job, person):
        return self.env._("no working hours; human resources set them on the employee")

    @api.model
    def _say_leave(self, data, job, person):
        # The last minute of the leave says on which day it ends.
        zone = self._get_reader_zone(person)
        until = (data["until"] - timedelta(minutes=1)).replace(tzinfo=UTC)
        day = until.astimezone(zone).date()
        near = day - job.begin.replace(tzinfo=UTC).astimezone(zone).date()
        form = "EEEE" if near < timedelta(days=7) else False
        return self.env._("on leave until %s", self._say_day(day, form))

    @api.model
    def _say_holiday(self, data, job, person):
        return self.env._("public holiday")

    @api.model
    def _say_hours(self, data, job, person):
        if not data["spans"]:
            return self.env._("does not work on that day")
        return self.env._(
            "works %s on that day",
            ", ".join(
                f"{_clock(first)}–{_clock(last)}" for first, last in data["spans"]
            ),
        )

    @api.model
    def _say_visit(self, data, job, person):
        return self.env._("visit %s", self._say_span(data, job, person))

    @api.model
    def _say_way(self, data, job, person):
        return self.env._(
            "visit %(span)s, less than %(minutes)s minutes left for the way",
            span=self._say_span(data, job, person),
            minutes=int(job.way.total_seconds() // 60),
        )

    @api.model
    def _say_span(self, data, job, person):
        zone = self._get_reader_zone(person)
        begin, end, here = (
            moment.replace(tzinfo=UTC).astimezone(zone)
            for moment in (data["begin"], data["end"], job.begin)
        )
        if begin.date() == end.date() == here.date():
            return f"{begin:%H:%M}–{end:%H:%M}"
        return "–".join(
            f"{self._say_day(moment.date())} {moment:%H:%M}" for moment in (begin, end)
        )

    @api.model
    def _say_day(self, day, form=False):
        """Say a day in the language of the reader, also for scripts that name none."""
        lang = self.env.lang or self.env.user.lang
        return format_date(self.env, day, lang_code=lang, date_format=form)

    @api.model
    def _say_grade(self, data, job, person):
        if not data["stars"]:
            return self.env._("no grade yet, job asks %s", data["asked"])
        return self.env._("grade %(stars)s, job asks %(asked)s", **data)

    @api.model
    def _say_skill(self, data, job, person):
        return self.env._("not proven: %s", self._get_skill_names(data["skills"]))

    @api.model
    def _say_licence(self, data, job, person):
        return self.env._("no licence: %s", self._get_skill_names(data["licences"]))

    @api.model
    def _say_expired(self, data, job, person):
        return ", ".join(
            self.env._(
                "licence ended on %(day)s: %(licence)s",
                day=self._say_day(day),
                licence=self._get_skill_names([licence]),
            )
            for licence, day in sorted(data["ended"].items())
        )

    @api.model
    def _say_customer(self, data, job, person):
        return self.env._("the customer does not want him")

    @api.model
    def _get_skill_names(self, ids):
        skills = self.env["hr.skill"].browse(sorted(ids))
        return ", ".join(skills.mapped("name"))

    # ------------------------------------------------------------
    # VERDICT
    # ------------------------------------------------------------

    @api.model
    def _get_refusals(self, job, person):
        """Return ``[(refusal, words)]``, empty when the person can go."""
        return [
            (refusal, self._say(refusal, job, person))
            for refusal in refuse(job, person)
        ]

    @api.model
    def _get_warnings(self, job, person):
        """Return in words what does not forbid to send the person."""
        if job.licence_blocks:
            return []
        return [
            self._say(refusal, job, person) for refusal in miss_licences(job, person)
        ]


def _clock(hours):
    minutes = round(hours * 60)
    return f"{minutes // 60:02}:{minutes % 60:02}"
