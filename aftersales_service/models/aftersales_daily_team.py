import logging
from collections import Counter

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import format_date

_logger = logging.getLogger(__name__)

REPORT = "aftersales_service.action_report_aftersales_daily"
TO_DO = "mail.mail_activity_data_todo"
# Ratings below this are bad, as everywhere in Odoo.
BAD = 3


class AftersalesDailyReport(models.Model):
    """The report of a team for its supervisor: the sums of its technicians (R30)."""

    _inherit = "aftersales.daily.report"

    # ------------------------------------------------------------
    # COMPOSING
    # ------------------------------------------------------------

    @api.model
    def _compose_teams(self, company, day, teams=None):
        """Bring the reports of the teams in line with those of their technicians.

        :param date day: local day of the company
        :param teams: teams, all with technicians or tickets when None
        :return: the reports of the day of these teams
        """
        # As _compose.
        composer_sudo = self.sudo()._by_method()
        composer_sudo = composer_sudo.with_context(
            tracking_disable=True, mail_create_nolog=True, mail_create_nosubscribe=True
        )
        people = composer_sudo.search(
            [
                ("kind", "=", "technician"),
                ("company_id", "=", company.id),
                ("date", "=", day),
                ("team_id", "!=", False),
            ],
            order="employee_id",
        ).grouped("team_id")
        standing = composer_sudo._get_standing(company, day)
        if teams is None:
            teams = composer_sudo.env["aftersales.team"].search(
                [("company_id", "=", company.id)]
            )
            teams = teams.filtered(lambda team: team in people or team in standing)
        teams = teams.with_env(composer_sudo.env)
        reports = composer_sudo.search(
            [("kind", "=", "team"), ("date", "=", day), ("team_id", "in", teams.ids)]
        )
        by_team = {report.team_id: report for report in reports}
        created = composer_sudo.create(
            [
                {
                    "kind": "team",
                    "state": "confirmed",
                    "company_id": company.id,
                    "date": day,
                    "team_id": team.id,
                    "compose_date": fields.Datetime.now(),
                }
                for team in teams
                if team not in by_team
            ]
        )
        by_team |= {report.team_id: report for report in created}
        current = day == company._aftersales_today()
        gone, new = self.env["aftersales.daily.report.line"].sudo(), []  # as above
        for team in teams:
            report, own = by_team[team], people.get(team, composer_sudo.browse())
            rows = own._prepare_team_rows()
            if report._get_team_shape(report.line_ids) != self._get_team_shape(rows):
                gone |= report.line_ids
                new += [{**vals, "report_id": report.id} for vals in rows]
            vals = own._get_team_figures()
            if current or team in by_team and report in created:
                vals |= standing.get(team, composer_sudo._get_nothing())
            report._update(vals)
        gone.unlink()
        gone.create(new)
        return (reports | created).with_env(self.env)

    def _prepare_team_rows(self):
        """Return a line for each technician and for each visit that is not over."""
        rows = [
            {
                "section": "technician",
                "sequence": 1,
                "technician_id": report.employee_id.id,
                "visit_count": report.visit_count,
                "done_count": report.done_count,
                "late_count": report.late_count,
                "open_count": report.open_count,
                "work_hours": report.work_hours,
                "travel_hours": report.travel_hours,
                "internal_hours": report.internal_hours,
                "has_calendar": report.has_calendar,
                "hours_available": report.hours_available,
                "is_confirmed": report.state == "confirmed",
            }
            for report in self
        ]
        seen = set()
        for line in self.line_ids:
            done = line.visit_state == "done" and line.result == "solved"
            unresolved = line.section == "visit" and (not done or line.is_late)
            if line.dispatch_id in seen or line.noted_later:
                continue
            if unresolved or line.section == "open":
                seen.add(line.dispatch_id)
                rows.append(
                    {
                        "section": line.section,
                        "sequence": 2 if line.section == "visit" else 3,
                        "dispatch_id": line.dispatch_id.id,
                        "ticket_id": line.ticket_id.id,
                        "technician_id": line.dispatch_id.technician_id.id,
                        "date_planned": line.date_planned,
                        "date_begin": line.date_begin,
                        "date_end": line.date_end,
                        "visit_state": line.visit_state,
                        "result": line.result,
                        "is_late": line.is_late,
                    }
                )
        return rows

    @api.model
    def _get_team_shape(self, lines):
        """Return what lines of a team, or values of lines, say, to be compared."""
        names = (
            "technician_id",
            "visit_count",
            "done_count",
            "late_count",
            "open_count",
            "has_calendar",
            "is_confirmed",
        )
        hours = ("work_hours", "travel_hours", "internal_hours", "hours_available")
        shapes = []
        for line, shape in zip(lines, self._get_shape(lines), strict=True):
            if isinstance(line, dict):
                read = line.get
            else:
                values = dict.fromkeys(names)
                values = {name: line[name] for name in (*names, *hours)}
                values["technician_id"] = line.technician_id.id
                read = values.get
            shapes.append(
                (
                    *shape,
                    *(read(name) or False for name in names),
                    *(round(read(name) or 0.0, 2) for name in hours),
                )
            )
        return shapes

    def _get_team_figures(self):
        """Return the sums of these technicians; a visit of two is one visit."""
        lines = self.line_ids.filtered(
            lambda line: line.section == "visit" and not line.noted_later
        )
        visits = {line.dispatch_id: line for line in lines}
        states = Counter(line.visit_state for line in visits.values())
        left = self.line_ids.filtered(lambda line: line.section == "open")
        moved = self.line_ids.filtered(lambda line: line.section == "postponed")
        return {
            "technician_count": len(self),
            "visit_count": len(visits),
            "done_count": states["done"],
            "failed_count": states["failed"],
            "late_count": sum(line.is_late for line in visits.values()),
            "first_fix_count": sum(visit._is_first_fix() for visit in visits),
            "work_hours": sum(self.mapped("work_hours")),
            "travel_hours": sum(self.mapped("travel_hours")),
            "internal_hours": sum(self.mapped("internal_hours")),
            "open_count": len(left.dispatch_id),
            "postponed_count": len(moved.reschedule_id),
        }

    @api.model
    def _get_nothing(self):
        return dict.fromkeys(
            ("unresolved_count", "overdue_count", "bad_card_count", "hazard_count"), 0
        )

    @api.model
    def _get_standing(self, company, day):
        """Return ``{team: {figure: count}}`` of what stands open in the evening.

        What belongs to no team is for the first one of the company.
        """
        begin, end = company._aftersales_day_bounds(day)
        first = self.env["aftersales.team"].search(
            [("company_id", "=", company.id)], limit=1
        )
        standing = {}

        def add(team, figure, count=1):
            if team := team or first:
                standing.setdefault(team, self._get_nothing())[figure] += count

        Ticket = self.env["aftersales.ticket"]
        unresolved = Ticket._get_unresolved_domain(company)
        for figure, domain in (
            ("unresolved_count", unresolved),
            ("overdue_count", unresolved & Domain("sla_state", "=", "late")),
        ):
            for team, count in Ticket._read_group(domain, ["team_id"], ["__count"]):
                add(team, figure, count)
        cards = self.env["rating.rating"].search_fetch(
            [
                ("res_model", "=", "aftersales.dispatch"),
                ("consumed", "=", True),
                ("rating", "<", BAD),
                ("write_date", ">=", begin),
                ("write_date", "<", end),
            ],
            ["res_id"],
        )
        rated = self.env["aftersales.dispatch"].search(
            [("id", "in", cards.mapped("res_id")), ("company_id", "=", company.id)]
        )
        teams = {visit.id: visit.team_id for visit in rated}
        for card in cards:
            if card.res_id in teams:
                add(teams[card.res_id], "bad_card_count")
        for hazard in self.env["aftersales.hazard"].search(
            [
                ("company_id", "=", company.id),
                ("date", ">=", begin),
                ("date", "<", end),
            ]
        ):
            add(hazard.dispatch_id.team_id, "hazard_count")
        return standing

    # ------------------------------------------------------------
    # MAIL
    # ------------------------------------------------------------

    def _get_supervisor(self):
        """Return who gets the report of a team: its supervisor, else the company's."""
        self.ensure_one()
        lead = self.team_id.supervisor_id
        if not (lead.active and not lead.share):
            lead = self.company_id._aftersales_supervisor()
        return lead if lead.email else lead.browse()

    def _send_to_supervisors(self):
        """Queue each team's report for its supervisor, in his language, printed."""
        vals_list = []
        for report in self.filtered(lambda report: report.kind == "team"):
            reader = report._get_supervisor()
            if not reader:
                continue
            own = report.with_context(
                lang=reader.lang or self.env.lang,
                tz=reader.tz or report.company_id.partner_id.tz or "UTC",
            )
            company = report.company_id
            vals_list.append(
                {
                    "subject": own._get_title(),
                    "body_html": own._make_body(),
                    "recipient_ids": [Command.set(reader.partner_id.ids)],
                    "email_from": company.email_formatted
                    or self.env.user.email_formatted,
                    "author_id": company.partner_id.id,
                    "auto_delete": True,
                    "attachment_ids": own._print_for_mail(),
                }
            )
        return self.env["mail.mail"].create(vals_list)

    def _print_for_mail(self):
        """Return the commands that attach the printed report, when we can print."""
        self.ensure_one()
        Report = self.env["ir.actions.report"]
        if Report.get_wkhtmltopdf_state() == "install":
            # The mail itself says it all, too.
            return []
        try:
            content, kind = Report._render_qweb_pdf(REPORT, self.ids)
        except UserError:
            # The evening does not wait for a printer; as above.
            _logger.exception("Daily report %s cannot be printed", self.id)
            return []
        name = f"{self._get_title()}.{kind}".replace("/", "-")
        return [Command.create({"name": name, "raw": content})]

    def _get_title(self):
        self.ensure_one()
        return self.env._(
            "Daily report of %(who)s, %(day)s",
            who=(self.team_id if self.kind == "team" else self.employee_id).name,
            day=format_date(self.env, self.date),
        )

    def _get_print_sections(self):
        """Return the parts of the printed report, each with its title and lines."""
        self.ensure_one()
        titles = dict(
            self.env["aftersales.daily.report.line"]
            ._fields["section"]
            ._description_selection(self.env)
        )
        if self.kind == "team":
            titles["visit"] = self.env._("Late, Failed or to Be Continued")
        lines = self.line_ids.grouped("section")
        order = ("technician", "visit", "work", "internal", "open")
        return [
            {"section": section, "title": titles[section], "lines": lines[section]}
            for section in (*order, "postponed", "tomorrow")
            if section in lines
        ]

    def _get_team_labels(self):
        """Return (label, figure) of the sums of a team."""
        self.ensure_one()
        return [
            (self._fields[name]._description_string(self.env), self[name])
            for name in (
                "visit_count",
                "done_count",
                "failed_count",
                "late_count",
                "first_fix_count",
                "postponed_count",
                "open_count",
                "unresolved_count",
                "overdue_count",
                "bad_card_count",
                "hazard_count",
            )
        ]

    def _make_body(self):
        """Return figures and technicians of a team as HTML."""
        self.ensure_one()
        cell = Markup(
            "<td style='padding:4px 8px;border-bottom:1px solid #ddd'>%s</td>"
        )
        figures = Markup("").join(
            Markup(
                "<tr><td style='padding:2px 8px'>%s</td>"
                "<td style='padding:2px 8px;text-align:right'><b>%s</b></td></tr>"
            )
            % pair
            for pair in self._get_team_labels()
        )
        lines = self.line_ids.filtered(lambda line: line.section == "technician")
        rows = Markup("").join(
            Markup("<tr>%s</tr>")
            % Markup("").join(
                cell % part
                for part in (
                    line.technician_id.name,
                    line.visit_count,
                    line.done_count,
                    f"{line.work_hours:.1f}",
                    f"{line.travel_hours:.1f}",
                    line.open_count,
                    self.env._("Yes") if line.is_confirmed else "–",
                )
            )
            for line in lines
        )
        words = self.env["aftersales.daily.report.line"].fields_get(
            [
                "technician_id",
                "visit_count",
                "done_count",
                "work_hours",
                "travel_hours",
                "open_count",
                "is_confirmed",
            ],
            ["string"],
        )
        heads = Markup("").join(
            Markup("<th style='padding:4px 8px;text-align:left'>%s</th>")
            % word["string"]
            for word in words.values()
        )
        return Markup(
            "<p><a href='%s'>%s</a></p><table>%s</table>"
            "<table style='border-collapse:collapse;margin-top:12px'>"
            "<thead><tr>%s</tr></thead><tbody>%s</tbody></table>"
        ) % (
            self._notify_get_action_link("view"),
            self._get_title(),
            figures,
            heads,
            rows,
        )

    # ------------------------------------------------------------
    # NEXT MORNING
    # ------------------------------------------------------------

    @api.model
    def _get_unconfirmed_domain(self, company):
        """Domain of the reports of earlier days that nobody confirmed (R05)."""
        return (
            Domain("company_id", "=", company.id)
            & Domain("kind", "=", "technician")
            & Domain("state", "=", "draft")
            & Domain("date", "<", company._aftersales_today())
        )

    def _tell_unconfirmed(self):
        """Give each supervisor one to-do for the unconfirmed reports of his team."""
        counts = {
            (team, day): count
            for team, day, count in self._read_group(
                [
                    ("kind", "=", "technician"),
                    ("state", "=", "draft"),
                    ("team_id", "in", self.team_id.ids),
                    ("date", "in", self.mapped("date")),
                ],
                ["team_id", "date:day"],
                ["__count"],
            )
        }
        for report in self:
            count, reader = (
                counts.get((report.team_id, report.date)),
                report._get_supervisor(),
            )
            if not (count and reader):
                continue
            words = self.with_context(lang=reader.lang or self.env.lang).env
            report.activity_schedule(
                TO_DO,
                summary=words._("Daily reports to confirm: %s", count),
                user_id=reader.id,
            )
        self._by_method().write({"unconfirmed_told": True})

    def _close_told(self):
        """Mark the to-dos of supervisors as done when nothing is left to confirm."""
        # Asked of somebody else than who confirms.
        reports_sudo = self.sudo()
        teams_sudo = reports_sudo.search(
            [
                ("kind", "=", "team"),
                ("unconfirmed_told", "=", True),
                ("team_id", "in", reports_sudo.team_id.ids),
                ("date", "in", self.mapped("date")),
            ]
        )
        if not teams_sudo:
            return
        left = set(
            teams_sudo._read_group(
                [
                    ("kind", "=", "technician"),
                    ("state", "=", "draft"),
                    ("team_id", "in", teams_sudo.team_id.ids),
                    ("date", "in", teams_sudo.mapped("date")),
                ],
                ["team_id", "date:day"],
            )
        )
        teams_sudo.filtered(
            lambda report: (report.team_id, report.date) not in left
        ).activity_feedback([TO_DO])
