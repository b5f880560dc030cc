from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .clock_common import local
from .report_common import ReportCommon

DAY = date(2026, 6, 2)
# A Tuesday in Shanghai.
EVENING = local("2026-06-02 19:05")


@tagged("post_install", "-at_install")
@freeze_time(EVENING)
class TestDailyReport(ReportCommon):
    """The technician's and the supervisor's day, composed from the records (R30)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.write(
            {
                "supervisor_id": cls.supervisor.id,
                "member_ids": [Command.link(cls.technician.id)],
            }
        )
        cls.Report = cls.env["aftersales.daily.report"]

    def _run(self, moment=None):
        """Let the evening job run for this company."""
        job = self.env.ref("aftersales_service.ir_cron_aftersales_daily_report")
        with freeze_time(moment or EVENING), self.enter_registry_test_mode():
            job.method_direct_trigger()
        self.env.invalidate_all()

    def _of(self, person, day=DAY):
        return self.Report.search([("employee_id", "=", person.id), ("date", "=", day)])

    def _of_team(self, day=DAY):
        return self.Report.search(
            [("team_id", "=", self.team.id), ("kind", "=", "team"), ("date", "=", day)]
        )

    def _visit(self, begin="09:20", end="11:20", **values):
        return self._made(
            "2026-06-01 10:00",
            f"2026-06-02 {values.pop('planned', '09:00')}",
            f"2026-06-02 {begin}",
            end and f"2026-06-02 {end}",
            **values,
        )

    def _labour(self, ticket, person, hours, moment="2026-06-02 15:00", **values):
        return self.env["aftersales.ticket.line"].create(
            {
                "ticket_id": ticket.id,
                "kind": "labour",
                "employee_id": person.id,
                "quantity": hours,
                "state": "used",
                "date_done": local(moment),
                **values,
            }
        )

    def _sections(self, report):
        return [line.section for line in report.line_ids]

    # ------------------------------------------------------------
    # COMPOSING
    # ------------------------------------------------------------

    def test_the_day_of_a_technician(self):
        """Visits, other work and internal work, each once, by their own hours."""
        visit = self._visit(
            depart="2026-06-02 08:20", crew_ids=[Command.link(self.zhou.id)], end=None
        )
        self._labour(visit.ticket_id, self.chen, 2, dispatch_id=visit.id)
        visit.action_finish(local("2026-06-02 11:20"))
        internal = self._ticket(service_kind="internal", partner_id=False)
        self._labour(internal, self.chen, 1.5)
        self._labour(self._ticket(service_mode="workshop"), self.chen, 0.5)
        self._labour(self._ticket(), self.chen, 3, "2026-06-01 15:00")
        tomorrow = self._dispatch(start=local("2026-06-03 08:30"))
        tomorrow.action_assign()
        moved = self._dispatch(start=local("2026-06-03 13:00"))
        moved.action_assign()
        moved.action_reschedule(
            local("2026-06-05 08:00"), reason="Parts are late", requested_by="company"
        )
        self._run()
        report = self._of(self.chen)
        self.assertEqual(
            self._sections(report),
            ["visit", "work", "internal", "postponed", "tomorrow"],
        )
        self.assertEqual(
            (report.visit_count, report.done_count, report.late_count), (1, 1, 1)
        )
        self.assertEqual(report.first_fix_count, 1)
        self.assertEqual(
            (report.work_hours, report.travel_hours, report.internal_hours),
            (2.5, 1.0, 1.5),
        )
        self.assertEqual(report.hours_available, 9.0)
        self.assertAlmostEqual(report.utilisation, 3.5 / 9)
        self.assertEqual(report.line_ids[3].work_done, "Parts are late")
        mate = self._of(self.zhou)
        self.assertEqual((mate.work_hours, mate.travel_hours), (2.0, 1.0))
        team = self._of_team()
        self.assertEqual(team.technician_count, 2)
        self.assertEqual(team.visit_count, 1, "a visit of two is one visit")
        self.assertEqual((team.work_hours, team.travel_hours), (4.5, 2.0))

    def test_open_in_the_evening(self):
        """What is not finished is left open; its hours are not known yet."""
        self._visit(end=None)
        self._run()
        report = self._of(self.chen)
        self.assertEqual(self._sections(report), ["visit", "open"])
        self.assertEqual((report.work_hours, report.open_count), (0.0, 1))
        self.assertEqual(self._of_team().open_count, 1)

    def test_over_midnight(self):
        """Each day has its share, of the local day."""
        self._made(
            "2026-06-01 10:00", "2026-06-01 22:00", "2026-06-01 22:00",
            "2026-06-02 01:00",
        )  # fmt: skip
        self._run("2026-06-01 11:05:00")
        self._run()
        self.assertEqual(self._of(self.chen).work_hours, 1.0)
        self.assertEqual(self._of(self.chen, date(2026, 6, 1)).work_hours, 2.0)

    def test_run_twice_and_killed(self):
        """Twice in an evening it does nothing more; killed it goes on."""
        self._visit()
        with (
            patch.object(type(self.Report), "_compose_teams", side_effect=ValueError),
            self.assertLogs("odoo.addons.aftersales_service", "ERROR"),
        ):
            self._run()
        self.assertFalse(self._of_team())
        self._run()
        report, team = self._of(self.chen), self._of_team()
        lines, mails = report.line_ids, self._mails()
        self.assertEqual(len(mails), 1)
        self._run("2026-06-02 12:30:00")
        report.invalidate_recordset()
        self.assertEqual(report.line_ids, lines)
        self.Report._compose(self.company, DAY, self.chen)
        self.assertEqual(report.line_ids, lines)
        self.assertEqual(self._of_team(), team)
        self.assertEqual(self._mails(), mails)

    def _mails(self):
        return self.env["mail.mail"].search(
            [("recipient_ids", "in", self.supervisor.partner_id.ids),
             ("subject", "ilike", "Daily report")]
        )  # fmt: skip

    def test_only_in_the_evening(self):
        self._run("2026-06-02 10:50:00")
        self.assertFalse(self._of(self.chen))
        self._run()
        self.assertTrue(self._of(self.chen))

    def test_holidays_and_leaves(self):
        """Out of the denominator; whoever worked then is reported all the same."""
        leave = {
            "name": "Leave",
            "calendar_id": self.calendar.id,
            "resource_id": self.zhou.resource_id.id,
            "date_from": local("2026-06-02 00:00"),
            "date_to": local("2026-06-02 23:59"),
        }
        self.env["resource.calendar.leaves"].create(leave)
        self.env["resource.calendar.leaves"].create(
            {
                **leave,
                "resource_id": False,
                "company_id": self.company.id,
                "date_from": local("2026-06-02 13:00"),
            }
        )
        self._visit()
        self._run()
        self.assertFalse(self._of(self.zhou), "on leave, and nobody sent him")
        report = self._of(self.chen)
        self.assertEqual(report.hours_available, 4.0)
        self.assertEqual(report.utilisation, 0.5)

    # ------------------------------------------------------------
    # UTILISATION
    # ------------------------------------------------------------

    def test_utilisation_is_sum_by_sum(self):
        """Not the mean of the days, and nothing of those without a calendar."""
        loose = self._create_technician("Without Hours")
        self._visit("09:00", "18:00")
        self._visit("09:00", "13:00", technician=loose)
        loose.resource_calendar_id = False
        self._run()
        with freeze_time("2026-06-06 11:05:00"):  # a Saturday
            self.Report._compose(self.company, date(2026, 6, 6), self.chen)
        with freeze_time("2026-06-07 11:05:00"):  # a Sunday
            self.Report._compose(self.company, date(2026, 6, 7), self.chen, True)
        self.assertFalse(self._of(loose).has_calendar)
        mine = [("company_id", "=", self.company.id), ("kind", "=", "technician")]
        rows = self.Report._read_group(
            [*mine, ("employee_id", "in", (self.chen | loose).ids)],
            ["employee_id"],
            ["utilisation:avg", "total_hours:sum"],
        )
        self.assertEqual(rows, [(self.chen, 0.5, 9.0), (loose, False, 4.0)])
        total = self.Report._read_group(mine, [], ["utilisation:avg"])
        self.assertAlmostEqual(total[0][0], 9 / 27, msg="Zhou was there, too")
        described = self.Report.fields_get(["utilisation"])["utilisation"]
        self.assertEqual(described["aggregator"], "avg", "a measure of the pivot")

    # ------------------------------------------------------------
    # CONFIRMING
    # ------------------------------------------------------------

    def test_before_leaving(self):
        """He opens his day in the afternoon, adds remarks and confirms (R05)."""
        self._visit()
        Report = self.Report.with_user(self.technician)
        with freeze_time(local("2026-06-02 16:30")):
            action = Report._get_today_action()
            report = Report.browse(action["res_id"])
            self.assertEqual((report.visit_count, report.state), (1, "draft"))
            with self.assertRaisesRegex(UserError, "cannot be typed"):
                report.write({"work_hours": 8})
            report.note = "Van needs new tyres"
            report.action_confirm()
        self.assertEqual(report.confirmed_by_id, self.technician)
        with self.assertRaisesRegex(UserError, "confirmed once"):
            report.action_confirm()
        with self.assertRaisesRegex(UserError, "stays"):
            report.note = "Changed my mind"

    def test_noted_later(self):
        """Confirmed lines stay; what changes afterwards stands beside them."""
        visit = self._visit(end="11:20")
        self._run()
        report = self._of(self.chen)
        report.with_user(self.technician).action_confirm()
        kept = report.line_ids
        visit._by_method().write({"finish_date": local("2026-06-02 12:20")})
        self._labour(self._ticket(service_mode="workshop"), self.chen, 0.5)
        self._run("2026-06-03 11:05:00")
        self.assertLess(kept, report.line_ids)
        self.assertEqual(kept.mapped("work_hours"), [2.0])
        later = report.line_ids - kept
        self.assertEqual(later.mapped("noted_later"), [True, True])
        self.assertEqual(later.mapped("work_hours"), [3.0, 0.5])
        self.assertEqual((report.work_hours, report.later_hours), (2.0, 1.5))
        self.assertEqual(report.total_hours, 3.5)
        self.assertTrue(report.has_later)
        before = report.line_ids
        self._run("2026-06-04 11:05:00")
        self.assertEqual(report.line_ids, before)
        visit._by_method().write({"finish_date": local("2026-06-02 11:20")})
        report.action_recompose()
        self.assertEqual(report.later_hours, 0.5)

    def test_next_day_follows_unconfirmed(self):
        """What is noted the next day enters the day it was done on."""
        self._run()
        self.assertEqual(self._of(self.chen).visit_count, 0)
        with freeze_time(local("2026-06-03 09:00")):
            self._visit()
        self._run("2026-06-03 11:05:00")
        self.assertEqual(self._of(self.chen).visit_count, 1)

    def test_desk_confirms_for_those_without_a_user(self):
        self._run()
        own, other = self._of(self.zhou), self._of(self.chen)
        other.with_user(self.agent).read(["visit_count"])
        with self.assertRaisesRegex(UserError, "by the desk for"):
            other.with_user(self.agent).action_confirm()
        own.with_user(self.agent).write({"note": "By phone"})
        own.with_user(self.agent).action_confirm()
        self.assertEqual(own.state, "confirmed")
        other.with_user(self.supervisor).action_confirm()

    def test_a_day_has_24_hours(self):
        for begin in ("00:10", "01:10"):
            self._visit(begin, "18:00", planned=begin)
        self._run()
        with self.assertRaisesRegex(UserError, "a day has 24"):
            self._of(self.chen).with_user(self.technician).action_confirm()

    def test_own_only(self):
        """A technician reads his own reports and those of nobody else."""
        self._visit(crew_ids=[Command.link(self.zhou.id)])
        self._run()
        reports = self.Report.with_user(self.technician).search([])
        self.assertEqual(reports.employee_id, self.chen)
        self.assertTrue(reports.line_ids.mapped("customer_label"))
        for report in self._of(self.zhou), self._of_team():
            with self.assertRaises(AccessError):
                report.with_user(self.technician).read(["visit_count"])
            with self.assertRaises(AccessError):
                report.line_ids.with_user(self.technician).read(["section"])
        with self.assertRaises(AccessError):
            reports.line_ids.write({"work_hours": 9})
        with self.assertRaisesRegex(UserError, "composed from the records"):
            self.Report.with_user(self.technician).create(
                {"employee_id": self.chen.id, "date": "2026-06-03"}
            )
        with self.assertRaises(AccessError):
            reports.with_user(self.employee).read(["visit_count"])

    # ------------------------------------------------------------
    # SUPERVISOR
    # ------------------------------------------------------------

    def test_supervisor_gets_it(self):
        """Sums, unresolved and bad cards, queued with the printed report."""
        self._visit()
        late = self._visit("13:40", "14:00", planned="13:00", result="follow_up")
        self._run()
        team = self._of_team()
        self.assertEqual(
            (team.visit_count, team.done_count, team.late_count), (2, 2, 2)
        )
        self.assertEqual((team.first_fix_count, team.unresolved_count), (1, 1))
        self.assertIn(late, team.line_ids.dispatch_id)
        mail = self._mails()
        self.assertEqual(mail.state, "outgoing")
        self.assertEqual(mail.recipient_ids, self.supervisor.partner_id)
        self.assertIn("Chen Gang", mail.body_html)
        self.assertEqual(len(mail.attachment_ids), 1)

    def test_printed_in_both_languages(self):
        self._visit()
        self._run()
        for report in self._of(self.chen), self._of_team():
            for lang, user in (("en_US", self.supervisor), ("zh_CN", self.supervisor)):
                content, _kind = (
                    self.env["ir.actions.report"]
                    .with_user(user)
                    .with_context(lang=lang)
                    ._render_qweb_html(
                        "aftersales_service.action_report_aftersales_daily", report.ids
                    )
                )
                self.assertIn("Chen Gang", content.decode())

    def test_unconfirmed_found_next_morning(self):
        """One to-do for the supervisor, done when the last one is confirmed."""
        self._run()
        self._run("2026-06-02 22:30:00")
        self.assertFalse(self._of_team().activity_ids, "half past six")
        self._run("2026-06-02 23:05:00")
        self._run("2026-06-02 23:15:00")
        todo = self._of_team().activity_ids
        self.assertEqual(todo.user_id, self.supervisor)
        self.assertIn("2", todo.summary)
        with freeze_time("2026-06-03 00:10:00"):
            found = self.Report.with_user(self.supervisor).search(
                [("state", "=", "draft"), ("date", "<", "today")]
            )
            self.assertEqual(found.employee_id, self.chen | self.zhou)
            self._of(self.chen).with_user(self.technician).action_confirm()
            self.assertTrue(todo.exists())
            self._of(self.zhou).with_user(self.supervisor).action_confirm()
        self.assertFalse(self._of_team().activity_ids)

    def test_day_off(self):
        """On a Sunday nobody is told of a day on which nobody was sent."""
        self._run("2026-06-07 11:05:00")
        self.assertFalse(self._mails())
        self.assertFalse(self._of(self.chen, date(2026, 6, 7)))

    # ------------------------------------------------------------
    # SPEED
    # ------------------------------------------------------------

    def test_queries(self):
        """Fifty technicians cost what one does."""
        people = self.chen
        for number in range(49):
            people |= self._create_technician(f"T{number:02}")
        for person in people[:5]:
            self._visit(technician=person)
        counts = {}
        for group in (people[:1], people):
            for day in ("new", "again"):
                self.env.flush_all()
                self.env.invalidate_all()
                group = group.with_env(self.env)
                before = self.env.cr.sql_log_count
                self.Report._compose(self.company, DAY, group)
                self.env.flush_all()
                counts[len(group), day] = self.env.cr.sql_log_count - before
        self.assertEqual(counts[1, "again"], counts[50, "again"], counts)
        self.assertLessEqual(counts[50, "new"], counts[1, "new"] + 5, counts)
