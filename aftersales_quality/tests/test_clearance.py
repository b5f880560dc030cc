from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .feedback_common import TODAY, FeedbackCommon


@freeze_time(TODAY)
@tagged("post_install", "-at_install")
class TestClearance(FeedbackCommon):
    """Nobody is sent before the review, nobody leaves before the approval."""

    def _row(self, visit, role, kind="mission"):
        return visit.sudo().clearance_ids.filtered(
            lambda row: (row.kind, row.role) == (kind, role) and row._is_alive()
        )

    def _approve(self, visit, role, user, note=None, kind="mission"):
        row = self._row(visit, role, kind).with_user(user)
        return row.with_context(allowed_company_ids=self.company.ids).action_approve(
            note
        )

    # ------------------------------------------------------------
    # MISSION (R68)
    # ------------------------------------------------------------

    def test_nobody_leaves_before_both_approved(self):
        with freeze_time(TODAY) as clock:
            self.job.mission_approval = True
            visit = self._dispatch(job_type_id=self.job.id)
            visit.action_assign()
            clock.tick(timedelta(minutes=5))
            own = visit.with_user(self.technician)
            with self.assertRaisesRegex(UserError, "Quality Lead.*General Manager"):
                own.action_depart()
            with self.assertRaisesRegex(UserError, visit.name):
                own.action_arrive()
            self._approve(visit, "lead", self.quality_lead)
            with self.assertRaisesRegex(UserError, r"Missing: General Manager \("):
                own.action_arrive()
            self._approve(visit, "manager", self.general_manager, "Take care")
            own.action_depart()
            clock.tick(timedelta(minutes=5))
            own.action_arrive()
            self.assertEqual(visit.state, "on_site")
            row = self._row(visit, "manager")
            self.assertEqual(
                (row.decided_by_id, row.note), (self.general_manager, "Take care")
            )
            self.assertFalse(row.activity_ids)
            with self.assertRaisesRegex(UserError, "stays on record"):
                row.unlink()

    def test_quality_asks_for_one_visit_with_a_reason(self):
        visit = self._assigned()
        self.quality_lead.group_ids |= self.env.ref(
            "aftersales_service.aftersales_service_group_agent"
        )
        lead = visit.with_user(self.quality_lead)
        with self.assertRaisesRegex(UserError, "Say why"):
            lead.action_demand_approval()
        with self.assertRaisesRegex(UserError, "Quality asks"):
            visit.with_user(self.supervisor).action_demand_approval("No")
        with self.assertRaisesRegex(UserError, "by their buttons"):
            visit.with_user(self.supervisor).write({"mission_approval": True})
        lead.action_demand_approval("Second failure of the same unit")
        self.assertEqual(
            self._row(visit, "manager").activity_ids.user_id, self.general_manager
        )
        with self.assertRaisesRegex(UserError, "approved before anybody leaves"):
            visit.with_user(self.technician).action_arrive()

    def test_nobody_clears_his_own_visit_or_twice(self):
        self.job.mission_approval = True
        self.chen.user_id = self.general_manager
        visit = self._dispatch(job_type_id=self.job.id)
        with self.assertRaisesRegex(UserError, "his own visit"):
            self._approve(visit, "manager", self.general_manager)
        visit.technician_id = self.zhou
        self.company.aftersales_general_manager_id = self.quality_lead
        other = self._dispatch(job_type_id=self.job.id)
        self._approve(other, "lead", self.quality_lead)
        with self.assertRaisesRegex(UserError, "Two people"):
            self._approve(other, "manager", self.quality_lead)
        with self.assertRaisesRegex(UserError, "to decide"):
            self._approve(visit, "lead", self.officer)
        with self.assertRaisesRegex(UserError, "cannot be typed"):
            self._row(visit, "lead").write({"state": "approved"})
        with self.assertRaisesRegex(UserError, "asked for on the visit"):
            self._row(visit, "lead").copy()
        # Who approved and goes along later has not cleared it.
        self._approve(visit, "manager", self.general_manager)
        self.assertNotIn("Manager", visit.clearance_text)
        visit.crew_ids = self.chen
        self.assertIn("Manager", visit.clearance_text)

    def test_refused_visit_is_asked_for_again(self):
        self.job.mission_approval = True
        visit = self._dispatch(job_type_id=self.job.id)
        row = self._row(visit, "lead").with_user(self.quality_lead)
        with self.assertRaisesRegex(UserError, "Say why"):
            row.action_refuse()
        row.action_refuse("Take a second man along")
        self.assertTrue(self._messages(row.sudo(), self.agent))
        self.assertTrue(visit.can_ask_clearance)
        visit.action_ask_clearance()
        self.assertEqual(self._row(visit, "lead").state, "waiting")
        with self.assertRaisesRegex(UserError, "was asked"):
            visit.action_ask_clearance()
        # Another job is another question.
        self._approve(visit, "lead", self.quality_lead)
        self.job.copy({"mission_approval": True, "name": "Move"})
        visit.job_type_id = self.env["aftersales.job.type"].search(
            [("name", "=", "Move")]
        )
        self.assertEqual(self._row(visit, "lead").state, "waiting")

    def test_waiting_clearance_is_reminded_once(self):
        self.job.mission_approval = True
        with freeze_time(TODAY):
            visit = self._dispatch(job_type_id=self.job.id)
            row = self._row(visit, "manager")
            self._run("ir_cron_aftersales_clearance")
            self.assertFalse(self._messages(row, self.general_manager))
        with freeze_time(TODAY + timedelta(days=1, hours=1)):
            self._run("ir_cron_aftersales_clearance")
            self._run("ir_cron_aftersales_clearance")
            self.assertEqual(len(self._messages(row, self.general_manager)), 1)

    # ------------------------------------------------------------
    # TECHNICAL REVIEW (R88)
    # ------------------------------------------------------------

    def test_nobody_is_sent_before_the_review(self):
        self.job.technical_review = True
        visit = self._dispatch(job_type_id=self.job.id)
        with self.assertRaisesRegex(UserError, "Sales.*Technical.*Production"):
            visit.action_assign()
        with self.assertRaisesRegex(UserError, "Production"):
            visit.with_user(self.supervisor).action_assign(reason="Urgent")
        for role, user in (
            ("sales", self.sales),
            ("technical", self.constructor),
            ("production", self.producer),
        ):
            self._approve(visit, role, user, kind="review")
        with self.assertRaisesRegex(UserError, "solution first"):
            self._approve(visit, "lead", self.quality_lead, kind="review")
        row = self._row(visit, "lead", "review")
        row.with_user(self.quality_lead).note = "Change the gearbox"
        self._approve(visit, "lead", self.quality_lead, kind="review")
        visit.action_assign()
        self.assertEqual(visit.state, "assigned")
        self.assertEqual(visit.review_solution, "Change the gearbox")

    def test_review_without_a_named_head_says_so(self):
        self.job.technical_review = True
        self.company.aftersales_production_lead_id = False
        visit = self._dispatch(job_type_id=self.job.id)
        with self.assertRaisesRegex(UserError, r"Production \(–\)"):
            visit.action_assign()
        self.assertEqual(len(visit.sudo().clearance_ids), 3)
        self.company.aftersales_production_lead_id = self.producer
        visit.action_ask_clearance()
        self.assertEqual(len(visit.sudo().clearance_ids), 4)

    def test_heads_see_what_they_are_asked(self):
        self.job.technical_review = True
        visit = self._dispatch(job_type_id=self.job.id)
        self.env.flush_all()
        row = self._row(visit, "sales", "review").with_user(self.sales)
        row.web_read(
            {"dispatch_id": {"fields": {"display_name": {}}}, "technician_name": {}}
        )
        self.assertEqual(row.technician_name, "Chen Gang")
        with self.assertRaises(AccessError):
            self._row(visit, "lead", "review").with_user(self.sales).read(["state"])
        with self.assertRaises(AccessError):
            row.sudo(False).with_user(self.employee).read(["state"])

    def test_other_visits_pay_nothing(self):
        ticket = self._visit_ticket()
        now = fields.Datetime.now()

        def vals(number):
            start = now + timedelta(days=number + 1)
            return {
                "ticket_id": ticket.id,
                "technician_id": self.chen.id,
                "date_start": start,
                "date_end": start + timedelta(hours=1),
                "job_type_id": self.job.id,
            }

        visits = self.env["aftersales.dispatch"].create([vals(n) for n in range(50)])
        self.env.flush_all()
        self.env.invalidate_all()
        visits.mapped("job_type_id.technical_review")
        visits.mapped("mission_approval")
        with self.assertQueryCount(0):
            visits._ensure_cleared("review", "mission")
            visits._ask_clearances()
        self.job.technical_review = True
        self.env.flush_all()
        for count in (1, 50):
            self.env.invalidate_all()
            some = visits[:count]
            some.mapped("job_type_id.technical_review")
            some.mapped("ticket_id.name")
            with self.assertQueryCount(12):
                some.mapped("clearance_text")
