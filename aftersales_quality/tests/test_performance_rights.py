from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.aftersales_service.tests.clock_common import local

from .performance_common import MAY, TODAY, PerformanceCommon

MODELS = (
    "aftersales.performance",
    "aftersales.performance.line",
    "aftersales.performance.pay",
)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestPerformanceRights(PerformanceCommon):
    """Checked by the leader, approved and locked; nobody reads another's (R65)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.aftersales_complaint_bonus = 300
        cls.company.aftersales_complaint_deduction = 100
        moment = local("2026-05-05 09:00")
        visits = cls.env["aftersales.dispatch"].create(
            [
                {
                    "ticket_id": cls.env["aftersales.ticket"]
                    .create({"symptom": "Leaks", "partner_id": cls.farmer.id})
                    .id,
                    "technician_id": person.id,
                    "date_start": moment,
                }
                for person in (cls.chen, cls.zhou)
            ]
        )
        visits._step(
            {
                "state": "done",
                "assign_date": moment,
                "arrive_date": moment,
                "finish_date": moment + timedelta(hours=1),
            }
        )
        cls.sheet, cls.other = cls.env["aftersales.performance"].create(
            [
                {"employee_id": person.id, "month": MAY}
                for person in (cls.chen, cls.zhou)
            ]
        )

    def _user(self, login, group, company=None):
        return new_test_user(
            self.env,
            login=login,
            groups=f"base.group_user,{group}",
            context={"no_reset_password": True},
            lang="en_US",
            company_id=(company or self.company).id,
            company_ids=[Command.set((company or self.company).ids)],
        )

    def _seen(self, user, company=None):
        """Return the sheets whose rows a user finds, asserting that all agree."""
        found = []
        user.sudo().group_ids |= self.env.ref("base.group_allow_export")
        for model in MODELS:
            rows = (
                self.env[model]
                .with_user(user)
                .with_context(allowed_company_ids=(company or self.company).ids)
            )
            rows = rows.search([])
            sheets = rows if model == MODELS[0] else rows.performance_id
            found.append(sheets.sudo())
            # Exporting is reading.
            names = rows.export_data(["id", "display_name"])["datas"]
            self.assertEqual(len(names), len(rows))
        self.assertEqual(found[0], found[1])
        self.assertLessEqual(found[2], found[0])
        return found[0]

    # ------------------------------------------------------------
    # WHO SEES WHOSE
    # ------------------------------------------------------------

    def test_everybody_sees_what_is_his_to_see(self):
        nothing, both = self.sheet.browse(), self.sheet | self.other
        colleague = self._user(
            "tech2", "aftersales_service.aftersales_service_group_technician"
        )
        self.zhou.user_id = colleague
        other_leader = self._user(
            "lead2", "aftersales_service.aftersales_service_group_supervisor"
        )
        human = self._user("human", "hr.group_hr_user")
        seen = {
            self.technician: nothing,  # a draft is not for him yet
            colleague: nothing,
            self.employee: nothing,
            self.agent: nothing,
            self.salesman: nothing,
            self.manager: nothing,
            other_leader: nothing,
            self.quality_lead: nothing,
            self.supervisor: both,
            human: both,
            self.officer: both,
        }
        for user, sheets in seen.items():
            with self.subTest(user=user.login):
                self.assertEqual(self._seen(user), sheets)
        both.action_check()
        self.assertEqual(self._seen(self.technician), self.sheet)
        self.assertEqual(self._seen(colleague), self.other)
        self.assertEqual(self._seen(self.employee), nothing)
        self.team.supervisor_id = other_leader
        self.assertEqual(self._seen(other_leader), both)
        self.assertEqual(self._seen(self.supervisor), nothing)

    def test_a_leader_does_not_see_his_own_draft(self):
        own = self._sheet(self.leader)
        self.assertNotIn(own, self._seen(self.supervisor))
        own.with_user(self.officer).action_check()
        self.assertIn(own, self._seen(self.supervisor))

    def test_portal_and_other_companies_see_nothing(self):
        portal = new_test_user(
            self.env, login="portal_p", groups="base.group_portal", lang="en_US"
        )
        for model in MODELS:
            with self.assertRaises(AccessError):
                self.env[model].with_user(portal).search([])
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        officer = self._user(
            "officer2",
            "aftersales_quality.aftersales_quality_group_performance",
            elsewhere,
        )
        self.assertFalse(self._seen(officer, elsewhere))

    def test_a_figure_of_another_does_not_open(self):
        line, pay = self.other.line_ids[0], self.other.pay_ids[0]
        for record in (line, pay):
            with self.assertRaises(AccessError):
                record.with_user(self.technician).action_view_records()
        with self.assertRaises(AccessError):
            self.other.with_user(self.technician).action_view_visits()

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def test_checked_by_the_leader_approved_by_the_officer(self):
        sheet = self.sheet.with_user(self.supervisor)
        officer_sheet = self.sheet.with_user(self.officer)
        with self.assertRaisesRegex(UserError, "Chen Gang.*Draft"):
            officer_sheet.action_approve()
        self.assertTrue(sheet.can_check)
        sheet.action_check()
        self.assertEqual(self.sheet.checked_by_id, self.supervisor)
        self.assertFalse(sheet.can_approve)
        with self.assertRaisesRegex(UserError, "performance officer"):
            sheet.action_approve()
        officer_sheet.action_approve()
        self.assertEqual(
            (self.sheet.state, self.sheet.approved_by_id), ("approved", self.officer)
        )
        with self.assertRaisesRegex(UserError, "Approved"):
            officer_sheet.action_check()

    def test_not_before_the_month_is_over(self):
        running = self._sheet(month="2026-06-01")
        self.assertFalse(running.with_user(self.officer).can_check)
        with self.assertRaisesRegex(UserError, "month is over"):
            running.with_user(self.supervisor).action_check()
        running.with_user(self.supervisor).action_recompute()

    def test_nobody_decides_on_his_own(self):
        self.zhou.user_id = self.officer
        own = self.other.with_user(self.officer)
        with self.assertRaisesRegex(UserError, "nobody his own"):
            own.action_check()
        own.with_user(self.supervisor).action_check()
        for step in ("action_approve", "action_reopen"):
            with self.assertRaisesRegex(UserError, "nobody his own"):
                getattr(own, step)()

    def test_others_take_no_step(self):
        self.sheet.action_check()
        human = self._user("human", "hr.group_hr_user")
        for user in (self.technician, human, self.agent, self.quality_lead):
            for step in ("action_check", "action_approve", "action_recompute"):
                with self.assertRaises(UserError):
                    getattr(self.sheet.with_user(user), step)()
            with self.assertRaises(AccessError):
                self.sheet.with_user(user).write({"note": "Good"})
        with self.assertRaises(UserError):
            self.sheet.with_user(self.supervisor).copy({"month": "2026-04-01"})

    # ------------------------------------------------------------
    # LOCK
    # ------------------------------------------------------------

    def test_approved_is_locked(self):
        self.sheet.action_check()
        self.sheet.with_user(self.officer).action_approve()
        score, total = self.sheet.score, self.sheet.pay_total
        self._verified(self.chen, "2026-05-10 10:00")
        for user in (self.env.user, self.officer, self.supervisor):
            sheet = self.sheet.with_user(user)
            with self.assertRaisesRegex(UserError, "Chen Gang"):
                sheet.action_recompute()
            with self.assertRaisesRegex(UserError, "locked"):
                sheet.write({"note": "Better"})
            for vals in ({"score": 100}, {"month": "2026-04-01"}, {"state": "draft"}):
                with self.assertRaisesRegex(UserError, "cannot be typed"):
                    sheet.write(vals)
            for part in (sheet.line_ids[0], sheet.pay_ids[0]):
                with self.assertRaisesRegex(UserError, "measured from the records"):
                    part.write({"score" if "score" in part else "amount": 100})
                with self.assertRaises(UserError):
                    part.unlink()
                with self.assertRaises(UserError):
                    part.copy()
            with self.assertRaises(UserError):
                sheet.unlink()
        result = self.env["aftersales.performance.line"].load(
            ["performance_id/.id", "name", "score"],
            [[str(self.sheet.id), "Mine", "100"]],
        )
        self.assertFalse(result["ids"])
        # Talking about it goes on.
        self.sheet.with_user(self.officer).message_post(body="Explained to him")
        self.assertEqual((self.sheet.score, self.sheet.pay_total), (score, total))
        text = self.sheet.with_user(self.officer).differs_text
        self.assertIn("Verified Complaints: 1 / 1 instead of 0 / 1", text)
        self.assertIn("Pay parts", text)
        self.assertFalse(self.other.differs_text, "a draft is measured anew")

    def test_typed_figures_are_refused_at_creation(self):
        for vals in ({"score": 100}, {"state": "approved"}, {"role": "leader"}):
            with self.assertRaisesRegex(UserError, "cannot be typed"):
                self.env["aftersales.performance"].create(
                    {"employee_id": self.leader.id, "month": MAY, **vals}
                )

    def test_reopened_by_the_officer_with_a_reason(self):
        self.sheet.action_check()
        sheet = self.sheet.with_user(self.officer)
        sheet.action_approve()
        with self.assertRaisesRegex(UserError, "Say why"):
            sheet.action_reopen(" ")
        with self.assertRaisesRegex(UserError, "performance officer"):
            self.sheet.with_user(self.supervisor).action_reopen("Wrong")
        self._verified(self.chen, "2026-05-10 10:00")
        action = sheet.action_ask_reopen()
        wizard = (
            self.env["aftersales.performance.reopen"]
            .with_user(self.officer)
            .with_context(**action["context"])
            .create({"reason": "A complaint came late"})
        )
        wizard.action_apply()
        self.assertEqual((sheet.state, sheet.approved_by_id.id), ("draft", False))
        self.assertIn("came late", sheet.message_ids[0].body)
        sheet.action_recompute()
        self.assertEqual(sheet.complaint_count, 1)
        sheet.unlink()

    def test_statistics_print(self):
        report = self.env["ir.actions.report"].with_user(self.supervisor)
        sheets = (self.sheet | self.other).with_user(self.supervisor)
        for name in ("performance", "performance_statistics"):
            html, _kind = report._render_qweb_html(
                f"aftersales_quality.report_aftersales_{name}", sheets.ids
            )
            self.assertIn(b"Zhou Min", html)

    # ------------------------------------------------------------
    # SPEED
    # ------------------------------------------------------------

    def test_constant_number_of_queries(self):
        people = self.env["hr.employee"].create(
            [
                {
                    "name": f"Technician {number}",
                    "company_id": self.company.id,
                    "aftersales_technician": True,
                }
                for number in range(51)
            ]
        )
        Sheet = self.env["aftersales.performance"].with_context(mail_create_nolog=True)
        counts = []
        for some in (people[:1], people[1:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            Sheet.create([{"employee_id": one.id, "month": MAY} for one in some])
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 8, counts)
        self.assertLessEqual(counts[0], 70, counts)
