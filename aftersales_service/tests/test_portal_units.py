from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .portal_common import PortalCommon


@tagged("post_install", "-at_install")
class TestPortalUnits(PortalCommon):
    """Customers see their units, dealers also those they sold (R13)."""

    def setUp(self):
        super().setUp()
        self.unit = self._sold_unit("OWN-0001")
        self.foreign = self._sold_unit("FOREIGN-0002", partner=self.other_farmer)
        self.stocked = self._sold_unit("DEALER-0003", partner=self.dealer)

    def _resale(self, **values):
        return self._post(
            f"/my/units/{self.stocked.id}/resale",
            {"name": "Farmer Sun", "phone": "+86 137 0000 0001", **values},
        )

    # ------------------------------------------------------------
    # SEEING
    # ------------------------------------------------------------

    def test_customer_sees_his_units_alone(self):
        self._login("farmer")
        page = self._text(self._get("/my/units"))
        self.assertIn("OWN-0001", page)
        self.assertNotIn("FOREIGN-0002", page)
        self.assertIn(
            self.unit.name, self._text(self._get(f"/my/units/{self.unit.id}"))
        )

    def test_list_searches_sorts_and_filters(self):
        second = self._sold_unit("OWN-0009")
        self._login("farmer")
        page = self._text(self._get("/my/units?search=OWN-0009"))
        self.assertIn(second.name, page)
        self.assertNotIn(self.unit.name, page)
        page = self._text(self._get(f"/my/units?search={self.unit.name}&sortby=serial"))
        self.assertIn("OWN-0001", page)
        page = self._text(self._get("/my/units?filterby=in_use&sortby=product"))
        self.assertIn(second.name, page)
        page = self._text(self._get("/my/units?search=FOREIGN&filterby=x&sortby=y"))
        self.assertIn("No unit fits your search", page)

    def test_changed_number_in_the_address_leads_home(self):
        self._login("farmer")
        missing = self.foreign.id + 100000
        for number in (self.foreign.id, missing):
            self._assert_home(self._get(f"/my/units/{number}"))
            self._assert_home(self._get(f"/my/units/{number}?report_type=html"))
            self._assert_home(self._post(f"/my/units/{number}/resale", {"name": "A"}))
        self.assertFalse(self.foreign.dealer_id)

    def test_link_with_token_opens_one_unit_without_login(self):
        self.authenticate(None, None)
        token = self.unit._portal_ensure_token()
        self._ticket(equipment_id=self.unit.id, symptom="Private story")
        page = self._get(f"/my/units/{self.unit.id}?access_token={token}")
        self.assertIn("OWN-0001", self._text(page))
        self.assertNotIn("Private story", page.text)
        paper = self._get(
            f"/my/units/{self.unit.id}?access_token={token}&report_type=html"
        )
        self.assertIn("OWN-0001", paper.text)
        self.assertNotIn("Private story", paper.text)
        for wrong in ("", "x", self.foreign._portal_ensure_token()):
            answer = self._get(
                f"/my/units/{self.unit.id}?access_token={wrong}", allow_redirects=False
            )
            self.assertIn(answer.status_code, (302, 303))
            self.assertNotIn("OWN-0001", answer.text)

    def test_internal_fields_stay_inside(self):
        """Proves: what the page does not show is not read over RPC either."""
        self.unit.sudo().write({"note": "Pays late", "proof": "Seen at the fair"})
        unit = self.unit.with_user(self.farmer_user)
        for field in ("note", "proof", "public_code", "partner_phone"):
            with self.assertRaises(AccessError):
                unit.read([field])
        self.assertTrue(unit.read(["serial"]))
        with self.assertRaises(AccessError):
            unit.write({"serial": "X"})

    def test_employee_without_after_sales_finds_no_page(self):
        self.authenticate("employee", "employee")
        for url in ("/my/units", "/my/units/register", "/my/tickets/new"):
            self._assert_home(self._get(url))

    def test_home_counts_units_and_tickets(self):
        self._ticket(equipment_id=self.unit.id)
        self._login("farmer")
        counts = self.make_jsonrpc_request(
            "/my/counters",
            {"counters": ["aftersales_unit_count", "aftersales_ticket_count"]},
        )
        self.assertEqual(counts["aftersales_unit_count"], 1)
        self.assertEqual(counts["aftersales_ticket_count"], 1)
        self.assertIn("/my/units", self._get("/my").text)

    # ------------------------------------------------------------
    # VOUCHER
    # ------------------------------------------------------------

    def test_customer_prints_his_voucher(self):
        self._ticket(equipment_id=self.unit.id, symptom="Feeder blocked")
        self._login("farmer")
        paper = self._get(f"/my/units/{self.unit.id}?report_type=html").text
        for text in (
            self.unit.name,
            "OWN-0001",
            "Farmer Wang",
            self.unit.order_ref,
            "Feeder blocked",
            "data:image/png;base64,",
        ):
            self.assertIn(text, paper)

    def test_dealer_prints_no_foreign_history(self):
        self._login("dealer")
        self._resale()
        self._ticket(
            equipment_id=self.stocked.id,
            symptom="Private story",
            partner_id=self.stocked.partner_id.id,
        )
        paper = self._get(f"/my/units/{self.stocked.id}?report_type=html").text
        self.assertIn("DEALER-0003", paper)
        self.assertNotIn("Private story", paper)

    def test_technician_prints_the_whole_history(self):
        self._ticket(equipment_id=self.unit.id, symptom="Feeder blocked")
        report = self.env["ir.actions.report"].with_user(self.technician)
        paper, _kind = report._render_qweb_html(
            "aftersales_service.report_aftersales_equipment", self.unit.ids
        )
        self.assertIn(b"Feeder blocked", paper)

    def test_voucher_speaks_the_holders_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.farmer.lang = "fr_FR"
        self.assertEqual(self.unit.with_user(self.agent)._get_voucher_lang(), "fr_FR")
        reader = self.unit.with_user(self.dealer_user).with_context(lang="en_US")
        self.assertEqual(reader._get_voucher_lang(), "en_US")

    # ------------------------------------------------------------
    # RESALE
    # ------------------------------------------------------------

    def test_dealer_registers_the_resale(self):
        self._login("dealer")
        self.assertIn("Register Resale", self._get(f"/my/units/{self.stocked.id}").text)
        page = self._resale(city="Yancheng", street="Village 12")
        self.assertIn("The resale is registered", self._text(page))
        holder = self.stocked.partner_id
        self.assertEqual(
            (holder.name, holder.phone, holder.city),
            ("Farmer Sun", "+86 137 0000 0001", "Yancheng"),
        )
        self.assertEqual(holder.create_uid, self.dealer_user)
        self.assertEqual(self.stocked.dealer_id, self.dealer)
        self.assertEqual(
            self.stocked.registration_date, fields.Date.context_today(self.stocked)
        )
        self.assertIn("Farmer Sun", self._text(self._get("/my/units?filterby=resold")))
        self.assertNotIn(
            "DEALER-0003", self._text(self._get("/my/units?filterby=held"))
        )

    def test_resale_happens_once(self):
        self._login("dealer")
        self._resale()
        page = self._resale(name="Somebody Else")
        self.assertIn("registered already", self._text(page))
        self.assertEqual(self.stocked.partner_id.name, "Farmer Sun")

    def test_only_the_dealer_who_holds_it_resells(self):
        self._login("farmer")
        page = self._post(
            f"/my/units/{self.unit.id}/resale", {"name": "Me", "phone": "12345678"}
        )
        self.assertIn("registered already", self._text(page))
        self.assertEqual(self.unit.partner_id, self.farmer)
        with self.assertRaises(AccessError):
            self.stocked.with_user(self.farmer_user)._portal_register_resale(
                {"name": "Me"}
            )
        with self.assertRaises(AccessError):
            self.stocked.with_user(self.dealer_user).action_register_resale(
                self.farmer.id
            )

    def test_resale_neither_reveals_nor_changes_a_known_contact(self):
        """Proves: the email of a customer of ours gives a dealer nothing."""
        before = self.farmer.read(["name", "phone", "email", "street"])
        self._login("dealer")
        page = self._resale(name="Farmer Wang", email="W@example.com", phone="000")
        self.assertNotIn("138 0013", page.text)
        holder = self.stocked.partner_id
        self.assertNotEqual(holder, self.farmer)
        self.assertEqual(holder.phone, "000")
        self.assertEqual(self.farmer.read(["name", "phone", "email", "street"]), before)
        # The desk hears of it, the dealer does not.
        note = self.stocked.message_ids.filtered(
            lambda message: "Farmer Wang" in (message.body or "")
        )
        self.assertTrue(note)
        self.assertTrue(note.subtype_id.internal)

    def test_dealers_own_customer_buys_again(self):
        second = self._sold_unit("DEALER-0004", partner=self.dealer)
        self._login("dealer")
        self._resale(email="sun@example.com")
        self._post(
            f"/my/units/{second.id}/resale",
            {"name": "farmer  SUN", "email": "Sun@example.com"},
        )
        self.assertEqual(second.partner_id, self.stocked.partner_id)
        self.assertEqual(second.partner_id.name, "Farmer Sun")

    def test_resale_says_what_is_missing_and_keeps_the_rest(self):
        self._login("dealer")
        page = self._resale(name="", phone="", street="Village 12", date="2999-01-01")
        text = self._text(page)
        self.assertIn("Enter the name", text)
        self.assertIn("Enter a phone number or an email", text)
        self.assertIn("lies in the future", text)
        self.assertEqual(self._value(page, "street"), "Village 12")
        page = self._resale(date="yesterday")
        self.assertIn("as a date", self._text(page))
        before = self.stocked.delivery_date - timedelta(days=3)
        page = self._resale(date=fields.Date.to_string(before))
        self.assertIn("cannot lie before the delivery", self._text(page))
        self.env.invalidate_all()
        self.assertEqual(self.stocked.partner_id, self.dealer)
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Farmer Sun")]))

    def test_resale_of_a_closed_unit_is_refused(self):
        self.stocked.with_user(self.supervisor).action_scrap("Burnt")
        with self.assertRaises(UserError):
            self.stocked.with_user(self.dealer_user)._portal_register_resale(
                {"name": "Me", "phone": "1"}
            )

    @mute_logger("odoo.http")
    def test_post_without_csrf_token_is_refused(self):
        self._login("dealer")
        for url in (
            f"/my/units/{self.stocked.id}/resale",
            "/my/units/register",
            "/my/tickets/new",
        ):
            answer = self._post(
                url, {"name": "A", "serial": "B", "symptom": "C"}, csrf=False
            )
            self.assertEqual(answer.status_code, 400, url)
        self.assertEqual(self.stocked.partner_id, self.dealer)
        self.assertFalse(
            self.env["aftersales.registration"].search([("serial", "=", "B")])
        )
