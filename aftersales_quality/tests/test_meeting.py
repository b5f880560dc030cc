from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import QualityCommon


@tagged("post_install", "-at_install")
class TestMeeting(QualityCommon):
    """Departments meet; minutes and 8D come from the same records."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.aftersales_complaint_records = True
        cls.department = cls.env["hr.department"].create(
            {"name": "Welding Shop", "company_id": cls.company.id}
        )
        cls.cause = cls.env["aftersales.cause"].create(
            {
                "name": "Porous seam",
                "process": "Welding",
                "department_id": cls.department.id,
                "company_id": cls.company.id,
            }
        )

    def _hold(self, **values):
        """Prepare a meeting that the quality lead chairs about one nonconformity."""
        row = self.env["aftersales.nonconformity"].create(
            {"product_id": self.header.id, "description": "Oil drips from the seam"}
        )
        return self.env["aftersales.meeting"].create(
            {
                "subject": "Oil at the header",
                "chair_id": self.quality_lead.id,
                "nonconformity_ids": [Command.link(row.id)],
                "attendee_ids": [
                    Command.create(
                        {"partner_id": self.employee.partner_id.id, "role": "Welding"}
                    ),
                    Command.create({"partner_id": self.salesman.partner_id.id}),
                ],
                "why_ids": [
                    Command.create({"answer": "The seam is porous"}),
                    Command.create({"answer": "Gas did not flow"}),
                ],
                **values,
            }
        )

    @freeze_time("2026-11-10 02:00:00")
    def test_minutes_are_confirmed_by_the_chair_and_stay(self):
        meeting = self._hold()
        row = meeting.nonconformity_ids
        with self.assertRaisesRegex(UserError, "chair confirms"):
            meeting.with_user(self.officer).action_confirm()
        mine = meeting.with_user(self.quality_lead)
        with self.assertRaisesRegex(UserError, "Cause, Minutes, Attended"):
            mine.action_confirm()
        mine.write(
            {
                "cause_id": self.cause.id,
                "minutes": "<p>Check the gas daily.</p>",
                "action_ids": [
                    Command.create(
                        {
                            "description": "Alarm on gas flow",
                            "owner_id": self.agent.id,
                            "date_due": "2026-11-20",
                        }
                    )
                ],
            }
        )
        mine.attendee_ids[:1].attended = True
        mine.action_confirm()
        self.assertEqual(meeting.state, "confirmed")
        self.assertEqual(meeting.department_id, self.department)
        self.assertEqual(row.cause_id, self.cause, "The cause goes to the case.")
        self.assertEqual(row.action_ids, meeting.action_ids)
        self.assertEqual(row.action_ids.cause_id, self.cause)
        for change in (
            {"minutes": "Other"},
            {"attendee_ids": [Command.clear()]},
        ):
            with self.assertRaisesRegex(UserError, "stay as they are"):
                mine.write(change)
        with self.assertRaisesRegex(UserError, "stay as they are"):
            meeting.why_ids[:1].answer = "Because"
        with self.assertRaisesRegex(UserError, "State"):
            meeting.state = "draft"
        mine.action_reopen()
        self.assertEqual(meeting.state, "draft")

    @freeze_time("2026-11-10 02:00:00")
    def test_attendees_are_invited_and_read_the_minutes(self):
        meeting = self._hold()
        mails = self.env["mail.mail"].search([])
        meeting.action_invite()
        mails = self.env["mail.mail"].search([]) - mails
        self.assertEqual(
            mails.recipient_ids, (self.employee | self.salesman).partner_id
        )
        self.assertIn("Oil at the header", mails[:1].subject)
        guest = meeting.with_user(self.employee)
        self.assertEqual(guest.why_ids[:1].answer, "The seam is porous")
        with self.assertRaises(AccessError):
            guest.subject = "Nothing"
        with self.assertRaises(AccessError):
            meeting.with_user(self.warehouse_user).read(["subject"])

    @freeze_time("2026-11-10 02:00:00")
    def test_8d_is_filled_from_the_records_and_shows_what_is_open(self):
        meeting = self._hold(cause_id=self.cause.id, minutes="<p>Gas</p>")
        meeting.attendee_ids[:1].attended = True
        row = meeting.nonconformity_ids
        contain, correct = self.env["aftersales.action"].create(
            [
                {
                    "kind": kind,
                    "description": measure,
                    "owner_id": self.agent.id,
                    "date_due": "2026-11-20",
                    "evidence": "List of pieces",
                    "nonconformity_id": row.id,
                }
                for kind, measure in (
                    ("containment", "Keep 12 pieces apart"),
                    ("corrective", "Alarm on gas flow"),
                )
            ]
        )
        contain.action_done()
        meeting.with_user(self.quality_lead).action_confirm()
        parts = {part["code"]: part for part in row._get_eight_d()}
        day = contain.date_done
        self.assertEqual(
            {code: part["date"] for code, part in parts.items() if part["date"]},
            {"D1": day, "D2": day, "D3": day, "D4": day, "D5": day},
        )
        members = dict(parts["D1"]["lines"])["Members"]
        self.assertIn(f"{self.employee.name} (Welding)", members)
        self.assertNotIn(self.salesman.name, members)
        self.assertEqual(dict(parts["D4"]["lines"])["Why 2"], "Gas did not flow")
        self.assertEqual(parts["D3"]["actions"], contain)
        self.assertEqual(parts["D5"]["actions"], correct)
        html = self._render(
            "aftersales_quality.report_aftersales_8d_nonconformity", row
        )
        for text in ("Keep 12 pieces apart", "Oil drips from the seam", "Open"):
            self.assertIn(text, html)
        complaint = self._complain()
        meeting.with_user(self.quality_lead).action_reopen()
        meeting.complaint_ids = complaint
        html = self._render(
            "aftersales_quality.report_aftersales_8d_complaint", complaint
        )
        self.assertIn("The belt broke again.", html)
        html = self._render("aftersales_quality.report_aftersales_meeting", meeting)
        self.assertIn("Gas did not flow", html)

    def _render(self, report, records):
        content, _kind = self.env["ir.actions.report"]._render_qweb_html(
            report, records.ids
        )
        return content.decode()

    @freeze_time("2026-11-10 02:00:00")
    def test_goods_that_pass_go_back_while_the_case_waits_for_the_effect(self):
        row = self.env["aftersales.nonconformity"].create(
            {"product_id": self.header.id, "cause_id": self.cause.id}
        )
        action = self.env["aftersales.action"].create(
            {
                "nonconformity_id": row.id,
                "owner_id": self.agent.id,
                "kind": "containment",
                "evidence": "List",
            }
        )
        row.write({"disposition": "rework", "decision_reason": "Weld it again"})
        row.with_user(self.quality_lead).action_decide()
        row.with_user(self.quality_lead).action_rework()
        row.with_user(self.officer).action_pass("No leak at 3 bar")
        self.assertEqual((row.state, row.can_rework), ("decided", False))
        with self.assertRaisesRegex(UserError, action.name):
            row.with_user(self.officer).action_close()
        action.action_done()
        action.with_user(self.officer).action_check("yes", "12 of 12 kept apart")
        row.with_user(self.officer).action_close()
        self.assertEqual(row.state, "done")
