from collections import Counter, defaultdict
from datetime import timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.turn import take_turn
from .aftersales_dispatch import BOOKED_STATES

UTC = ZoneInfo("UTC")
# Sections that say what was done; the others say how things stand.
DEEDS = ("visit", "work", "internal")
SEQUENCES = {
    section: number
    for number, section in enumerate(
        ("visit", "work", "internal", "open", "postponed", "tomorrow"), start=1
    )
}
# Visits last shorter than this; a longer one is looked for no further back.
LONGEST_VISIT = timedelta(days=7)


class AftersalesDailyReport(models.Model):
    """How the report of a technician is composed from the records (R30).

    All of a batch is read together: the number of queries does not depend on how many
    technicians there are.
    """

    _inherit = "aftersales.daily.report"

    @api.model
    def _compose(self, company, day, employees, always=False):
        """Bring the reports of these technicians in line with the day's records.

        Unconfirmed reports follow; confirmed ones keep their lines and show beside
        them what was noted later. What is right already is not written.

        :param date day: local day of the company
        :param employees: technicians
        :param bool always: also for those who neither worked nor had to
        :return: the reports of the day of these technicians
        """
        # Composed for everybody by the job, for oneself by My Day and Confirm.
        composer_sudo = self.sudo()._by_method()
        composer_sudo = composer_sudo.with_context(
            tracking_disable=True, mail_create_nolog=True, mail_create_nosubscribe=True
        )
        employees = employees.with_env(composer_sudo.env)
        if not employees:
            return self.browse()
        reports = composer_sudo.search(
            [
                ("kind", "=", "technician"),
                ("date", "=", day),
                ("employee_id", "in", employees.ids),
            ]
        )
        by_person = {report.employee_id: report for report in reports}
        entries = composer_sudo._get_entries(company, day, employees)
        if day < company._aftersales_today():
            composer_sudo._keep_standing(reports, entries)
        available = composer_sudo._get_available(company, day, employees)
        figures = {}
        for person in employees:
            hours = available.get(person)
            if always or entries[person] or hours or person in by_person:
                figures[person] = {
                    "has_calendar": hours is not None,
                    "hours_available": hours or 0.0,
                }
        # Of two who open a day at once, one makes its report.
        take_turn(employees.filtered(lambda p: p in figures and p not in by_person))
        teams = composer_sudo._get_home_teams(company, employees, entries)
        created = composer_sudo.create(
            [
                {
                    "kind": "technician",
                    "company_id": company.id,
                    "date": day,
                    "employee_id": person.id,
                    "team_id": teams[person].id,
                    "compose_date": fields.Datetime.now(),
                }
                for person in figures
                if person not in by_person
            ]
        )
        by_person |= {report.employee_id: report for report in created}
        # Lines are composed, by nobody in particular.
        changes = {"new": [], "gone": self.env["aftersales.daily.report.line"].sudo()}
        for person, vals in figures.items():
            report = by_person[person]
            if report.state == "draft":
                vals |= report._plan_lines(entries[person], changes)
            else:
                vals |= report._plan_later(entries[person], changes)
            report._update(vals)
        changes["gone"].unlink()
        changes["gone"].create(changes["new"])
        return (reports | created).with_env(self.env)

    def _update(self, vals):
        """Write the figures that are not right."""
        self.ensure_one()
        wrong = {
            field: value
            for field, value in vals.items()
            if (
                abs(self[field] - value) > 0.0005
                if isinstance(value, float)
                else self[field] != value
            )
        }
        if wrong:
            self.write({**wrong, "compose_date": fields.Datetime.now()})

    # ------------------------------------------------------------
    # RECORDS OF THE DAY
    # ------------------------------------------------------------

    @api.model
    def _get_entries(self, company, day, employees):
        """Return ``{technician: [values of a line]}``, in the order of the day."""
        begin, end = company._aftersales_day_bounds(day)
        entries = defaultdict(list)
        Dispatch = self.env["aftersales.dispatch"]
        mine = Domain("company_id", "=", company.id) & (
            Domain("technician_id", "in", employees.ids)
            | Domain("crew_ids", "in", employees.ids)
        )
        made = Dispatch.search(
            mine
            & Domain("state", "in", ("on_site", "done", "failed"))
            & (
                (
                    Domain("arrive_date", ">=", begin - LONGEST_VISIT)
                    & Domain("arrive_date", "<", end)
                    & (
                        Domain("finish_date", ">=", begin)
                        | Domain("arrive_date", ">=", begin)
                    )
                )
                | (
                    Domain("arrive_date", "=", False)
                    & Domain("date_start", ">=", begin)
                    & Domain("date_start", "<", end)
                )
            ),
            order="arrive_date, date_start, id",
        )
        coming = Dispatch.search(
            mine
            & Domain("state", "in", BOOKED_STATES)
            & Domain("date_start", "<", end + timedelta(days=1)),
            order="date_start, id",
        )
        (made | coming).fetch()
        grace = timedelta(minutes=company.aftersales_punctual_minutes)
        for visit in made:
            vals = visit._prepare_day_line(begin, end, grace)
            # Not a field of the line.
            vals["first_fix"] = visit._is_first_fix()
            for person in visit._get_people() & employees:
                entries[person].append(vals)
        for visit in coming:
            section = "open" if visit.date_start < end else "tomorrow"
            for person in visit._get_people() & employees:
                entries[person].append(
                    {
                        "section": section,
                        "dispatch_id": visit.id,
                        "ticket_id": visit.ticket_id.id,
                        "date_planned": visit.date_start,
                        "visit_state": visit.state,
                    }
                )
        self._add_labour(entries, company, begin, end, employees)
        moved = self.env["aftersales.reschedule"].search(
            Domain("date", ">=", begin)
            & Domain("date", "<", end)
            & Domain("dispatch_id", "any", list(mine)),
            order="date, id",
        )
        moved.dispatch_id.fetch()
        for trace in moved:
            for person in trace.dispatch_id._get_people() & employees:
                entries[person].append(
                    {
                        "section": "postponed",
                        "dispatch_id": trace.dispatch_id.id,
                        "ticket_id": trace.dispatch_id.ticket_id.id,
                        "reschedule_id": trace.id,
                        "date_planned": trace.old_start,
                        "date_begin": trace.new_start,
                    }
                )
        for lines in entries.values():
            lines.sort(key=lambda vals: SEQUENCES[vals["section"]])
            for vals in lines:
                vals["sequence"] = SEQUENCES[vals["section"]]
        return entries

    @api.model
    def _keep_standing(self, reports, entries):
        """Keep what was open in the evening of a day that is over."""
        now = ("open", "tomorrow")
        for report in reports:
            kept = report.line_ids.filtered(lambda line: line.section in now)
            entries[report.employee_id] = [
                *(
                    vals
                    for vals in entries[report.employee_id]
                    if vals["section"] not in now
                ),
                *(
                    {
                        "section": line.section,
                        "sequence": line.sequence,
                        "dispatch_id": line.dispatch_id.id,
                        "ticket_id": line.ticket_id.id,
                        "date_planned": line.date_planned,
                        "visit_state": line.visit_state,
                    }
                    for line in kept
                ),
            ]

    @api.model
    def _add_labour(self, entries, company, begin, end, employees):
        """Add labour noted on tickets, unless it is the time of a visit already."""
        lines = self.env["aftersales.ticket.line"].search(
            [
                ("employee_id", "in", employees.ids),
                ("kind", "=", "labour"),
                ("state", "=", "used"),
                ("date_done", ">=", begin),
                ("date_done", "<", end),
                ("company_id", "=", company.id),
            ],
            order="date_done, id",
        )
        hour = self.env.ref("uom.product_uom_hour", raise_if_not_found=False)
        for line in lines:
            person, visit = line.employee_id, line.dispatch_id
            if visit.arrive_date and person in visit._get_people():
                continue
            hours, uom = line.quantity, line.uom_id
            if hour and uom and uom != hour and uom._has_common_reference(hour):
                hours = uom._compute_quantity(hours, hour, round=False)
            internal = line.ticket_id.service_kind == "internal"
            entries[person].append(
                {
                    "section": "internal" if internal else "work",
                    "ticket_id": line.ticket_id.id,
                    "work_line_id": line.id,
                    "date_end": line.date_done,
                    "work_hours": hours,
                }
            )

    @api.model
    def _get_available(self, company, day, employees):
        """Return ``{technician: working hours of the day}``, of those with a calendar.

        Holidays and leaves are taken out; whoever has no calendar has no figure.
        """
        begin, end = (
            moment.replace(tzinfo=UTC) for moment in company._aftersales_day_bounds(day)
        )
        resources = employees.resource_id.filtered("calendar_id")
        if not resources:
            return {}
        spans, _calendars = resources._get_valid_work_intervals(begin, end)
        return {
            person: sum(
                (stop - start).total_seconds()
                for start, stop, _meta in spans[person.resource_id.id]
            )
            / 3600
            for person in employees
            if person.resource_id in resources
        }

    @api.model
    def _get_home_teams(self, company, employees, entries):
        """Return ``{technician: his team}``: where he is a member, else of his visits.

        Whoever is in none belongs to the first team of the company.
        """
        teams = self.env["aftersales.team"].search([("company_id", "=", company.id)])
        by_user = {user: team for team in reversed(teams) for user in team.member_ids}
        Dispatch = self.env["aftersales.dispatch"]
        homes = {}
        for person in employees:
            visits = Dispatch.browse(
                vals["dispatch_id"]
                for vals in entries[person]
                if vals.get("dispatch_id")
            )
            served = Counter(visit.team_id for visit in visits if visit.team_id)
            most = served.most_common(1)[0][0] if served else teams[:1]
            homes[person] = by_user.get(person.user_id, most)
        return homes

    # ------------------------------------------------------------
    # LINES
    # ------------------------------------------------------------

    def _plan_lines(self, entries, changes):
        """Plan the lines of an unconfirmed report and return its figures."""
        self.ensure_one()
        if self._get_shape(self.line_ids) != self._get_shape(entries):
            changes["gone"] |= self.line_ids
            changes["new"] += [self._prepare_line(vals) for vals in entries]
        return self._get_figures(entries)

    def _prepare_line(self, vals):
        """Return the values of a line of this report."""
        self.ensure_one()
        known = {name: value for name, value in vals.items() if name != "first_fix"}
        return {**known, "report_id": self.id}

    def _plan_later(self, entries, changes):
        """Plan what a confirmed report shows as noted later."""
        self.ensure_one()
        kept = self.line_ids.filtered(
            lambda line: line.section in DEEDS and not line.noted_later
        )
        shown = self.line_ids.filtered("noted_later")
        deeds = [vals for vals in entries if vals["section"] in DEEDS]
        confirmed = set(self._get_shape(kept))
        later = [
            {**vals, "noted_later": True}
            for vals in deeds
            if self._get_shape([vals])[0] not in confirmed
        ]
        if self._get_shape(shown) != self._get_shape(later):
            changes["gone"] |= shown
            changes["new"] += [self._prepare_line(vals) for vals in later]

        def hours(lines):
            return sum(
                (line.get("work_hours") or 0.0) + (line.get("travel_hours") or 0.0)
                for line in lines
                if line["section"] != "internal"
            )

        before = hours(kept.read(["section", "work_hours", "travel_hours"], load=None))
        return {"later_hours": hours(deeds) - before}

    @api.model
    def _get_shape(self, lines):
        """Return what lines, or values of lines, say, to be compared."""
        names = (
            "section",
            "dispatch_id",
            "ticket_id",
            "work_line_id",
            "reschedule_id",
            "date_planned",
            "date_begin",
            "date_end",
            "visit_state",
            "result",
            "is_late",
        )
        shapes = []
        for line in lines:
            if isinstance(line, dict):
                values = [line.get(name) or False for name in names]
                hours = [
                    line.get(name) or 0.0 for name in ("work_hours", "travel_hours")
                ]
            else:
                values = [
                    line[name].id
                    if line._fields[name].type == "many2one"
                    else line[name] or False
                    for name in names
                ]
                hours = [line.work_hours, line.travel_hours]
            shapes.append((*values, *(round(number, 2) for number in hours)))
        return shapes

    def _get_figures(self, entries):
        """Return the sums of the lines of one technician."""
        self.ensure_one()
        sections = Counter(vals["section"] for vals in entries)
        visits = [vals for vals in entries if vals["section"] == "visit"]
        states = Counter(vals["visit_state"] for vals in visits)

        def hours(field, *kinds):
            return sum(
                vals.get(field) or 0.0 for vals in entries if vals["section"] in kinds
            )

        return {
            "visit_count": len(visits),
            "done_count": states["done"],
            "failed_count": states["failed"],
            "late_count": sum(bool(vals["is_late"]) for vals in visits),
            "first_fix_count": sum(vals["first_fix"] for vals in visits),
            "work_hours": hours("work_hours", "visit", "work"),
            "travel_hours": hours("travel_hours", "visit"),
            "internal_hours": hours("work_hours", "internal"),
            "open_count": sections["open"],
            "postponed_count": sections["postponed"],
            "later_hours": 0.0,
        }
