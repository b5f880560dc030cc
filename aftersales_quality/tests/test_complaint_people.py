import re

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .complaint_common import ComplaintCommon


@tagged("post_install", "-at_install")
class TestComplaintPeople(ComplaintCommon):
    """Who handles, who delegates, who approves – and who does not (R58, R60)."""

    # ------------------------------------------------------------
    # HANDLER
    # ------------------------------------------------------------

    def test_the_supervisor_handles_it(self):
        complaint = self._mine(self._complain(), self.agent)
        self.assertEqual(complaint.owner_id, self.supervisor)
        with self.assertRaisesRegex(UserError, re.escape(self.supervisor.name)):
            complaint.action_validate()
        with self.assertRaisesRegex(UserError, re.escape(self.supervisor.name)):
            complaint.promised_date = fields.Datetime.now()
        with self.assertRaisesRegex(UserError, "Only the supervisor"):
            complaint.owner_id = self.agent
        with self.assertRaisesRegex(UserError, "Only the supervisor"):
            complaint.action_delegate(self.agent.id, "I can do it.")
        other = self._plain_user("other_supervisor", "supervisor")
        with self.assertRaisesRegex(UserError, re.escape(self.supervisor.name)):
            self._mine(complaint, other).action_validate()
        # Whoever registers corrects what he wrote, until the first step.
        complaint.severity = "severe"
        complaint.description = "Worse than I understood."
        self._mine(complaint).action_validate()
        with self.assertRaisesRegex(UserError, re.escape(self.supervisor.name)):
            complaint.severity = "light"

    def test_an_agent_does_not_name_himself(self):
        with self.assertRaisesRegex(UserError, "Handled by"):
            self.env["aftersales.complaint"].with_user(self.agent).create(
                {"partner_id": self.farmer.id, "owner_id": self.agent.id}
            )
        with self.assertRaises(AccessError):
            self._mine(self._complain(), self.technician).write({"kind": "other"})

    def test_a_named_delegate_handles_it_for_a_while(self):
        with freeze_time("2026-06-01 02:00:00"):
            complaint = self._mine(self._complain())
            with self.assertRaisesRegex(UserError, "Say why"):
                complaint.action_delegate(self.agent.id)
            with self.assertRaisesRegex(UserError, re.escape(self.technician.name)):
                complaint.action_delegate(self.technician.id, "He was there.")
            with self.assertRaisesRegex(UserError, "over already"):
                complaint.action_delegate(self.agent.id, "Leave", "2026-05-31")
            complaint.action_delegate(self.agent.id, "I am on leave.", "2026-06-03")
            self.assertEqual(complaint.owner_id, self.agent)
            self.assertEqual(complaint.delegated_by_id, self.supervisor)
            self._mine(complaint, self.agent).action_validate()
        with freeze_time("2026-06-04 02:00:00"):
            complaint.invalidate_recordset()
            with self.assertRaisesRegex(UserError, re.escape(self.supervisor.name)):
                self._mine(complaint, self.agent).action_commit("2026-06-10 00:00:00")
            self.env["aftersales.complaint"]._take_back_delegations()
            self.assertEqual(complaint.owner_id, self.supervisor)
            self.assertFalse(complaint.delegate_until)

    def test_quality_finds_the_cause_and_decides_nothing(self):
        complaint = self._mine(self._to("investigating"), self.quality_lead)
        complaint.write({"cause_id": self.cause.id, "investigation": "Measured."})
        with self.assertRaisesRegex(UserError, re.escape(self.supervisor.name)):
            complaint.solution = "A new belt"
        with self.assertRaisesRegex(UserError, re.escape(self.supervisor.name)):
            complaint.action_propose()

    # ------------------------------------------------------------
    # APPROVALS
    # ------------------------------------------------------------

    def _propose(self, amount, **values):
        complaint = self._to("investigating", **values)
        complaint.amount = amount
        self._step_proposed(complaint)
        return complaint

    def test_small_amounts_need_no_approval(self):
        complaint = self._propose(500)
        self.assertEqual(complaint.approval_state, "none")
        self._step_agreed(complaint)

    def test_above_authority_waits_level_by_level(self):
        complaint = self._propose(30000)
        self.assertEqual(
            [(row.level, row.state) for row in complaint.approval_ids],
            [("lead", "waiting"), ("officer", "next"), ("manager", "next")],
        )
        self.assertEqual(complaint.approver_id, self.quality_lead)
        todo = complaint.sudo().activity_ids.filtered(
            lambda activity: activity.user_id == self.quality_lead
        )
        self.assertIn(complaint.name, todo.summary)
        for who in (
            self.quality_lead,
            self.officer,
            self.general_manager,
        ):
            with self.assertRaisesRegex(UserError, "above the authority"):
                self._step_agreed(complaint)
            with self.assertRaisesRegex(UserError, "for .* to decide|own case"):
                complaint.action_approve()
            self._mine(complaint, who).action_approve("Fair.")
            complaint.invalidate_recordset()
        self.assertEqual(complaint.approval_state, "approved")
        self._step_agreed(complaint)

    def test_the_wrong_level_does_not_decide(self):
        complaint = self._propose(30000)
        for who in (self.officer, self.agent, self.general_manager):
            with self.assertRaisesRegex(UserError, re.escape(self.quality_lead.name)):
                self._mine(complaint, who).action_approve()
        row = complaint.approval_ids[0]
        with self.assertRaises(UserError):
            row.with_user(self.agent).write({"state": "approved"})
        with self.assertRaisesRegex(UserError, "cannot be typed"):
            row.sudo().write({"state": "approved"})

    def test_nobody_approves_his_own_case(self):
        # The quality lead handles it as a delegate: the next level decides.
        complaint = self._to("investigating")
        complaint.action_delegate(self.quality_lead.id, "A matter of quality.")
        handled = self._mine(complaint, self.quality_lead)
        handled.amount = 1000
        self._step_proposed(handled)
        self.assertEqual(complaint.approver_id, self.officer)
        with self.assertRaisesRegex(UserError, "own case"):
            handled.action_approve()
        # Who becomes responsible meanwhile does not decide, either.
        self.worker.user_id = self.officer
        complaint.responsible_id = self.worker
        with self.assertRaisesRegex(UserError, "own case"):
            self._mine(complaint, self.officer).action_approve()

    def test_who_approved_is_not_responsible_afterwards(self):
        complaint = self._propose(1000)
        self._mine(complaint, self.quality_lead).action_approve()
        complaint.invalidate_recordset()
        self._step_agreed(complaint)
        self.worker.user_id = self.quality_lead
        complaint.write({"responsible_id": self.worker.id, "responsible_note": "x"})
        with self.assertRaisesRegex(UserError, "approved the solution himself"):
            complaint.action_account()

    def test_more_than_approved_is_not_agreed(self):
        complaint = self._propose(1000)
        self._mine(complaint, self.quality_lead).action_approve()
        complaint.invalidate_recordset()
        complaint.amount = 9000
        with self.assertRaisesRegex(UserError, "propose it again"):
            self._step_agreed(complaint)
        complaint.action_propose()
        self.assertEqual(complaint.approval_state, "waiting")
        complaint.amount = 400
        complaint.action_propose()
        self._step_agreed(complaint)
        with self.assertRaisesRegex(UserError, "has agreed on this solution"):
            complaint.amount = 90000

    def test_not_approved_needs_another_solution(self):
        complaint = self._propose(1000)
        lead = self._mine(complaint, self.quality_lead)
        with self.assertRaisesRegex(UserError, "Say why"):
            lead.action_refuse_approval()
        lead.action_refuse_approval("Repair the belt instead.")
        complaint.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "propose another one"):
            self._step_agreed(complaint)
        complaint.amount = 100
        self._step_proposed(complaint)
        self._step_agreed(complaint)

    def test_an_absent_approver_is_stood_in_for(self):
        complaint = self._propose(1000)
        Delegate = self.env["aftersales.complaint.delegate"]
        with self.assertRaises(ValidationError):
            Delegate.create(
                {
                    "user_id": self.quality_lead.id,
                    "delegate_id": self.technician.id,
                    "date_from": fields.Date.today(),
                    "date_to": fields.Date.today(),
                }
            )
        with self.assertRaises(AccessError):
            Delegate.with_user(self.agent).create(
                {
                    "user_id": self.quality_lead.id,
                    "delegate_id": self.agent.id,
                    "date_to": fields.Date.today(),
                }
            )
        row = Delegate.with_user(self.quality_lead).create(
            {
                "delegate_id": self.agent.id,
                "date_from": fields.Date.subtract(fields.Date.today(), days=9),
                "date_to": fields.Date.subtract(fields.Date.today(), days=3),
            }
        )
        agent = self._mine(complaint, self.agent)
        with self.assertRaisesRegex(UserError, re.escape(self.quality_lead.name)):
            agent.action_approve()
        row.date_to = fields.Date.add(fields.Date.today(), days=3)
        self.env.invalidate_all()
        agent.action_approve("In his place.")
        self.assertEqual(complaint.approval_ids.decided_by_id, self.agent)

    def test_nobody_named_is_refused_in_words(self):
        self._no_approvals()
        with self.assertRaisesRegex(UserError, "Name the Quality Lead in the settings"):
            self._propose(1000)

    def test_a_severe_one_is_approved_whatever_it_costs(self):
        complaint = self._propose(0, severity="severe")
        self.assertEqual(complaint.approver_id, self.quality_lead)

    def test_approvers_are_reminded_once_a_day(self):
        with freeze_time("2026-06-01 02:00:00"):
            complaint = self._propose(1000)
        Complaint = self.env["aftersales.complaint"]
        with freeze_time("2026-06-01 12:00:00"):
            self.assertFalse(Complaint._remind_approvers())
        with freeze_time("2026-06-02 03:00:00"):
            self.assertEqual(
                Complaint._remind_approvers(), complaint.approval_ids.sudo()
            )
            self.assertFalse(Complaint._remind_approvers())
