from datetime import date, datetime

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import QualityCommon

EVIDENCE = {"evidence": "Drawing B changed"}


@tagged("post_install", "-at_install")
class TestAction(QualityCommon):
    """An action is done with evidence, checked by somebody else, and watched."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.aftersales_complaint_records = True
        cls.department = cls.env["hr.department"].create(
            {"name": "Welding Shop", "company_id": cls.company.id}
        )
        cls.chief = cls._create_person("chief")
        cls.welder = cls._create_person("welder", cls.chief)
        cls.department.manager_id = cls.chief.employee_id
        cls.porous, cls.loose = cls.env["aftersales.cause"].create(
            [
                {
                    "name": name,
                    "department_id": cls.department.id,
                    "company_id": cls.company.id,
                }
                for name in ("Porous seam", "Loose bolt")
            ]
        )

    @classmethod
    def _create_person(cls, login, leader=None):
        """Create a plain employee of another department with his user."""
        user = cls._create_user(login, "aftersales_quality_group_lead")
        user.group_ids = [Command.set(cls.env.ref("base.group_user").ids)]
        cls.env["hr.employee"].create(
            {
                "name": login.title(),
                "user_id": user.id,
                "company_id": cls.company.id,
                "parent_id": leader and leader.employee_id.id,
            }
        )
        return user

    def _decide(self, **values):
        return self.env["aftersales.action"].create(
            {
                "description": "Preheat before welding",
                "owner_id": self.welder.id,
                "date_due": "2026-11-20",
                "cause_id": self.porous.id,
                **values,
            }
        )

    def _close(self, action, effective="yes"):
        """Have an action done by its owner and checked by quality, some days apart."""
        action.with_user(action.owner_id).write(EVIDENCE)
        action.with_user(action.owner_id).action_done()
        action.check_date = action.date_done
        action.with_user(self.quality_lead).action_check(effective, "Looked at 20")
        return action

    def _remind(self):
        """Run the scheduled action; it commits in a transaction of the test."""
        with self.enter_registry_test_mode():
            self.env.ref(
                "aftersales_quality.ir_cron_aftersales_action"
            ).method_direct_trigger()

    # ------------------------------------------------------------
    # DONE AND CHECKED
    # ------------------------------------------------------------

    @freeze_time("2026-11-10 02:00:00")
    def test_owner_of_another_department_reports_his_action(self):
        action = self._decide()
        mine = action.with_user(self.welder)
        self.assertEqual(mine.activity_ids.user_id, self.welder)
        with self.assertRaisesRegex(UserError, "evidence"):
            mine.action_done()
        with self.assertRaisesRegex(UserError, "Due on"):
            mine.date_due = "2026-12-24"
        with self.assertRaisesRegex(UserError, "Done on"):
            mine.date_done = "2026-11-01"
        mine.write(EVIDENCE)
        mine.action_done()
        self.assertEqual((action.state, action.done_by_id), ("done", self.welder))
        self.assertEqual(action.date_done, date(2026, 11, 10))
        self.assertEqual(action.check_date, date(2026, 12, 10))
        self.assertFalse(action.activity_ids)
        with self.assertRaises(AccessError):
            self._decide(owner_id=self.chief.id).with_user(self.welder).read(["name"])

    def test_effect_is_checked_after_its_time_by_somebody_else(self):
        with freeze_time("2026-11-10 02:00:00"):
            action = self._decide(owner_id=self.quality_lead.id, **EVIDENCE)
            with self.assertRaisesRegex(UserError, "checked by quality"):
                action.with_user(self.officer).action_check("yes", "Too early")
            action.with_user(self.quality_lead).action_done()
            with self.assertRaisesRegex(UserError, "2026-12-10"):
                action.with_user(self.officer).action_check("yes", "Too early")
        with freeze_time("2026-12-10 02:00:00"):
            with self.assertRaisesRegex(UserError, "never by its owner"):
                action.with_user(self.quality_lead).action_check("yes", "Fine")
            with self.assertRaisesRegex(UserError, "Owner"):
                action.owner_id = self.officer
            with self.assertRaisesRegex(UserError, "what the check showed"):
                action.with_user(self.officer).action_check_yes()
            action.with_user(self.officer).action_check("yes", "No pore in 40 seams")
        self.assertEqual((action.state, action.effective), ("closed", "yes"))
        self.assertEqual(action.checked_by_id, self.officer)
        self.assertEqual(action.check_ids.note, "No pore in 40 seams")
        with self.assertRaisesRegex(UserError, "Measure"):
            action.description = "Something else"
        with self.assertRaisesRegex(UserError, "cancel|kept until"):
            action.unlink()

    @freeze_time("2026-11-10 02:00:00")
    def test_containment_is_checked_at_once_and_by_a_named_checker(self):
        action = self._decide(kind="containment", checker_id=self.chief.id, **EVIDENCE)
        action.action_done()
        self.assertEqual(action.check_date, date(2026, 11, 10))
        self._remind()
        self.assertEqual(action.activity_ids.user_id, self.chief)
        named = action.with_user(self.chief)
        named.check_note = "All 12 pieces are kept apart"
        with self.assertRaisesRegex(UserError, "Evidence"):
            named.evidence = "None"
        named.action_check_yes()
        self.assertEqual(action.state, "closed")

    @freeze_time("2026-11-10 02:00:00")
    def test_demands_on_texts_follow_the_company(self):
        self.company.aftersales_complaint_records = False
        action = self._decide()
        action.action_done()
        action.check_date = "2026-11-10"
        action.with_user(self.officer).action_check_yes()
        self.assertEqual(action.effective, "yes")

    @freeze_time("2026-11-10 02:00:00")
    def test_not_effective_asks_for_a_follow_up_and_keeps_the_case_open(self):
        row = self.env["aftersales.nonconformity"].create(
            {"product_id": self.header.id, "cause_id": self.porous.id}
        )
        action = self._close(self._decide(nonconformity_id=row.id), "no")
        self.assertEqual(action.activity_ids.user_id, self.quality_lead)
        with self.assertRaisesRegex(UserError, action.name):
            row._ensure_actions_checked()
        follow_up = self.env["aftersales.action"].browse(
            action.action_follow_up()["res_id"]
        )
        self.assertEqual(follow_up.follow_up_of_id, action)
        self.assertEqual(follow_up.nonconformity_id, row)
        self.assertEqual(follow_up.cause_id, self.porous)
        self.assertFalse(action.activity_ids)
        with self.assertRaisesRegex(UserError, "followed up once"):
            action.action_follow_up()
        with self.assertRaisesRegex(UserError, follow_up.name):
            row._ensure_actions_checked()
        follow_up.date_due = "2026-12-01"
        self._close(follow_up)
        row._ensure_actions_checked()
        with self.assertRaises(ValidationError):
            action._by_method().write({"follow_up_of_id": follow_up.id})

    @freeze_time("2026-11-10 02:00:00")
    def test_cancelled_counts_for_nothing_and_says_why(self):
        complaint = self._complain()
        action = self._decide(complaint_id=complaint.id)
        with self.assertRaisesRegex(UserError, "not needed"):
            action.action_cancel()
        with self.assertRaisesRegex(UserError, "owner himself"):
            action.with_user(self.welder).action_cancel()
        action.cancel_reason = "The part is no longer made"
        action.action_cancel()
        self.assertFalse(complaint.action_count)
        complaint._ensure_actions_checked()
        self.assertFalse(action.activity_ids)
        action.action_reopen()
        self.assertEqual((complaint.action_count, action.state), (1, "open"))

    def test_facts_hold_over_import_and_at_creation(self):
        with self.assertRaisesRegex(UserError, "Effect"):
            self._decide(effective="yes")
        with self.assertRaisesRegex(UserError, "State"):
            self._decide(state="closed")
        with self.assertRaises(AccessError):
            self.env["aftersales.action.check"].with_user(self.officer).create({})

    # ------------------------------------------------------------
    # REMINDERS
    # ------------------------------------------------------------

    def test_owner_superior_and_checker_are_told_once(self):
        Action = self.env["aftersales.action"]
        with freeze_time("2026-11-10 02:00:00"):
            action = self._decide(**EVIDENCE)
            self._remind()
            self.assertFalse(action.reminded_due)
        with freeze_time("2026-11-18 02:00:00"):
            self._remind()
            self._remind()
            self.assertEqual(action.reminded_due, date(2026, 11, 20))
            self.assertFalse(action.is_overdue)
        with freeze_time("2026-11-21 02:00:00"):
            action.invalidate_recordset(["is_overdue"])
            self.assertTrue(action.is_overdue)
            self.assertIn(action, Action.search([("is_overdue", "=", True)]))
            self._remind()
            self._remind()
            self.assertEqual(
                action.activity_ids.user_id,
                self.welder | self.chief | self.quality_lead,
            )
            self.assertEqual(len(action.activity_ids), 3)
            action.with_user(self.welder).action_done()
        with freeze_time("2026-12-21 02:00:00"):
            self.assertIn(action, Action.search([("is_check_due", "=", True)]))
            self._remind()
            self._remind()
            due = action.activity_ids.filtered(
                lambda todo: todo.activity_type_id
                == self.env.ref(
                    "aftersales_quality.mail_activity_type_aftersales_effect"
                )
            )
            self.assertEqual(due.user_id, self.quality_lead)

    # ------------------------------------------------------------
    # RECURRENCE
    # ------------------------------------------------------------

    def test_recurrence_opens_the_action_again(self):
        with freeze_time("2026-06-01 02:00:00"):
            action = self._close(self._decide())
            other = self._close(self._decide(cause_id=self.loose.id))
            contained = self._close(self._decide(kind="containment"))
        with freeze_time("2026-11-10 02:00:00"):
            complaint = self._complain()
            self.assertEqual(action.state, "closed")
            complaint.cause_id = self.porous
        self.assertEqual((action.state, action.effective), ("open", False))
        self.assertEqual(action.recurrence_count, 1)
        self.assertEqual(action.check_ids.complaint_id, complaint)
        self.assertEqual(action.check_ids.recurrence_date, date(2026, 11, 10))
        self.assertEqual(action.activity_ids.user_id, self.welder)
        self.assertEqual((other | contained).mapped("state"), ["closed", "closed"])

    def test_old_late_and_other_cases_are_no_recurrence(self):
        with freeze_time("2026-05-01 02:00:00"):
            before = self._complain(date=datetime(2026, 4, 1))
            action = self._close(self._decide(product_id=self.header.id))
            before.cause_id = self.porous
        self.assertEqual(action.state, "closed", "It was there before the check.")
        with freeze_time("2026-06-01 02:00:00"):
            self._nonconforming(self.oil)
        self.assertEqual(action.state, "closed", "The action names another product.")
        with freeze_time("2026-10-29 02:00:00"):
            self._nonconforming(self.header)
        self.assertEqual(action.state, "closed", "180 days are over.")
        with freeze_time("2026-10-27 02:00:00"):
            row = self._nonconforming(self.header)
        self.assertEqual(action.state, "open")
        self.assertEqual(action.check_ids.nonconformity_id, row)

    def _nonconforming(self, product):
        return self.env["aftersales.nonconformity"].create(
            {"product_id": product.id, "cause_id": self.porous.id}
        )

    def test_one_case_opens_all_and_the_same_event_once(self):
        with freeze_time("2026-06-01 02:00:00"):
            actions = self._close(self._decide()) | self._close(self._decide())
        with freeze_time("2026-06-10 02:00:00"):
            complaint = self._complain(cause_id=self.porous.id)
            self.env["aftersales.nonconformity"].create(
                {
                    "product_id": self.header.id,
                    "cause_id": self.porous.id,
                    "complaint_id": complaint.id,
                }
            )
        self.assertEqual(actions.mapped("recurrence_count"), [1, 1])
        self.assertEqual(actions.mapped("state"), ["open", "open"])

    def test_following_recurrence_costs_the_same_for_1_and_50(self):
        with freeze_time("2026-06-01 02:00:00"):
            self._close(self._decide())
            self._close(self._decide(cause_id=self.loose.id))
        counts = []
        with freeze_time("2026-06-10 02:00:00"):
            for cause, number in ((self.porous, 1), (self.loose, 50)):
                complaints = self.env["aftersales.complaint"].create(
                    [
                        {"partner_id": self.farmer.id, "description": "Again"}
                        for _number in range(number)
                    ]
                )
                self.env.flush_all()
                self.env.invalidate_all()
                complaints.mapped("name")
                complaints._write({"cause_id": cause.id})
                complaints.invalidate_recordset()
                start = self.env.cr.sql_log_count
                self.env["aftersales.action"]._follow_recurrence(complaints)
                self.env.flush_all()
                counts.append(self.env.cr.sql_log_count - start)
        self.assertLessEqual(counts[1], counts[0] + 5)

    # ------------------------------------------------------------
    # COSTS
    # ------------------------------------------------------------

    def test_lists_and_reminders_cost_the_same_for_1_and_50(self):
        names = ["name", "is_overdue", "is_check_due", "can_done", "check_date"]
        counts = []
        with freeze_time("2026-11-18 02:00:00"):
            for number in (1, 50):
                actions = self.env["aftersales.action"].create(
                    [
                        {"owner_id": self.welder.id, "date_due": "2026-11-10"}
                        for _number in range(number)
                    ]
                )
                self.env.flush_all()
                self.env.invalidate_all()
                start = self.env.cr.sql_log_count
                actions.with_user(self.agent).read(names)
                read = self.env.cr.sql_log_count - start
                start = self.env.cr.sql_log_count
                actions._tell_overdue()
                self.env.flush_all()
                counts.append((read, self.env.cr.sql_log_count - start))
        self.assertLessEqual(counts[1][0], counts[0][0] + 2)
        self.assertLessEqual(counts[1][1], counts[0][1] + 10)

    # ------------------------------------------------------------
    # FIGURES
    # ------------------------------------------------------------

    def test_figures_by_hand(self):
        """3 due, 1 on time; checks yes, no, yes; 1 of 2 effective ones recurred."""
        with freeze_time("2026-11-10 02:00:00"):
            self._close(self._decide(date="2026-11-01"))  # on time, 9 days, effective
            late = self._decide(date="2026-11-01", date_due="2026-11-05")
            self._close(late, "no")
            again = self._decide(date="2026-11-01", date_due="2026-11-09")
            again.cause_id = self.loose
            self._close(again)
            gone = self._decide(date_due="2026-11-01", cancel_reason="No")
            gone.action_cancel()
            self._decide(date_due="2026-12-31")
            self._complain(cause_id=self.loose.id)
            self.env.flush_all()
            [figures] = self.env["aftersales.action.report"]._read_group(
                [("company_id", "=", self.company.id)],
                [],
                [
                    "open_count:sum",
                    "due_count:sum",
                    "on_time_rate:avg",
                    "check_count:sum",
                    "effective_rate:avg",
                    "recurrence_rate:avg",
                    "close_days:avg",
                ],
            )
        self.assertEqual(again.state, "open")
        # The one opened again is overdue and not done any more.
        self.assertEqual(figures[:2], (2, 3))
        self.assertAlmostEqual(figures[2], 100 / 3)
        self.assertEqual(figures[3], 3)
        self.assertAlmostEqual(figures[4], 200 / 3)
        self.assertAlmostEqual(figures[5], 50)
        self.assertAlmostEqual(figures[6], 9)

    def test_cause_counts_with_those_below(self):
        root = self.env["aftersales.cause"].create(
            {"name": "Welding", "company_id": self.company.id}
        )
        self.porous.parent_id = root
        self._decide()
        self._complain(cause_id=self.porous.id)
        self._nonconforming(self.oil)
        self.assertEqual(
            (root.action_count, root.complaint_count, root.nonconformity_count),
            (1, 1, 1),
        )
        self.assertEqual(
            self.env["aftersales.action"].search(root.action_view_actions()["domain"]),
            self.env["aftersales.action"].search([("cause_id", "=", self.porous.id)]),
        )
        with self.assertRaises(ValidationError):
            root.parent_id = self.porous
