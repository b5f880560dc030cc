from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .portal_common import PNG, SVG, PortalCommon


@tagged("post_install", "-at_install")
class TestPublicUnit(PortalCommon):
    """The page behind the QR label shows nothing private and lets nobody guess (R13)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.phone = "400 820 1234"
        cls.farmer.write({"street": "Secret Lane 5", "city": "Yancheng"})

    def setUp(self):
        super().setUp()
        self.unit = self._sold_unit("SERIAL-987654")
        self.unit.note = "Pays late"
        self.url = f"/aftersales/unit/{self.unit.public_code}"
        self.authenticate(None, None)

    def _send(self, files=None, **values):
        return self._post(
            self.url,
            {
                "name": "Passer-by",
                "phone": "138 1111 2222",
                "symptom": "Smokes",
                **values,
            },
            files=files,
        )

    def _tickets(self):
        return self.unit.ticket_ids.sorted("id")

    # ------------------------------------------------------------
    # SEEING
    # ------------------------------------------------------------

    def test_page_shows_the_whitelist_alone(self):
        ticket = self._ticket(equipment_id=self.unit.id, symptom="Private story")
        page = self._get(self.url)
        self.assertEqual(page.status_code, 200)
        text = self._text(page)
        for shown in (
            "Harvester Works",
            "400 820 1234",
            "Harvester",
            self.unit.name,
            "••••7654",
            "In Use",
            ticket.name,
        ):
            self.assertIn(shown, text)
        for hidden in (
            "SERIAL-98",
            "Farmer Wang",
            "0013 8000",
            "Secret Lane",
            "w@example.com",
            "Private story",
            "Pays late",
            "1,000",
            self.unit.order_ref,
            str(self.unit.delivery_date),
            f"/my/units/{self.unit.id}",
        ):
            self.assertNotIn(hidden, page.text)
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        self.assertIn("noindex", page.headers["X-Robots-Tag"])

    def test_short_serial_is_not_given_away(self):
        self.assertEqual(self._sold_unit("S-1")._get_masked_serial(), "••••1")

    def test_values_of_the_page_are_plain(self):
        """Proves: no template can follow a record to what is private."""
        for value in self.unit._get_public_values().values():
            self.assertIsInstance(value, (str, bool, int, type(None)))

    def test_unit_no_longer_in_use_says_so_and_takes_no_request(self):
        self.unit.with_user(self.supervisor).action_scrap("Burnt")
        page = self._get(self.url)
        self.assertIn("No Longer in Use", self._text(page))
        self.assertNotIn("<form", page.text.partition("<main")[2])
        self.assertIn("no longer in use", self._text(self._send()))
        self.assertFalse(self._tickets())

    def test_every_wrong_code_gets_the_same_page(self):
        pages = {
            (answer.status_code, self._text(answer))
            for answer in (
                self._get(f"/aftersales/unit/{code}")
                for code in (
                    "x",
                    self.unit.public_code[:-1],
                    self.unit.public_code.swapcase(),
                    "a" * 300,
                    "%25",
                    str(self.unit.id),
                    self.unit._portal_ensure_token(),
                )
            )
        }
        self.assertEqual(len(pages), 1)
        self.assertEqual(pages.pop()[0], 404)
        posted = self._post("/aftersales/unit/x", {"name": "A"})
        self.assertEqual(posted.status_code, 404)
        self.assertEqual(self._get("/aftersales/unit/x/thanks").status_code, 404)

    # ------------------------------------------------------------
    # REQUESTING
    # ------------------------------------------------------------

    def test_passer_by_requests_service(self):
        page = self._send(files=[("smoke.png", PNG)], description="Since noon")
        ticket = self._tickets()
        self.assertEqual(len(ticket), 1)
        self.assertTrue(page.url.endswith("/thanks"))
        self.assertIn(ticket.name, self._text(page))
        self.assertNotIn("Farmer Wang", page.text)
        self.assertEqual(
            (ticket.channel, ticket.partner_name, ticket.partner_phone),
            ("qr", "Passer-by", "138 1111 2222"),
        )
        self.assertEqual(ticket.partner_id, self.farmer)
        self.assertEqual(ticket.equipment_id, self.unit)
        self.assertFalse(ticket.partner_email)
        self.assertEqual(self._attachments(ticket).name, "smoke.png")
        # Loading the page again registers nothing again.
        self._get(page.url)
        self.assertEqual(len(self._tickets()), 1)
        self.authenticate(None, None)
        answer = self._get(f"{self.url}/thanks")
        self.assertTrue(answer.url.endswith(self.unit.public_code))

    def test_open_ticket_is_added_to(self):
        ticket = self._ticket(equipment_id=self.unit.id, user_id=self.agent.id)
        page = self._send(symptom="It burns now", description="<b>Hurry</b>")
        self.assertEqual(self._tickets(), ticket)
        self.assertIn(f"added it to ticket {ticket.name}", self._text(page))
        note = ticket.message_ids[:1]
        self.assertIn("It burns now", note.body)
        self.assertIn("138 1111 2222", note.body)
        self.assertIn("&lt;b&gt;Hurry", note.body)
        self.assertTrue(note.subtype_id.internal)
        self.assertEqual(note.notified_partner_ids, self.agent.partner_id)

    def test_another_fault_is_another_ticket(self):
        ticket = self._ticket(equipment_id=self.unit.id)
        self._send(about="new")
        self.assertEqual(len(self._tickets() - ticket), 1)

    def test_form_says_what_is_missing_and_keeps_the_rest(self):
        page = self._send(name="", phone="call me", symptom="", description="Long <b>")
        text = self._text(page)
        self.assertIn("Enter your name", text)
        self.assertIn("phone number that we can call", text)
        self.assertIn("what is wrong", text)
        self.assertEqual(self._value(page, "description"), "Long <b>")
        page = self._send(
            files=[("a.png", SVG), ("b.png", PNG + b"\0" * (10 * 1024**2))]
        )
        self.assertIn("a.png was not taken", self._text(page))
        self.assertIn("b.png was not taken", self._text(page))
        self.assertEqual(self._value(page, "symptom"), "Smokes")
        self.assertFalse(self._tickets())

    @mute_logger("odoo.http")
    def test_request_without_csrf_token_is_refused(self):
        answer = self._post(
            self.url, {"name": "A", "phone": "1", "symptom": "B"}, csrf=False
        )
        self.assertEqual(answer.status_code, 400)
        self.assertFalse(self._tickets())

    # ------------------------------------------------------------
    # LIMITS
    # ------------------------------------------------------------

    def test_guessing_is_stopped(self):
        for index in range(20):
            answer = self._get(f"/aftersales/unit/guess-{index}")
            self.assertEqual(answer.status_code, 404)
        for url in ("/aftersales/unit/guess-x", self.url, f"{self.url}/thanks"):
            answer = self._get(url)
            self.assertEqual(answer.status_code, 429)
            self.assertIn("Too many attempts", self._text(answer))
        self.assertEqual(self._send().status_code, 429)
        self.assertFalse(self._tickets())
        # A header that anybody can write is no other visitor.
        answer = self._get(
            self.url,
            headers={"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Host": "a.test"},
        )
        self.assertEqual(answer.status_code, 429)

    def test_flooding_is_stopped(self):
        for _index in range(5):
            self.assertEqual(self._send(about="new").status_code, 200)
        page = self._send(about="new", description="Stays")
        self.assertEqual(page.status_code, 429)
        self.assertEqual(self._value(page, "description"), "Stays")
        self.assertEqual(len(self._tickets()), 5)
        self.assertEqual(self._get(self.url).status_code, 200)

    def test_limits_end_and_rows_go(self):
        Attempt = self.env["aftersales.attempt"]
        now = fields.Datetime.now()
        with freeze_time(now):
            for _index in range(20):
                Attempt._record("label_code", "192.0.2.1")
            self.assertTrue(Attempt._is_blocked("label_code", "192.0.2.1"))
            self.assertFalse(Attempt._is_blocked("label_code", "192.0.2.2"))
            self.assertFalse(Attempt._is_blocked("label_request", "192.0.2.1"))
        self.assertEqual(len(Attempt.search([])), 1)
        self.assertNotIn("192.0.2", str(Attempt.search([]).read()))
        with freeze_time(now + timedelta(minutes=12)):
            self.assertFalse(Attempt._is_blocked("label_code", "192.0.2.1"))
        with freeze_time(now + timedelta(days=2)):
            Attempt._gc_attempts()
        self.env.invalidate_all()
        self.assertFalse(Attempt.search([]))

    def test_counters_are_nobodys_business(self):
        for user in (self.farmer_user, self.employee, self.agent):
            with self.assertRaises(AccessError):
                self.env["aftersales.attempt"].with_user(user).search([])
