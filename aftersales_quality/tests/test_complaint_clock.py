from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tests.common import patch

from .complaint_common import ComplaintCommon


@tagged("post_install", "-at_install")
class TestComplaintClock(ComplaintCommon):
    """Limits of the steps, of the house and of the law; who is told when (R09, R60)."""

    def _deadline(self, complaint, clock):
        return complaint.sudo().deadline_ids.filtered(
            lambda row: row.clock_id
            == self.env.ref(f"aftersales_quality.aftersales_complaint_clock_{clock}")
        )

    def _run(self):
        with patch.object(
            type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 1
        ):
            self.env["aftersales.complaint"]._cron_follow()

    def test_legal_and_house_limits(self):
        self.farmer.country_id = self.env.ref("base.cn")
        # Monday 10:00 in Shanghai.
        with freeze_time("2026-06-01 02:00:00"):
            complaint = self._complain(channel="authority")
        for clock, due in (
            ("visit", "2026-06-03 02:00:00"),
            ("step_recorded", "2026-06-02 15:59:59"),
            ("legal_delay", "2026-06-16 15:59:59"),
            ("legal_authority", "2026-06-10 15:59:59"),
            ("legal_mediation", "2026-08-03 15:59:59"),
        ):
            self.assertEqual(
                fields.Datetime.to_string(self._deadline(complaint, clock).date_due),
                due,
                clock,
            )
        self.assertFalse(self._deadline(complaint, "legal_car_answer"))
        self.assertEqual(complaint.date_deadline, complaint.step_ids.date_due)

    def test_cars_have_their_own_limits(self):
        self.oil.product_tmpl_id.aftersales_class_id = self.env.ref(
            "aftersales_service.aftersales_product_class_car"
        )
        with freeze_time("2026-06-01 02:00:00"):
            complaint = self._complain(product_id=self.oil.id)
        self.assertEqual(
            fields.Datetime.to_string(
                self._deadline(complaint, "legal_car_answer").date_due
            ),
            "2026-06-15 15:59:59",
        )
        self.assertEqual(
            fields.Datetime.to_string(
                self._deadline(complaint, "legal_car_finish").date_due
            ),
            "2026-06-29 15:59:59",
        )

    def test_other_countries_and_companies_have_other_laws(self):
        self.farmer.country_id = self.env.ref("base.de")
        self.assertFalse(self._deadline(self._complain(), "legal_delay"))
        dealer = self._complain(partner_id=self.dealer.id)
        self.assertFalse(self._deadline(dealer, "legal_delay"))

    def test_severe_and_press_tell_the_vice_president_at_once(self):
        for values, clock in (
            ({"severity": "severe"}, "severe"),
            ({"channel": "press"}, "press"),
            ({"channel": "authority"}, "authority"),
        ):
            complaint = (
                self.env["aftersales.complaint"]
                .with_user(self.agent)
                .create(
                    {"partner_id": self.farmer.id, "description": "Smoke", **values}
                )
            )
            notice = self._deadline(complaint, clock).notice_ids
            self.assertEqual(notice.user_ids, self.vice_president, clock)
            self.assertEqual(notice.outcome, "told")
            self.assertEqual(
                complaint.sudo()
                .activity_ids.filtered(
                    lambda a: a.activity_type_id
                    == self.env.ref(
                        "aftersales_quality.mail_activity_type_aftersales_complaint"
                    )
                )
                .user_id
                - self.supervisor,
                self.vice_president,
            )
            self.assertFalse(complaint.overdue)

    def test_made_severe_later_tells_then(self):
        complaint = self._mine(self._complain())
        self.assertFalse(self._deadline(complaint, "severe"))
        complaint.severity = "severe"
        self.assertTrue(self._deadline(complaint, "severe").notice_ids)
        complaint.severity = "light"
        self.assertFalse(self._deadline(complaint, "letter"))
        self.assertTrue(self._deadline(complaint, "severe"), "told is told")

    def test_each_notice_once_and_traced(self):
        with freeze_time("2026-06-01 02:00:00"):
            complaint = self._complain()
        visit = self._deadline(complaint, "visit")
        with freeze_time("2026-06-02 15:00:00"):
            self._run()
            self._run()
            self.assertEqual(visit.notice_ids.mapped("moment"), ["warning"])
            self.assertEqual(visit.notice_ids.user_ids, self.supervisor)
        with freeze_time("2026-06-03 03:00:00"):
            self._run()
            self._run()
            self.assertTrue(complaint.overdue)
            self.assertIn(
                complaint,
                self.env["aftersales.complaint"].search([("overdue", "=", True)]),
            )
            self.assertIn(
                visit, visit.search([("state", "=", "late")]), "the overdue list"
            )
        with freeze_time("2026-06-05 03:00:00"):
            self._run()
        self.assertEqual(
            [(n.moment, n.user_ids) for n in visit.notice_ids.sorted("id")],
            [
                ("warning", self.supervisor),
                ("late", self.supervisor),
                ("later", self.vice_president),
            ],
        )
        self.assertFalse(visit.date_notice)
        mails = self.env["mail.mail"].search(
            [("recipient_ids", "in", self.vice_president.partner_id.ids)]
        )
        self.assertIn(complaint.name, "".join(mails.mapped("subject")))

    def test_a_step_taken_stops_its_limit_and_its_to_dos(self):
        with freeze_time("2026-06-01 02:00:00"):
            complaint = self._complain()
            self._mine(complaint).action_waive_visit("Photos show it all.")
        with freeze_time("2026-06-03 02:00:01"):
            self._run()
            deadline = self._deadline(complaint, "step_recorded")
            self.assertEqual(deadline.state, "late")
            self.assertTrue(deadline.notice_ids.activity_ids)
            self._mine(complaint).action_validate()
            self.assertEqual(deadline.state, "missed")
            self.assertFalse(deadline.notice_ids.activity_ids)
            step = complaint.step_ids.filtered(lambda s: s.state == "recorded")
            self.assertTrue(step.late)
            self.assertIn(step, step.search([("late", "=", True)]))

    def test_nobody_named_goes_up_or_is_kept(self):
        self.company.aftersales_vice_president_id = False
        complaint = self._complain(severity="severe")
        notice = self._deadline(complaint, "severe").notice_ids
        self.assertEqual(notice.user_ids, self.general_manager)
        self.company.aftersales_general_manager_id = False
        complaint = self._complain(severity="severe")
        notice = self._deadline(complaint, "severe").notice_ids
        self.assertEqual(notice.outcome, "nobody")

    def test_a_rule_changed_later_changes_no_limit_given(self):
        complaint = self._complain()
        deadline = self._deadline(complaint, "visit")
        due = deadline.date_due
        deadline.clock_id.amount = 500
        self._mine(complaint).action_validate()
        self.assertEqual(deadline.date_due, due)

    # ------------------------------------------------------------
    # VISIT AND LETTER
    # ------------------------------------------------------------

    def test_the_visit_on_site(self):
        with freeze_time("2026-06-01 02:00:00"):
            complaint = self._complain()
            dispatch = self.env["aftersales.dispatch"].browse(
                self._mine(complaint).action_visit()["res_id"]
            )
            self.assertEqual(complaint.ticket_id, dispatch.ticket_id)
            self.assertEqual(dispatch.ticket_id.partner_id, self.farmer)
            self.assertIn(complaint.name, dispatch.ticket_id.symptom)
            # Asked again, the same visit opens.
            again = self._mine(complaint).action_visit()["res_id"]
            self.assertEqual(again, dispatch.id)
        with freeze_time("2026-06-02 02:00:00"):
            dispatch._step({"state": "on_site", "arrive_date": fields.Datetime.now()})
        self.assertEqual(
            fields.Datetime.to_string(complaint.visit_date), "2026-06-02 02:00:00"
        )
        self.assertEqual(self._deadline(complaint, "visit").state, "met")
        with self.assertRaisesRegex(UserError, "nobody was there yet"):
            self._mine(complaint).action_visit()

    def test_no_visit_with_a_reason(self):
        complaint = self._mine(self._complain())
        with self.assertRaisesRegex(UserError, "Say why"):
            complaint.action_waive_visit()
        complaint.action_waive_visit("Photos show it all.")
        self.assertTrue(self._deadline(complaint, "visit").date_done)

    def test_a_severe_one_needs_its_letter(self):
        complaint = self._to("validated", severity="severe")
        complaint.liability = "ours"
        tomorrow = fields.Datetime.add(fields.Datetime.now(), days=1)
        with self.assertRaisesRegex(UserError, "the letter to the customer"):
            complaint.action_commit(tomorrow)
        complaint.action_send_letter()
        self.assertTrue(self._deadline(complaint, "letter").date_done)
        letter = complaint.message_ids.filtered(
            lambda message: self.farmer in message.partner_ids
        )
        self.assertTrue(letter)
        with self.assertRaisesRegex(UserError, "once"):
            complaint.action_send_letter()
        complaint.action_commit(tomorrow)

    def test_printed_form(self):
        complaint = self._to("accountable")
        report = self.env.ref("aftersales_quality.action_report_aftersales_complaint")
        html = str(report._render_qweb_html(report.report_name, complaint.ids)[0])
        for words in (complaint.name, "Worker Chen", "A new belt", "Farmer Wang"):
            self.assertIn(words, html)

    def test_nothing_is_due_any_more_when_it_is_not_valid(self):
        """Who is owed nothing is neither visited nor written to (R58, R60)."""
        with freeze_time("2026-06-01 02:00:00"):
            complaint = self._complain(severity="severe")
        self.assertFalse(self._deadline(complaint, "visit").date_done)
        with freeze_time("2026-06-03 03:00:00"):
            self._run()
            self.assertTrue(complaint.activity_ids)
            mine = self._mine(complaint)
            mine.expert_finding = "Cut by a stone: photo 3."
            mine.action_reject("The belt was cut by a stone.")
        deadlines = complaint.sudo().deadline_ids
        self.assertFalse(deadlines.filtered(lambda row: not row.date_done))
        self.assertFalse(complaint.activity_ids)
        self.assertFalse(complaint.date_deadline)
