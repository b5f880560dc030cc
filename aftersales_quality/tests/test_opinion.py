from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.aftersales_service.tests.card_common import GOOD, TODAY, CardCommon
from odoo.addons.aftersales_service.tests.clock_common import local

from .feedback_common import FeedbackCommon


@freeze_time(TODAY)
@tagged("post_install", "-at_install")
class TestOpinion(FeedbackCommon, CardCommon):
    """Suggestions are routed, answered in two days, told the same day, collected."""

    def _note(self, **values):
        return self.env["aftersales.opinion"].create(
            {"description": "Open on Sundays", "partner_id": self.farmer.id, **values}
        )

    def _follow(self):
        return FeedbackCommon._run(self, "ir_cron_aftersales_opinion")

    def test_routed_answered_and_told_the_same_day(self):
        opinion = self._note()
        self.assertEqual(opinion.owner_id, self.supervisor)
        self.assertEqual(opinion.deadline, local("2026-06-04 23:59:59"))
        head = self.env["hr.employee"].create(
            {
                "name": "Head",
                "user_id": self.constructor.id,
                "company_id": self.company.id,
            }
        )
        self.department.manager_id = head
        opinion.department_id = self.department
        self.assertEqual(opinion.owner_id, self.constructor)
        self.assertEqual(opinion.activity_ids.user_id, self.constructor)
        owner = opinion.with_user(self.constructor)
        with self.assertRaisesRegex(UserError, "what the answer is"):
            owner.action_answer()
        with self.assertRaisesRegex(UserError, "owners answer"):
            owner.description = "Never mind"
        owner.answer = "From July on"
        owner.action_answer()
        self.assertEqual(opinion.state, "done")
        self.assertEqual(opinion.date_told, opinion.date_answered)
        mail = self.env["mail.mail"].search(
            [("model", "=", opinion._name), ("res_id", "=", opinion.id)]
        )
        self.assertIn("From July on", mail.body_html)
        self.assertEqual(mail.recipient_ids, self.farmer)
        self.assertFalse(opinion.activity_ids)
        with self.assertRaisesRegex(UserError, "stays as it is"):
            opinion.with_user(self.agent).answer = "Never"
        with self.assertRaisesRegex(UserError, "is open"):
            opinion.action_answer("Again")

    def test_customer_without_address_is_called_today(self):
        opinion = self._note(partner_id=self.other_farmer.id, kind="consultation")
        opinion.with_user(self.supervisor).action_answer("Yes")
        self.assertEqual(opinion.state, "answered")
        self.assertEqual(opinion.tell_deadline, local("2026-06-02 23:59:59"))
        self.assertEqual(opinion.activity_ids.user_id, self.supervisor)
        opinion.with_user(self.supervisor).action_told()
        self.assertEqual(opinion.state, "done")
        self.assertFalse(opinion.activity_ids)

    def test_own_people_suggest_too(self):
        own = (
            self.env["aftersales.opinion"]
            .with_user(self.technician)
            .create({"description": "A bigger jack", "channel": "inside"})
        )
        self.assertEqual(own.source, "staff")
        with self.assertRaisesRegex(UserError, "routes"):
            own.owner_id = self.technician
        with self.assertRaisesRegex(UserError, "answers what is open"):
            own.action_answer("Yes")
        own.with_user(self.supervisor).action_answer("Bought")
        self.assertEqual(own.state, "done")
        self.assertTrue(self._messages(own.sudo(), self.technician))
        own.with_user(self.supervisor).write(
            {"is_useful": True, "useful_note": "For all vans"}
        )
        action = self.env.ref("aftersales_quality.aftersales_opinion_action_useful")
        self.assertIn(
            own, self.env["aftersales.opinion"].search([("is_useful", "=", True)])
        )
        self.assertIn("is_useful", action.domain)

    def test_urgent_one_reaches_the_leads_at_once(self):
        opinion = self._note()
        self.assertFalse(self._messages(opinion, self.quality_lead))
        opinion.is_urgent = True
        for user in (self.quality_lead, self.supervisor):
            self.assertEqual(len(self._messages(opinion, user)), 1)
        opinion.is_urgent = True
        self.assertEqual(len(self._messages(opinion, self.supervisor)), 1)

    def test_overdue_one_goes_to_the_supervisor_once(self):
        opinion = self._note(owner_id=self.constructor.id)
        self._follow()
        self.assertEqual(opinion.activity_ids.user_id, self.constructor)
        with freeze_time(TODAY + timedelta(days=3)):
            self.assertTrue(opinion.is_late)
            self.assertIn(
                opinion, self.env["aftersales.opinion"].search([("is_late", "=", True)])
            )
            self._follow()
            self._follow()
        mine = opinion.activity_ids.filtered(lambda a: a.user_id == self.supervisor)
        self.assertEqual(len(mine), 1)

    def test_words_on_a_card_become_a_suggestion_once(self):
        card = self._card(self._done())
        card._answer_card(GOOD, words="Bring spare belts")
        seen = card.with_user(self.agent)
        seen.action_classify("suggestion")
        seen.action_classify("suggestion")
        opinion = self.env["aftersales.opinion"].search([("rating_id", "=", card.id)])
        self.assertEqual(len(opinion), 1)
        self.assertEqual(
            (opinion.description, opinion.channel, opinion.partner_id),
            ("Bring spare belts", "card", self.farmer),
        )

    def test_wish_of_a_callback_is_followed_there(self):
        callback = self.env["aftersales.callback"].create(
            {"ticket_id": self._ticket().id, "answer": "A sunshade"}
        )
        callback.action_wish()
        opinion = self.env["aftersales.opinion"].search(
            [("callback_id", "=", callback.id)]
        )
        self.assertEqual((opinion.kind, opinion.state), ("wish", "open"))
        self.assertFalse(opinion.activity_ids)
        with self.assertRaisesRegex(UserError, "answered there"):
            opinion.with_user(self.supervisor).action_answer("No")
        callback.with_user(self.supervisor).action_answer("Next year")
        self.assertEqual((opinion.state, opinion.answer), ("answered", "Next year"))
        callback.with_user(self.supervisor).action_told()
        self.assertEqual(
            (opinion.state, opinion.date_told), ("done", callback.told_date)
        )

    def test_person_is_erased_after_the_retention(self):
        opinion = self._note(contact_name="Wang", contact_email="w@example.com")
        verdicts = opinion._get_erasure_verdicts()
        self.assertEqual(verdicts[opinion][0], "open_complaint")
        opinion.action_answer("No")
        self.assertEqual(opinion._get_erasure_verdicts()[opinion][0], "retention")
        opinion._erase_person(self.farmer)
        self.assertFalse(opinion.partner_id | self.env["res.partner"])
        self.assertNotIn("Sundays", opinion.description)
