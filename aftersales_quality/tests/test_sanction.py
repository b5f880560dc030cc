from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..tools import sanction as rule
from .sanction_common import TODAY, SanctionCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestSanction(SanctionCommon):
    """Proposed, heard, approved by another, frozen; rewards by the committee (R61)."""

    def test_arithmetic(self):
        day = self._day("2027-03-31")
        self.assertEqual(rule.amount_of(50, True), 100)
        self.assertEqual(rule.first_day(day, 1), self._day("2027-02-28"))
        self.assertEqual(rule.month_after(day, -1), self._day("2027-02-01"))
        self.assertEqual(rule.probation_end(day, 0), self._day("2027-04-30"))
        self.assertEqual(
            [rule.doubling_of(one) for one in ("missing_backup", "other", "left")],
            ["always", "never", "repeat"],
        )

    # ------------------------------------------------------------
    # HEARING AND APPROVAL
    # ------------------------------------------------------------

    def test_heard_before_it_is_approved_by_another(self):
        sanction = self._sanction()
        officer = sanction.with_user(self.officer)
        own = sanction.with_user(self.technician)
        self.assertEqual(sanction.activity_ids.user_id, self.technician)
        with self.assertRaisesRegex(UserError, "(?s)Proposed.*employee was heard"):
            officer.action_approve()
        with self.assertRaisesRegex(UserError, "employee himself writes"):
            sanction.action_speak("He said sorry.")
        with self.assertRaisesRegex(UserError, "what you have to say"):
            own.action_speak("  ")
        own.action_speak("The rain came at once.")
        self.assertEqual(
            (sanction.state, sanction.statement_by_id, sanction.declined),
            ("heard", self.technician, False),
        )
        self.assertEqual(sanction.activity_ids.user_id, self.officer)
        for user in (self.supervisor, self.technician, self.manager):
            with self.assertRaises(UserError):
                sanction.with_user(user).action_approve()
        with self.assertRaisesRegex(UserError, "stays once the employee was heard"):
            officer.description = "Something else"
        officer.base_amount = 30
        officer.action_approve()
        self.assertEqual(
            (sanction.state, sanction.amount, sanction.approved_by_id),
            ("approved", 30, self.officer),
        )
        self.assertFalse(sanction.activity_ids)
        for vals in ({"base_amount": 1}, {"description": "x"}, {"amount": 1}):
            with self.assertRaisesRegex(UserError, "decided and stays"):
                officer.write(vals)
        for vals in ({"state": "draft"}, {"statement": "x"}, {"repeated": True}):
            with self.assertRaisesRegex(UserError, "cannot be typed"):
                officer.write(vals)

    def test_declined_before_a_witness(self):
        sanction = self._sanction()
        with self.assertRaisesRegex(UserError, "witness"):
            sanction.action_decline(self.supervisor.id)
        with self.assertRaisesRegex(UserError, "witness"):
            sanction.action_decline(self.technician.id)
        with self.assertRaisesRegex(UserError, "writes his words himself"):
            sanction.action_decline(self.agent.id, "Sorry")
        action = sanction.action_ask_decline()
        self.env["aftersales.sanction.step"].with_user(self.supervisor).with_context(
            **action["context"]
        ).create({"witness_id": self.agent.id}).action_apply()
        self.assertEqual(
            (sanction.state, sanction.declined, sanction.witness_id),
            ("heard", True, self.agent),
        )
        # Somebody without a user has his words taken down.
        self.worker.parent_id = self.leader
        unheard = self._sanction(self.worker, self.supervisor)
        unheard.action_decline(self.agent.id, "The belt slipped.")
        self.assertEqual(
            (unheard.statement, unheard.declined), ("The belt slipped.", False)
        )

    def test_the_general_manager_decides_on_the_grave_ones(self):
        grave = self._sanction(kind_id=self._kind("dismissal").id, base_amount=0)
        grave.with_user(self.technician).action_speak("No.")
        self.assertEqual(grave.activity_ids.user_id, self.general_manager)
        with self.assertRaisesRegex(UserError, "general manager approves"):
            grave.with_user(self.officer).action_approve()
        grave.with_user(self.general_manager).action_approve()
        self.assertEqual(grave.state, "approved")
        # Who proposes it does not approve it, nor the person himself.
        own = self._sanction(user=self.officer)
        own.with_user(self.technician).action_speak("No.")
        self.assertFalse(own.with_user(self.officer).can_approve)
        self.other_person.user_id = self.officer
        about = self._sanction(self.other_person, self.general_manager_proposer())
        with self.assertRaisesRegex(UserError, "Nobody changes his own"):
            about.with_user(self.officer).base_amount = 1
        with self.assertRaises(UserError):
            about.with_user(self.officer).action_cancel("Mine")

    def general_manager_proposer(self):
        """Return another performance officer, who proposes."""
        return self._create_user("officer2", "aftersales_quality_group_performance")

    def test_what_is_missing_is_said(self):
        free = self._sanction(base_amount=0)
        free.with_user(self.technician).action_speak("Well.")
        with self.assertRaisesRegex(UserError, f"(?s){free.name}.*Fix the amount"):
            free.with_user(self.officer).action_approve()
        with self.assertRaisesRegex(UserError, "Say why"):
            free.with_user(self.officer).action_refuse()
        free.with_user(self.officer).action_refuse("Not proven")
        self.assertEqual((free.state, free.end_reason), ("refused", "Not proven"))
        with self.assertRaisesRegex(UserError, "Only proposals are deleted"):
            free.sudo().unlink()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._sanction(base_amount=-1)
            self.env.flush_all()

    def test_archived_employees_are_refused(self):
        sanction = self._sanction()
        sanction.with_user(self.technician).action_speak("Well.")
        self.person.active = False
        with self.assertRaisesRegex(
            UserError, "Archived employees.*Technician|Archived"
        ):
            self._sanction(user=self.officer)
        with self.assertRaisesRegex(UserError, "Archived employees"):
            sanction.with_user(self.officer).action_approve()

    def test_one_appeal_within_the_days(self):
        sanction = self._approved()
        own = sanction.with_user(self.technician)
        self.assertTrue(own.can_appeal)
        with self.assertRaisesRegex(UserError, "own approved sanction"):
            sanction.with_user(self.supervisor).action_appeal("Too hard")
        own.action_appeal("The roof leaks.")
        self.assertEqual(sanction.activity_ids.user_id, self.officer)
        with self.assertRaisesRegex(UserError, "appeals once"):
            own.action_appeal("Again")
        late = self._approved()
        with freeze_time("2027-03-18 10:00"):
            late.invalidate_recordset()
            self.assertFalse(late.with_user(self.technician).can_appeal)

    def test_taken_back_by_an_entry_against_it(self):
        sanction = self._approved(trigger="left")
        officer = sanction.with_user(self.officer)
        with self.assertRaisesRegex(UserError, "Say why"):
            officer.action_reverse(" ")
        entry = officer.action_reverse("The gate was locked")
        self.assertEqual((entry.amount, entry.state), (-20, "approved"))
        self.assertEqual((sanction.state, sanction.amount), ("approved", 20))
        with self.assertRaisesRegex(UserError, "takes an approved one back once"):
            officer.action_reverse("Again")
        # What was taken back makes nothing a repetition.
        self.assertFalse(self._sanction(trigger="left").repeated)

    # ------------------------------------------------------------
    # DOUBLING
    # ------------------------------------------------------------

    def test_doubled_when_repeated_within_the_months(self):
        first = self._sanction(trigger="left", date="2026-04-01", base_amount=0)
        self.assertEqual((first.amount, first.repeated), (50, False))
        second = self._sanction(trigger="left", base_amount=0)
        self.assertEqual(
            (second.amount, second.repeated, second.previous_id), (100, True, first)
        )
        self.assertIn(first.name, second.doubling_reason)
        old = self._sanction(self.other_person, trigger="left", date="2026-03-01")
        new = self._sanction(self.other_person, trigger="left")
        self.assertFalse((old | new).filtered("repeated"))
        self.assertFalse(self._sanction(trigger="complaint").repeated)
        # In the order in which they happened.
        for one in (first, second):
            one.with_user(self.technician).action_speak("Yes.")
        with self.assertRaisesRegex(
            UserError, f"decide on that one first.*{first.name}"
        ):
            second.with_user(self.officer).action_approve()
        first.with_user(self.officer).action_refuse("He had reported by phone")
        self.assertEqual((second.amount, second.repeated), (50, False))
        second.with_user(self.officer).action_approve()

    def test_false_and_missing_inspections_are_doubled_at_once(self):
        for trigger in ("false_inspection", "missing_inspection", "missing_backup"):
            sanction = self._sanction(trigger=trigger, base_amount=30)
            self.assertEqual((sanction.amount, sanction.repeated), (60, True))
            self.assertIn("Doubled", sanction.doubling_reason)

    def test_contract_fields_are_enough(self):
        """A script that knows the contract alone proposes (design, section 5)."""
        values = {
            "employee_id": self.worker.id,
            "complaint_id": self._complain().id,
            "amount": 50,
        }
        first, second = self.env["aftersales.sanction"].create([values, dict(values)])
        self.assertEqual((first.amount, first.repeated), (50, False))
        self.assertEqual((second.amount, second.repeated), (100, True))
        self.assertTrue(first.kind_id)
        first.amount = 70
        self.assertEqual((first.amount, first.base_amount), (70, 70))

    # ------------------------------------------------------------
    # REWARDS
    # ------------------------------------------------------------

    def test_a_reward_is_reviewed_and_approved_by_the_committee(self):
        reward = self._reward()
        self.assertEqual(reward.activity_ids.user_id, self.director)
        for user in (self.supervisor, self.officer, self.general_manager):
            with self.assertRaisesRegex(UserError, "sales director"):
                reward.with_user(user).action_review()
        with self.assertRaisesRegex(UserError, "After the review"):
            reward.with_user(self.general_manager).action_approve()
        reward.with_user(self.director).action_review()
        self.assertEqual(
            reward.activity_ids.user_id, self.member | self.general_manager
        )
        reward.with_user(self.member).action_approve()
        self.assertEqual(reward.state, "reviewed")
        with self.assertRaisesRegex(UserError, "once"):
            reward.with_user(self.member).action_approve()
        reward.with_user(self.general_manager).action_approve()
        self.assertEqual((reward.state, reward.amount), ("approved", 200))
        refused = self._reward()
        refused.with_user(self.director).action_review()
        refused.with_user(self.member).action_refuse("Too much")
        self.assertEqual(refused.state, "refused")
        self.assertEqual(
            refused.sudo().approval_ids.filtered("note").user_id, self.member
        )
        self.company.aftersales_reward_committee_ids = self.technician
        alone = self._reward()
        with self.assertRaisesRegex(UserError, "name the committee"):
            alone.with_user(self.director).action_review()

    # ------------------------------------------------------------
    # PAYROLL
    # ------------------------------------------------------------

    def test_handed_over_to_payroll_once(self):
        fine, taken = self._approved(), self._approved()
        entry = taken.with_user(self.officer).action_reverse("Wrong man")
        self._sanction()
        Payroll = self.env["aftersales.sanction.payroll"].with_user(self.officer)
        with self.assertRaisesRegex(UserError, "Nothing is left"):
            Payroll.create({"month": "2027-02-01"})
        payroll = Payroll.create({"month": "2027-03-01"})
        self.assertEqual(payroll.sanction_ids, fine | taken | entry)
        self.assertEqual((payroll.amount_sanctions, payroll.sanction_count), (20, 3))
        self.assertTrue(payroll.workbook)
        with self.assertRaisesRegex(UserError, "Nothing is left"):
            Payroll.create({"month": "2027-03-01"})
        with self.assertRaisesRegex(UserError, "Handed over to payroll already"):
            fine.with_user(self.officer).action_hand_over()
        later, other = self._approved(), self._approved()
        later.with_user(self.officer).action_hand_over()
        self.assertTrue(later.payroll_id)
        self.assertFalse(other.payroll_id)
        for call in (payroll.unlink, lambda: payroll.write({"month": "2027-01-01"})):
            with self.assertRaises(UserError):
                call()
        with self.assertRaises(AccessError):
            fine.with_user(self.supervisor).action_hand_over()

    def test_probation_and_print(self):
        grave = self._sanction(kind_id=self._kind("probation").id, base_amount=0)
        grave.with_user(self.technician).action_speak("No.")
        grave.with_user(self.general_manager).action_approve()
        Sheet = self.env["aftersales.performance"]
        Measure = self.env["aftersales.performance.measure"]
        people = self.person | self.other_person
        for month, ids in (
            ("2027-02-01", set()),
            ("2027-03-01", {self.person.id}),
            ("2027-09-01", {self.person.id}),
            ("2027-10-01", set()),
        ):
            span = Measure._get_span(self.company, self._day(month))
            self.assertEqual(Sheet._get_on_probation(span, people), ids, month)
        report = self.env["ir.actions.report"].with_user(self.technician)
        html, _kind = report._render_qweb_html(
            "aftersales_quality.report_aftersales_sanction", grave.ids
        )
        for text in (b"Sanction Proposal", b"General Manager", b"No."):
            self.assertIn(text, html)
