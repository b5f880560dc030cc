import io
from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from openpyxl import load_workbook
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.aftersales_service.tests.clock_common import local

from ..tools import period
from .report_common import FigureCommon


@tagged("post_install", "-at_install")
class TestReport(FigureCommon):
    """Reports go out by themselves, each once, and nothing of them is lost."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Report = cls.env["aftersales.report"]
        Report.with_context(active_test=False).search([]).active = False
        with freeze_time(local("2026-06-10 09:00")):
            Report._ensure_reports(cls.company)
        cls.reports = {
            report.kind: report
            for report in Report.search([("company_id", "=", cls.company.id)])
        }
        for kind, report in cls.reports.items():
            report.active = kind == "complaint_rate"
        cls.rate = cls.reports["complaint_rate"]
        cls.reader = cls.env["res.partner"].create(
            {"name": "Board", "email": "board@example.com", "lang": "en_US"}
        )
        cls.rate.partner_ids = cls.reader
        # Other companies of the database have their own reports, not today.
        patcher = patch.object(type(Report), "_ensure_reports", lambda *args: None)
        patcher.start()
        cls.addClassCleanup(patcher.stop)

    def _run(self, moment):
        cron = self.env.ref("aftersales_quality.ir_cron_aftersales_report")
        with freeze_time(local(moment)), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        return self._runs()

    def _runs(self, kind="complaint_rate"):
        return self.env["aftersales.report.run"].search(
            [("company_id", "=", self.company.id), ("kind", "=", kind)],
            order="period_start",
        )

    def _mails(self):
        return self.env["mail.mail"].search([("recipient_ids", "in", self.reader.ids)])

    def _book(self, run):
        files = run.attachment_ids.filtered(lambda file: file.name.endswith(".xlsx"))
        return load_workbook(io.BytesIO(files.raw))

    # ------------------------------------------------------------
    # PERIODS
    # ------------------------------------------------------------

    def test_periods(self):
        day = date(2026, 8, 20)
        self.assertEqual(period.start_of(day, 1), date(2026, 8, 1))
        self.assertEqual(period.start_of(day, 6), date(2026, 7, 1))
        # A maintenance year that begins in October.
        self.assertEqual(period.start_of(day, 12, 10), date(2025, 10, 1))
        self.assertEqual(period.start_of(day, 6, 10), date(2026, 4, 1))
        self.assertEqual(period.end_of(date(2026, 7, 1), 6), date(2026, 12, 31))
        starts = period.due_starts(
            date(2026, 6, 10),
            period.due_moment(date(2026, 7, 1), 1, 5, 17.0),
            months=1,
            first_month=1,
            day=5,
            hour=17.0,
        )
        self.assertEqual(starts, [date(2026, 6, 1), date(2026, 7, 1)])

    # ------------------------------------------------------------
    # COMPLAINT RATE
    # ------------------------------------------------------------

    def test_complaint_rate_by_the_fifth(self):
        """At five on the fifth, for the month before, with who answers for each."""
        department = self.env["hr.department"].create(
            {"name": "Assembly", "company_id": self.company.id}
        )
        with freeze_time(local("2026-06-20 09:00")):
            for _number in range(4):
                self._ticket()
            complaint = self._complain(
                department_id=department.id, responsible_id=self.chen.id
            )
        self.assertFalse(self._run("2026-07-05 16:50"))
        run = self._run("2026-07-05 17:00")
        self.assertEqual(run.state, "sent")
        self.assertEqual(str(run.date_due), "2026-07-05 09:00:00")
        figure = run.figure_ids.filtered(lambda f: f.measure == "complaint_ticket")
        self.assertEqual((figure.numerator, figure.denominator), (1, 4))
        self.assertEqual(figure.text, "25.0 %")
        rows = [
            [str(cell) for cell in row]
            for row in self._book(run)["Complaints"].iter_rows(values_only=True)
        ]
        found = [row for row in rows if row[0] == complaint.name]
        self.assertEqual(len(found), 1, rows)
        self.assertTrue({"Assembly", "Chen Gang"} <= set(found[0]), found)
        mail = self._mails()
        self.assertEqual(len(mail), 1)
        self.assertIn("25.0 %", mail.body_html)
        self.assertEqual(mail.attachment_ids, run.attachment_ids)
        # Run twice: nothing more.
        self.assertEqual(self._run("2026-07-05 17:30"), run)
        self.assertEqual(self._mails(), mail)
        # Its rows are still to be seen.
        action = figure.with_user(self.supervisor).action_open()
        self.assertEqual(
            self.env[action["res_model"]].search(action["domain"]), complaint
        )

    def test_missed_runs_are_caught_up_once(self):
        """A server that slept two months sends what it missed, each once."""
        runs = self._run("2026-09-10 09:00")
        self.assertEqual(
            [str(day) for day in runs.mapped("period_start")],
            ["2026-06-01", "2026-07-01", "2026-08-01"],
        )
        self.assertEqual(len(self._mails()), 3)
        self.assertEqual(self._run("2026-09-10 09:30"), runs)
        # A second process that did not see the first one's run.
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.cr.savepoint(),
        ):
            self.env["aftersales.report.run"]._make(self.rate, date(2026, 6, 1))

    def test_failures_lose_nothing(self):
        """No address, a mail server that is down, a report that breaks."""
        self.rate.user_ids = self.supervisor
        self.supervisor.partner_id.email = False
        self.rate.email_to = "finance@example.com, board2@example.com"
        Run = self.env.registry["aftersales.report.run"]
        with (
            patch.object(Run, "_make_workbook", side_effect=ValueError("disk")),
            mute_logger("odoo.addons.aftersales_quality.models.aftersales_report"),
        ):
            self.assertFalse(self._run("2026-07-05 17:00"), "tried again")
        run = self._run("2026-07-05 17:30")
        self.assertEqual(run.unreached, self.supervisor.name)
        self.assertEqual(run.activity_ids.user_id, self.supervisor)
        mails = run.mail_ids
        self.assertEqual(len(mails), 3)
        mails[0].state = "exception"
        self.env.flush_all()
        self.cr.execute(
            "UPDATE mail_mail SET write_date = '2026-07-05 10:00' WHERE id = %s",
            [mails[0].id],
        )
        self.env.invalidate_all()
        run.invalidate_recordset()
        self.assertEqual(run.failed_count, 1)
        self._run("2026-07-06 09:00")
        self.assertEqual(mails[0].state, "outgoing")
        with self.assertRaisesRegex(UserError, "on their way"):
            run.with_user(self.supervisor).action_send_again()
        with self.assertRaisesRegex(ValidationError, "mail addresses"):
            self.rate.email_to = "nobody"

    # ------------------------------------------------------------
    # SATISFACTION
    # ------------------------------------------------------------

    def test_satisfaction_of_half_a_year(self):
        visits = [
            self._visit("2026-06-04 09:00", "2026-06-05 09:00", "2026-06-05 10:00")
            for _number in range(2)
        ]
        self._answered(visits[0], "2026-06-08 10:00", (4, 4, 4, 4), recommend="10")
        self._answered(visits[1], "2026-06-08 10:00", (1, 2, 2, 2), recommend="3")
        self.reports["satisfaction_half"].active = True
        self._run("2026-07-10 17:00")
        run = self._runs("satisfaction_half")
        self.assertEqual(str(run.period_start), "2026-01-01")
        texts = {figure.measure: figure.text for figure in run.figure_ids}
        self.assertEqual(texts["csat"], "50.0 %")
        self.assertEqual(texts["nps"], "+0")
        book = self._book(run)
        rows = list(book["Technicians"].iter_rows(values_only=True))
        chen = next(row for row in rows if row[0] == "Chen Gang")
        self.assertEqual(chen[2:], (2, 3.5, 50, 1))
        rows = list(book["Items of the Card"].iter_rows(values_only=True))
        self.assertIn(("Attitude", 1, 0, 0, 1, 2, 2.5, 50), rows)

    # ------------------------------------------------------------
    # SUMMARY OF THE DEPARTMENT
    # ------------------------------------------------------------

    def test_summary_waits_for_the_supervisor(self):
        """Figures and his words, confirmed once, kept as they went out (R98)."""
        visit = self._visit("2026-06-04 09:00", "2026-06-05 09:00", "2026-06-05 10:00")
        report = self.reports["summary_month"]
        report.write({"active": True, "partner_ids": [Command.set(self.reader.ids)]})
        self._run("2026-07-01 09:00")
        run = self._runs("summary_month")
        self.assertEqual(run.state, "draft")
        self.assertEqual(run.activity_ids.user_id, self.supervisor)
        own = run.with_user(self.supervisor)
        with self.assertRaisesRegex(UserError, "write your words first"):
            own.action_confirm()
        own.comment = "Two machines waited for belts."
        for user in (self.agent, self.technician, self.quality_lead):
            with self.assertRaises(AccessError):
                run.with_user(user).action_confirm()
        own.action_confirm()
        self.assertEqual(run.state, "sent")
        self.assertFalse(run.activity_ids)
        self.assertIn("waited for belts", self._mails().body_html)
        rows = list(self._book(run)["Service Slips"].iter_rows(values_only=True))
        self.assertIn(visit.name, [row[0] for row in rows])
        with self.assertRaisesRegex(UserError, "confirm"):
            own.action_confirm()
        with self.assertRaisesRegex(UserError, "stays as it is"):
            own.comment = "All was well."
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "aftersales_quality.report_aftersales_run", run.ids
        )
        for word in ("First-Time Fix", "waited for belts", visit.name):
            self.assertIn(word, html.decode())

    def test_kept_for_years(self):
        """What was sent is deleted by nobody for three years (R66)."""
        run = self._run("2026-07-05 17:00")
        with (
            freeze_time("2028-07-05"),
            self.assertRaisesRegex(UserError, "kept until 2029-07-05"),
        ):
            run.with_user(self.manager).unlink()
        with freeze_time("2029-07-06"):
            run.with_user(self.manager).unlink()
        self.assertFalse(run.exists())
