from datetime import timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from .portal_common import PortalCommon
from .warranty_common import WarrantyCommon


@tagged("post_install", "-at_install")
class TestPortalWarranty(WarrantyCommon, PortalCommon):
    """The customer sees what his units are promised, and nobody else's (R14, R20)."""

    def setUp(self):
        super().setUp()
        (self.farmer | self.other_farmer).lang = "en_US"
        self.unit = self._sold_unit("OWN-0001")
        self.foreign = self._sold_unit("FOREIGN-0002", partner=self.other_farmer)

    def _certificate(self, unit, query=""):
        with mute_logger("odoo.addons.base.models.ir_actions_report"):
            return self._get(f"/my/units/{unit.id}/certificate{query}")

    def _shift(self, unit, days):
        """Let the unit be delivered so many days ago."""
        day = fields.Date.context_today(unit) - timedelta(days=days)
        unit.sudo().delivery_date = day

    # ------------------------------------------------------------
    # UNIT
    # ------------------------------------------------------------

    def test_unit_page_shows_every_promise_with_the_days_left(self):
        self._login("farmer")
        text = self._text(self._get(f"/my/units/{self.unit.id}"))
        left = (self.unit.warranty_end - fields.Date.context_today(self.unit)).days + 1
        for shown in (
            "Under Warranty",
            "Whole Machine · Warranty",
            "Labour · Parts · Travel",
            f"{left} days left",
            "Engine Block",
            "Wear Parts Not covered",
            "Warranty Certificate",
        ):
            self.assertIn(shown, text)

    def test_unit_page_says_what_has_expired(self):
        self._shift(self.unit, 400)
        self._login("farmer")
        text = self._text(self._get(f"/my/units/{self.unit.id}"))
        self.assertIn("Expired", text)
        self.assertNotIn("Under Warranty", text)

    def test_list_shows_end_and_state_of_the_warranty(self):
        self._shift(self.unit, 300)
        self._login("farmer")
        text = self._text(self._get("/my/units"))
        self.assertIn("Expiring", text)
        day = self.unit.warranty_end.strftime("%m/%d/%Y")
        self.assertIn(day, text)
        self.assertNotIn("FOREIGN-0002", text)

    def test_clearance_goods_promise_nothing(self):
        self.unit.sudo().clearance = True
        self._login("farmer")
        page = self._get(f"/my/units/{self.unit.id}")
        self.assertNotIn("Under Warranty", self._text(page))
        self.assertNotIn("/certificate", page.text)

    # ------------------------------------------------------------
    # CERTIFICATE
    # ------------------------------------------------------------

    def test_certificate_of_an_own_unit_alone(self):
        self._login("farmer")
        answer = self._certificate(self.unit)
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        self.assertIn("Warranty_Certificate", answer.headers["Content-Disposition"])
        for number in (self.foreign.id, self.foreign.id + 100000):
            self._assert_home(self._get(f"/my/units/{number}/certificate"))

    def test_report_address_gives_customers_no_paper(self):
        """Proves: a report's own address, which takes any number, is for staff alone.

        Customers print from the page of their unit.
        """
        addresses = (
            ("certificate", self.unit.id),
            ("certificate", self.foreign.id),
            ("equipment", self.unit.id),
            ("equipment", self.foreign.id),
            ("certificate_picking", self.foreign.picking_id.id),
        )
        for login in ("farmer", "agent"):
            self._login(login)
            for name, number in addresses:
                # The desk reads units, and no transfers.
                told = login == "agent" and name != "certificate_picking"
                url = (
                    f"/report/html/aftersales_service.report_aftersales_{name}/{number}"
                )
                serial = "OWN-0001" if number == self.unit.id else "FOREIGN-0002"
                with self.subTest(name, login=login), mute_logger("odoo.http"):
                    self.assertEqual(serial in self._get(url).text, told)

    def test_link_of_the_holder_opens_the_certificate(self):
        token = self.unit._portal_ensure_token()
        self.authenticate(None, None)
        answer = self._certificate(self.unit, f"?access_token={token}")
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        answer = self._certificate(self.foreign, f"?access_token={token}")
        self.assertNotEqual(answer.headers["Content-Type"], "application/pdf")

    def test_unit_without_warranty_has_no_certificate(self):
        self.harvester.aftersales_policy_id = False
        bare = self._sold_unit("OWN-0003")
        self._login("farmer")
        answer = self._certificate(bare)
        self.assertIn(f"/my/units/{bare.id}", answer.url)
        self.assertNotIn("certificate", answer.url)

    # ------------------------------------------------------------
    # CONTRACTS
    # ------------------------------------------------------------

    def test_contract_is_shown_to_its_customer_and_not_to_the_dealer(self):
        unit = self._sold_unit("DEALER-0003", partner=self.dealer)
        unit.action_register_resale(self.farmer.id)
        today = fields.Date.context_today(unit)
        contract = self.env["aftersales.contract"].create(
            {
                "partner_id": self.farmer.id,
                "date_start": today,
                "date_end": today + timedelta(days=300),
                "visits_included": 4,
                "equipment_ids": unit.ids,
            }
        )
        contract._by_method().write({"state": "active", "visits_used": 1})
        url = f"/my/units/{unit.id}"
        self._login("farmer")
        text = self._text(self._get(url))
        self.assertIn(contract.name, text)
        self.assertIn("3 visits left", text)
        self._login("dealer")
        text = self._text(self._get(url))
        self.assertIn("DEALER-0003", text)
        self.assertNotIn(contract.name, text)

    # ------------------------------------------------------------
    # LABEL
    # ------------------------------------------------------------

    def test_label_says_until_when_and_nothing_more(self):
        url = f"/aftersales/unit/{self.unit.public_code}"
        self.authenticate(None, None)
        page = self._get(url)
        self.assertIn(
            f"Under warranty until {self.unit.warranty_end.strftime('%m/%d/%Y')}",
            self._text(page),
        )
        for hidden in ("Farmer Wang", "OWN-0001", "Whole Machine", "Engine Block"):
            self.assertNotIn(hidden, page.text)
        self._shift(self.unit, 400)
        self.assertNotIn("Under warranty", self._text(self._get(url)))

    def test_label_of_a_closed_unit_promises_nothing(self):
        self.unit.with_user(self.supervisor).action_scrap("Burnt")
        self.assertFalse(self.unit._get_public_values()["warranty_until"])

    # ------------------------------------------------------------
    # ORDER
    # ------------------------------------------------------------

    def test_order_page_shows_the_warranty_of_its_units(self):
        order = self.unit.sale_order_id
        self._login("farmer")
        page = self._get(order.get_portal_url())
        self.assertIn("OWN-0001", self._text(page))
        self.assertIn(f"/my/units/{self.unit.id}", page.text)
        # Who only has a link sees the warranty, but no way to the unit.
        self.authenticate(None, None)
        page = self._get(order.get_portal_url())
        self.assertIn("OWN-0001", self._text(page))
        self.assertNotIn(f"/my/units/{self.unit.id}", page.text)

    def test_order_without_units_is_asked_nothing(self):
        order = self._sell((self.oil, 1))
        order.order_line.mapped("aftersales_has_units")
        with self.assertQueryCount(0):
            self.assertEqual(order._get_aftersales_warranties(self.env.user), ([], 0))
