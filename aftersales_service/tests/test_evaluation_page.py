from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import mute_logger

from .card_common import GOOD, TODAY, CardCommon
from .portal_common import PortalCommon

ANSWER = {item: str(level) for item, level in GOOD.items()}


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestEvaluationPage(CardCommon, PortalCommon):
    """The customer's page: no login, his language, one answer (R33)."""

    def setUp(self):
        super().setUp()
        self.visit = self._done()
        self.card = self._card(self.visit)
        self.url = f"/aftersales/card/{self.card.access_token}"
        self.authenticate(None, None)

    def test_answer_once(self):
        page = self._get(self.url)
        self.assertEqual(page.status_code, 200)
        text = self._text(page)
        for shown in ("Harvester Works", "Chen Gang", "Arrival Time", "Very satisfied"):
            self.assertIn(shown, text)
        self.assertNotIn("Farmer Wang", text)
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        answer = {**ANSWER, "words": "Quick & good", "opinion": "suggestion"}
        thanks = self._post(self.url, answer)
        self.assertIn("Thank you", self._text(thanks))
        self.assertTrue(self.card.consumed)
        self.assertEqual(self.card.feedback, "Quick & good")
        self.assertEqual(self.card.aftersales_opinion, "suggestion")
        self.assertEqual(self.card.aftersales_attitude, "4")
        self.assertFalse(self.card.aftersales_noted_by_id)
        self._post(self.url, dict.fromkeys(ANSWER, "1"))
        self.authenticate(None, None)
        again = self._get(self.url)
        self.assertEqual(again.status_code, 200)
        self.assertIn("This card is answered", self._text(again))
        self.env.invalidate_all()
        self.assertEqual(self.card.aftersales_attitude, "4")

    def test_missing_and_wrong_levels_lose_nothing(self):
        self._get(self.url)
        for wrong, message in (
            ({"skill": ""}, "Please choose a level for: Skill"),
            ({"skill": "5"}, "Levels go from 1"),
        ):
            page = self._post(self.url, {**ANSWER, **wrong, "words": "So so"})
            self.assertIn(message, self._text(page))
            self.assertEqual(self._value(page, "words"), "So so")
            self.assertRegex(page.text, r'value="4"[^>]*checked|checked[^>]*value="4"')
        self.assertFalse(self.card.consumed)

    def test_foreign_and_expired(self):
        page = self._get("/aftersales/card/0123456789abcdef")
        self.assertEqual(page.status_code, 404)
        self.assertIn("We do not know this card", self._text(page))
        with freeze_time(TODAY + timedelta(days=60)):
            page = self._get(self.url)
            self.assertEqual(page.status_code, 200)
            self.assertIn("no longer valid", self._text(page))
            self._post(self.url, ANSWER)
        self.assertFalse(self.card.consumed)

    def test_without_form_token_nothing_is_taken(self):
        self._get(self.url)
        with mute_logger("odoo.http"):
            page = self._post(self.url, ANSWER, csrf=False)
        self.assertEqual(page.status_code, 400)
        self.assertFalse(self.card.consumed)

    def test_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        view = self.env.ref("aftersales_service.public_card")
        view.update_field_translations(
            "arch_db", {"zh_CN": {"How was our visit?": "您对这次服务满意吗?"}}
        )
        self.farmer.lang = "zh_CN"
        self.env.flush_all()
        page = self._get(self.url)
        self.assertIn("您对这次服务满意吗?", self._text(page))
        english = self._get(f"{self.url}?lang=en_US")
        self.assertIn("How was our visit?", self._text(english))

    def test_odoo_pages_of_ratings_lead_to_the_card(self):
        token = self.card.access_token
        for url in (f"/rate/{token}/5", f"/rate/{token}/submit_feedback"):
            page = self._get(url)
            self.assertTrue(page.url.endswith(self.url), page.url)
        self._post(f"/rate/{token}/submit_feedback", {"rate": 5})
        self.assertFalse(self.card.consumed)

    def test_our_own_people_do_not_answer(self):
        self.technician.password = "technician"
        self._login("technician")
        self.assertIn("is for the customer", self._text(self._get(self.url)))
        self._post(self.url, ANSWER)
        self.assertFalse(self.card.consumed)
        self._login("farmer")
        self._post(self.url, ANSWER)
        self.assertTrue(self.card.consumed)

    def test_portal_users_have_no_way_around(self):
        self._login("farmer")
        card = self.card.with_user(self.farmer_user)
        for attempt in (
            lambda: card.read(["rating"]),
            lambda: card.write({"rating": 5}),
            lambda: card.create({"res_id": self.visit.id}),
        ):
            with self.assertRaises(Exception) as caught:
                attempt()
            self.assertIn(type(caught.exception).__name__, ("AccessError", "UserError"))
