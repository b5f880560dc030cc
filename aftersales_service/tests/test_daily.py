import base64
import io
from unittest.mock import patch

from freezegun import freeze_time
from openpyxl import load_workbook

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import AftersalesCommon


@tagged("post_install", "-at_install")
class TestDaily(AftersalesCommon):
    """Proves R05 and R06: the end of the day, and what comes first in the morning."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cron = cls.env.ref("aftersales_service.ir_cron_aftersales_evening")
        cls.env["res.company"].search([("id", "!=", cls.company.id)]).write(
            {
                "aftersales_asked_day": "2026-06-01",
                "aftersales_evening_day": "2026-06-01",
            }
        )
        cls.company.partner_id.tz = "Asia/Shanghai"
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.team.supervisor_id = cls.supervisor
        cls.director = cls.salesman.copy(
            {"login": "director", "name": "Director", "email": "director@example.com"}
        )
        cls.company.aftersales_sales_director_id = cls.director

    def _call(self, moment, **values):
        with freeze_time(moment):
            ticket = self._ticket(**values)
            self.env.flush_all()
            return ticket

    def _run(self, moment):
        """Run the job at a moment (UTC; the company is eight hours ahead)."""
        with freeze_time(moment), self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        self.env.invalidate_all()

    def _asked(self, ticket):
        return ticket.activity_ids.filtered(
            lambda activity: "Explain" in (activity.summary or "")
        )

    def _reports(self):
        return self.env["mail.mail"].search([("subject", "ilike", "Harvester Works")])

    def _rows(self, content):
        sheet = load_workbook(io.BytesIO(content)).active
        return [list(row) for row in sheet.values]

    # ------------------------------------------------------------
    # MORNING
    # ------------------------------------------------------------

    def test_left_over_comes_first(self):
        values = {"service_mode": "onsite"}
        # 23:30 and 00:30 in Shanghai.
        late = self._call("2026-06-01 15:30:00", **values)
        early = self._call("2026-06-01 16:30:00", priority="2", **values)
        urgent = self._call("2026-06-02 01:00:00", priority="1", **values)
        plain = self._call("2026-06-02 00:30:00", **values)
        self._call("2026-06-02 01:00:00", service_mode="phone")
        self._call("2026-06-02 01:00:00", channel="staff", **values)
        arrived = self._call("2026-06-02 01:00:00", **values)
        arrived._by_method().arrive_date = "2026-06-02 02:00:00"
        self._call("2026-06-02 01:00:00", **values).action_cancel("Not needed")
        self.assertEqual(str(late.open_day), "2026-06-01")
        self.assertEqual(str(early.open_day), "2026-06-02")
        Ticket = self.env["aftersales.ticket"].with_user(self.agent)
        action = Ticket._get_to_dispatch_action()
        order = "open_day, priority desc, id"
        with freeze_time("2026-06-02 02:00:00"):
            found = Ticket.search(action["domain"], order=order)
            self.assertEqual(found, late | early | urgent | plain)
            self.assertEqual(found.filtered("is_leftover"), late)
            self.assertEqual(found.search([("is_leftover", "=", True)]) & found, late)
            self.assertNotIn(late, found.search([("is_leftover", "=", False)]))
        view = self.env.ref("aftersales_service.aftersales_ticket_view_list_dispatch")
        self.assertIn(order, view.arch)

    # ------------------------------------------------------------
    # EXPLANATIONS
    # ------------------------------------------------------------

    def test_explanation_is_asked_for_in_time(self):
        ticket = self._call("2026-06-01 02:00:00", user_id=self.agent.id)
        orphan = self._call("2026-06-01 02:00:00")
        solved = self._call("2026-06-01 02:00:00")
        solved.action_solve()
        told = self._call(
            "2026-06-01 02:00:00",
            delay_reason="Part ordered",
            promised_date="2026-06-03 02:00:00",
        )
        self._run("2026-06-01 08:30:00")
        self.assertFalse(self._asked(ticket), "16:30")
        self._run("2026-06-01 09:00:00")
        self._run("2026-06-01 09:10:00")
        self.assertEqual(self._asked(ticket).user_id, self.agent)
        self.assertEqual(self._asked(orphan).user_id, self.supervisor)
        self.assertFalse(self._asked(solved) | self._asked(told))
        self.assertFalse(self._reports(), "an hour later")
        # Not asked twice while it stands there; asked again when a promise is broken.
        self._run("2026-06-02 10:30:00")
        self.assertEqual(len(self._asked(ticket)), 1)
        self.assertFalse(self._asked(told))
        self._run("2026-06-03 10:30:00")
        self.assertTrue(self._asked(told))

    def test_answer_closes_the_todo(self):
        ticket = self._call("2026-06-01 02:00:00", user_id=self.agent.id)
        self._run("2026-06-01 09:00:00")
        with freeze_time("2026-06-01 09:30:00"):
            own = ticket.with_user(self.agent)
            own.delay_reason = "Part ordered"
            self.assertTrue(self._asked(ticket), "a time is missing")
            own.promised_date = "2026-06-03 02:00:00"
        self.env.invalidate_all()
        self.assertFalse(self._asked(ticket))

    def test_solution_takes_the_todo_back(self):
        ticket = self._call("2026-06-01 02:00:00", user_id=self.agent.id)
        self._run("2026-06-01 09:00:00")
        ticket.with_user(self.agent).action_solve()
        self.assertFalse(self._asked(ticket))

    # ------------------------------------------------------------
    # REPORT
    # ------------------------------------------------------------

    def test_report_once_a_day_with_the_list(self):
        ticket = self._call(
            "2026-06-01 02:00:00",
            symptom="=1+1",
            delay_reason="Part ordered",
            promised_date="2026-06-03 02:00:00",
        )
        old = self._call("2026-05-20 02:00:00", user_id=self.agent.id)
        self._call("2026-06-01 02:00:00").action_solve()
        for moment in ("09:55", "10:05", "10:15", "15:00"):
            self._run(f"2026-06-01 {moment}:00")
        mail = self._reports()
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.recipient_ids, self.director.partner_id)
        self.assertEqual(mail.state, "outgoing")
        self.assertIn("Part ordered", mail.body_html)
        self.assertIn("10:00", mail.body_html, "the time where he is")
        self.assertIn(old.name, mail.body_html)
        rows = self._rows(base64.b64decode(mail.attachment_ids.datas))
        self.assertEqual([row[0] for row in rows], ["Ticket", old.name, ticket.name])
        row = dict(zip(rows[0], rows[2], strict=True))
        self.assertEqual(row["Symptom"], "=1+1", "text, not a formula")
        self.assertEqual(str(row["Promised for"]), "2026-06-03 10:00:00", "his time")
        self._run("2026-06-02 10:00:00")
        self.assertEqual(len(self._reports()), 2)

    def test_not_on_holidays(self):
        self._call("2026-06-01 02:00:00")
        self._run("2026-06-06 10:30:00")
        self.assertFalse(self._reports(), "Saturday")
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Dragon Boat",
                "calendar_id": self.company.resource_calendar_id.id,
                "company_id": self.company.id,
                "date_from": "2026-06-18 16:00:00",
                "date_to": "2026-06-19 15:59:59",
            }
        )
        self._run("2026-06-19 10:30:00")
        self.assertFalse(self._reports(), "holiday")
        self._run("2026-06-22 10:30:00")
        self.assertEqual(len(self._reports()), 1)

    def test_nothing_unresolved_is_told_too(self):
        self._run("2026-06-01 10:30:00")
        self.assertIn("Every ticket is solved", self._reports().body_html)

    def test_managers_when_nobody_is_named(self):
        self.company.aftersales_sales_director_id = False
        self._run("2026-06-01 10:30:00")
        self.assertIn(self.manager.partner_id, self._reports().recipient_ids)
        self.assertNotIn(self.supervisor.partner_id, self._reports().recipient_ids)

    def test_in_the_language_of_the_reader(self):
        self.director.lang = "zh_CN"
        ticket = self._call("2026-06-01 02:00:00")
        self._run("2026-06-01 10:30:00")
        mail = self._reports()
        self.assertIn(ticket.name, mail.body_html)
        rows = self._rows(base64.b64decode(mail.attachment_ids.datas))
        words = self.env["aftersales.ticket"].with_context(lang="zh_CN")
        states = dict(words._fields["state"]._description_selection(words.env))
        self.assertIn(states["new"], rows[1])

    def test_killed_before_the_mail_is_sent_later(self):
        self._call("2026-06-01 02:00:00")
        self._run("2026-06-01 09:30:00")
        Report = type(self.env["aftersales.evening.report"])
        with patch.object(Report, "_send", side_effect=ValueError("killed")):
            with self.assertRaises(ValueError), self.env.cr.savepoint():
                with freeze_time("2026-06-01 10:10:00"):
                    self.env["aftersales.evening.report"]._end_day(self.company)
        self.env.invalidate_all()
        self._run("2026-06-01 10:20:00")
        self.assertEqual(len(self._reports()), 1)

    def test_preview_for_supervisors(self):
        ticket = self._call("2026-06-01 02:00:00")
        Report = self.env["aftersales.evening.report"]
        name, content = Report.with_user(self.supervisor)._make_preview(self.company)
        self.assertTrue(name.endswith(".xlsx"))
        self.assertEqual(self._rows(content)[1][0], ticket.name)
        with self.assertRaises(AccessError):
            Report.with_user(self.agent)._make_preview(self.company)
        other = self.env["res.company"].create({"name": "Other"})
        with self.assertRaises(AccessError):
            Report.with_user(self.supervisor)._make_preview(other)
        self.assertFalse(self._reports())

    def test_manager_sets_the_evening(self):
        setup = self.env["aftersales.setup"].with_user(self.manager)
        setup = setup.browse(self.company.id)
        setup.evening_hour = 20.5
        setup.repeat_days = 60
        setup.sales_director_id = self.salesman
        self.assertEqual(self.company.aftersales_evening_hour, 20.5)
        self.assertEqual(self.company.aftersales_repeat_days, 60)
        self.assertEqual(self.company.aftersales_sales_director_id, self.salesman)
