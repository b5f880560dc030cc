from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .complaint_common import ComplaintCommon

STEPS = {
    "action_validate": "recorded",
    "action_reject": "recorded",
    "action_commit": "validated",
    "action_investigate": "committed",
    "action_propose": "investigating",
    "action_agree": "proposed",
    "action_account": "agreed",
    "action_improve": "accountable",
    "action_close": "improved",
}


@tagged("post_install", "-at_install")
class TestComplaintSteps(ComplaintCommon):
    """The nine steps, each with what it must contain before the next (R58)."""

    def test_nine_steps_leave_nine_rows(self):
        with freeze_time("2026-06-01 02:00:00"):
            complaint = self._complain()
        for state, moment in (
            ("validated", "2026-06-01 04:00:00"),
            ("committed", "2026-06-01 05:00:00"),
            ("investigating", "2026-06-02 02:00:00"),
            ("proposed", "2026-06-04 02:00:00"),
            ("agreed", "2026-06-05 02:00:00"),
            ("accountable", "2026-06-08 02:00:00"),
            ("improved", "2026-06-20 02:00:00"),
            ("archived", "2026-07-30 02:00:00"),
        ):
            with freeze_time(moment):
                self._to(state, complaint)
        self.assertTrue(complaint.valid)
        self.assertEqual(complaint.department_id, self.department)
        self.assertEqual(complaint.agreement_by, "Farmer Wang")
        self.assertEqual(
            [(step.state, step.hours) for step in complaint.step_ids.sorted("id")],
            [
                ("recorded", 2.0),
                ("validated", 1.0),
                ("committed", 21.0),
                ("investigating", 48.0),
                ("proposed", 24.0),
                ("agreed", 72.0),
                ("accountable", 288.0),
                ("improved", 960.0),
                ("archived", 0.0),
            ],
        )
        self.assertEqual(complaint.step_ids.user_id, self.supervisor)

    def test_no_step_is_skipped(self):
        complaint = self._mine(self._complain())
        complaint.write(
            {
                "liability": "ours",
                "promised_date": fields.Datetime.add(fields.Datetime.now(), days=1),
                "rejection_reason": "–",
                "expert_finding": "–",
            }
        )
        for step, state in STEPS.items():
            if state == "recorded":
                continue
            with self.assertRaisesRegex(UserError, complaint.name):
                getattr(complaint, step)()
            self.assertEqual(complaint.state, "recorded")
        complaint.action_validate()
        with self.assertRaisesRegex(UserError, "Recorded"):
            complaint.action_validate()
        with self.assertRaisesRegex(UserError, "Recorded"):
            complaint.action_reject("Not ours.")

    def test_each_step_says_what_is_missing(self):
        # No rule names a sanction here: somebody has to say why there is none.
        self.env["aftersales.sanction.rule"].search(
            [("active", "=", True)]
        ).active = False
        complaint = self._mine(self._complain(description=False))
        missing = self.assertRaisesRegex
        with missing(UserError, f"{complaint.name}[^\n]*\n– what the customer says"):
            complaint.action_validate()
        complaint.description = "The belt broke again."
        complaint.action_validate()
        with missing(UserError, "(?s)promised.*liability"):
            complaint.action_commit()
        complaint.liability = "ours"
        with missing(UserError, "a time after the complaint"):
            complaint.action_commit("2020-01-01 00:00:00")
        complaint.action_commit(fields.Datetime.add(fields.Datetime.now(), days=1))
        complaint.action_investigate()
        with missing(UserError, "(?s)cause.*department.*investigation.*solution"):
            complaint.action_propose()
        self._step_proposed(complaint)
        with missing(UserError, "the customer's agreement"):
            complaint.action_agree()
        with missing(UserError, "Note when and how"):
            complaint.action_agree("note", "Farmer Wang")
        with missing(UserError, "signature is missing"):
            complaint.action_agree("signature", "Farmer Wang")
        self._step_agreed(complaint)
        complaint.action_ids.unlink()
        self.leader.user_id = False
        with missing(UserError, "the responsible person"):
            complaint.action_account()
        complaint.responsible_id = self.worker
        self.env["aftersales.sanction.rule"].search([]).active = False
        with missing(UserError, "say why nobody is sanctioned"):
            complaint.action_account()
        complaint.responsible_note = "First time."
        complaint.action_account()
        with missing(UserError, "an improvement action, done"):
            complaint.action_improve()
        action = self._improve(complaint, state="open")
        with missing(UserError, f"{action.name}, not done yet"):
            complaint.action_improve()
        action._by_method().write({"state": "done"})
        complaint.action_improve()
        with missing(UserError, "whether .* had an effect"):
            complaint.action_close("Done.")
        self._check_effect(complaint, "no")
        with missing(UserError, "an action that had an effect"):
            complaint.action_close("Done.")
        self._check_effect(complaint)
        complaint.summary = False
        with missing(UserError, "summary"):
            complaint.action_close()
        complaint.action_close("Done.")
        self.assertEqual(complaint.state, "archived")

    def test_contract_fields_are_enough_without_records(self):
        """A script that knows the contract alone comes through (design, section 5)."""
        self.company.aftersales_complaint_records = False
        complaint = self._mine(self._complain(description=False))
        complaint.action_validate()
        complaint.promised_date = fields.Datetime.add(fields.Datetime.now(), days=1)
        complaint.action_commit()
        complaint.action_investigate()
        complaint.write(
            {"cause_id": self.cause.id, "department_id": self.department.id}
        )
        complaint.action_propose()
        complaint.action_agree()
        complaint.action_account()
        self.assertEqual(
            complaint.responsible_id, self.leader, "the team lead stands in"
        )
        self._improve(complaint)
        complaint.action_improve()
        self._check_effect(complaint)
        complaint.action_close()
        self.assertEqual(complaint.state, "archived")

    def test_not_valid_is_explained(self):
        complaint = self._mine(self._complain())
        with self.assertRaisesRegex(UserError, "the explanation to the customer"):
            complaint.action_reject()
        complaint.expert_finding = "Cut by a stone: photo 3."
        complaint.action_reject("The belt was cut by a stone.")
        self.assertEqual(complaint.state, "rejected")
        self.assertFalse(complaint.valid)
        mail = complaint.message_ids.filtered(
            lambda message: self.farmer in message.partner_ids
        )
        self.assertIn("cut by a stone", mail.body)
        with self.assertRaisesRegex(UserError, "finished"):
            complaint.description = "Another story"

    def test_not_content_goes_back_and_is_counted(self):
        complaint = self._to("agreed")
        with self.assertRaisesRegex(UserError, "not content with"):
            complaint.action_disagree()
        complaint.action_disagree("The new belt slips, too.")
        self.assertEqual((complaint.state, complaint.refusal_count), ("proposed", 1))
        self.assertFalse(complaint.agreement_kind)
        with self.assertRaisesRegex(UserError, "a new solution, proposed"):
            self._step_agreed(complaint)
        self._step_proposed(complaint)
        self._step_agreed(complaint)
        self.assertEqual((complaint.state, complaint.proposal_round), ("agreed", 2))

    def test_nobody_of_ours_is_responsible_for_others(self):
        complaint = self._to("agreed", liability="supplier")
        complaint.action_account()
        self.assertFalse(complaint.responsible_id)

    # ------------------------------------------------------------
    # ARCHIVE
    # ------------------------------------------------------------

    def test_the_archive_is_kept(self):
        with freeze_time("2026-06-01 02:00:00"):
            complaint = self._to("archived")
        with self.assertRaisesRegex(UserError, "kept as it is"):
            complaint.summary = "Something else"
        with self.assertRaisesRegex(UserError, "kept as it is"):
            complaint.sudo().partner_id = self.other_farmer
        complaint.message_post(body="A letter came later.")
        kept = self._mine(complaint, self.manager)
        with self.assertRaises(AccessError):
            complaint.unlink()
        with freeze_time("2029-05-31 02:00:00"):
            with self.assertRaisesRegex(UserError, "3 years"):
                kept.unlink()
        with freeze_time("2029-06-01 03:00:00"):
            kept.unlink()

    def test_open_ones_are_not_deleted(self):
        complaint = self._to("validated")
        with self.assertRaisesRegex(UserError, complaint.name):
            self._mine(complaint, self.manager).unlink()

    def test_complaining_again_is_a_new_complaint(self):
        complaint = self._to("archived")
        agent = self._mine(complaint, self.agent)
        with self.assertRaisesRegex(UserError, "A supervisor opens"):
            agent.action_reopen("It broke again.")
        with self.assertRaisesRegex(UserError, "Say why"):
            complaint.action_reopen()
        again = self.env["aftersales.complaint"].browse(
            complaint.action_reopen("It broke again.")["res_id"]
        )
        self.assertEqual(again.repeat_of_id, complaint)
        self.assertEqual((again.state, again.partner_id), ("recorded", self.farmer))
        self.assertEqual(again.description, "It broke again.")
        self.assertFalse(again.agreement_kind or again.cause_id or again.valid)
        self.assertEqual(complaint.state, "archived")

    # ------------------------------------------------------------
    # COMPANIES, SPEED
    # ------------------------------------------------------------

    def test_companies_do_not_mix(self):
        other = self.env["res.company"].create({"name": "Other Works"})
        foreign = self.env["hr.department"].create(
            {"name": "Elsewhere", "company_id": other.id}
        )
        complaint = self._to("investigating")
        with self.assertRaises(UserError):
            complaint.department_id = foreign
        hidden = (
            self.env["aftersales.complaint"]
            .sudo()
            .create({"company_id": other.id, "description": "Elsewhere"})
        )
        self.assertFalse(
            self._mine(hidden).search([("id", "=", hidden.id)]),
        )

    def test_fifty_cost_as_many_queries_as_one(self):
        self._complain()
        self.env.flush_all()
        counts = []
        for number in (1, 50):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            complaints = self.env["aftersales.complaint"].create(
                [{"partner_id": self.farmer.id, "description": "x"}] * number
            )
            complaints.action_validate()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 4, counts)
