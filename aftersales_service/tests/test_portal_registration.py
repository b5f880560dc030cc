from lxml import html

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..tools import uploads
from .portal_common import EXE, HTML, PDF, PNG, SVG, PortalCommon


@tagged("post_install", "-at_install")
class TestPortalRegistration(PortalCommon):
    """A customer registers his own unit, a person decides (R13, R16)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Registration = cls.env["aftersales.registration"]
        cls.team.supervisor_id = cls.supervisor

    def _send(self, serial="OLD-77", files=None, allow_redirects=True, **values):
        return self._post(
            "/my/units/register",
            {"serial": serial, "invoice_ref": "F-2024-1", **values},
            files=files,
            allow_redirects=allow_redirects,
        )

    def _registration(self, serial="OLD-77", partner=None, **values):
        return self.Registration.create(
            {
                "partner_id": (partner or self.farmer).id,
                "serial": serial,
                "invoice_ref": "F-2024-1",
                "purchase_date": "2024-05-01",
                **values,
            }
        )

    def _mail_to_customer(self, registration):
        return self.env["mail.mail"].search(
            [
                ("model", "=", registration._name),
                ("res_id", "=", registration.id),
                ("recipient_ids", "in", registration.partner_id.ids),
            ]
        )

    # ------------------------------------------------------------
    # SENDING
    # ------------------------------------------------------------

    def test_customer_sends_a_registration(self):
        self._login("farmer")
        page = self._send(
            " OLD  77 ",
            files=[("plate.png", PNG), ("invoice.pdf", PDF)],
            product_text="Old harvester",
            purchase_date="2024-05-01",
            note="Bought at the fair",
        )
        self.assertIn("We check your registration", self._text(page))
        registration = self.Registration.search([("partner_id", "=", self.farmer.id)])
        self.assertEqual(registration.state, "pending")
        self.assertEqual(registration.serial, "OLD 77")
        self.assertEqual(registration.create_uid, self.farmer_user)
        self.assertEqual(registration.company_id, self.company)
        self.assertEqual(
            sorted(self._attachments(registration).mapped("name")),
            ["invoice.pdf", "plate.png"],
        )
        activity = registration.activity_ids
        self.assertEqual(activity.user_id, self.supervisor)
        self.assertIn("OLD 77", self._text(self._get("/my/units")))
        self._login("other")
        self.assertNotIn("OLD 77", self._text(self._get("/my/units")))

    def test_no_supervisor_no_activity(self):
        self.team.supervisor_id = False
        self.assertFalse(self._registration().activity_ids)

    def test_the_answer_does_not_tell_whether_a_serial_exists(self):
        """Proves: known, unknown, own and foreign numbers get the very same answer."""
        self._sold_unit("KNOWN-0001", partner=self.other_farmer)
        self._sold_unit("KNOWN-0002")
        self._login("farmer")
        answers = set()
        for serial in ("KNOWN-0001", "KNOWN-0002", "UNKNOWN-01", "known-0001 "):
            answer = self._send(serial, allow_redirects=False)
            page = self._get(answer.headers["Location"])
            alerts = html.fromstring(page.text).xpath("//*[@role='alert']")
            badge = html.fromstring(page.text).xpath(
                "//li[contains(., $s)]", s=serial.strip()
            )
            answers.add(
                (
                    answer.status_code,
                    answer.headers["Location"],
                    answer.text.replace(serial, ""),
                    "".join(alert.text_content() for alert in alerts),
                    badge[0].xpath("string(.//span[last()])"),
                )
            )
            self.Registration.search([]).unlink()
        self.assertEqual(len(answers), 1)

    def test_matches_are_not_readable_by_the_customer(self):
        self._sold_unit("KNOWN-0001", partner=self.other_farmer)
        registration = self._registration("KNOWN-0001")
        claim = registration.with_user(self.farmer_user)
        self.assertEqual(claim.read(["serial"])[0]["serial"], "KNOWN-0001")
        for field in ("match_ids", "decided_by_id"):
            with self.assertRaises(AccessError):
                claim.read([field])
        with self.assertRaises(AccessError):
            registration.with_user(self.other_user).read(["serial"])
        self.assertTrue(registration.with_user(self.agent).match_ids)

    def test_hostile_files_are_refused_and_the_text_stays(self):
        self._login("farmer")
        for name, content in (
            ("picture.svg", SVG),
            ("picture.png", HTML),
            ("setup.exe", EXE),
            ("large.png", PNG + b"\0" * (10 * 1024 * 1024)),
        ):
            page = self._send(files=[(name, content)], note="My remark & more")
            self.assertIn(f"{name} was not taken", self._text(page))
            self.assertEqual(self._value(page, "serial"), "OLD-77")
            self.assertEqual(self._value(page, "note"), "My remark & more")
        page = self._send(
            files=[(f"{index}.png", PNG) for index in range(uploads.MAX_FILES + 1)]
        )
        self.assertIn("more than 5 files", self._text(page))
        self.assertFalse(self.Registration.search([("serial", "=", "OLD-77")]))

    def test_form_says_what_is_missing(self):
        self._login("farmer")
        page = self._send("  ", purchase_date="2999-01-01", note="Stays")
        self.assertIn("Enter the serial number", self._text(page))
        self.assertIn("lies in the future", self._text(page))
        self.assertEqual(self._value(page, "note"), "Stays")
        page = self._send(purchase_date="soon")
        self.assertIn("as a date", self._text(page))
        self.assertFalse(self.Registration.search([("serial", "=", "OLD-77")]))

    def test_sent_twice_waits_once(self):
        self._login("farmer")
        self._send()
        self._send("old-77", note="Here is the plate", files=[("plate.png", PNG)])
        registration = self.Registration.search([("partner_id", "=", self.farmer.id)])
        self.assertEqual(len(registration), 1)
        self.assertEqual(self._attachments(registration).name, "plate.png")
        self.assertIn("Here is the plate", str(registration.message_ids.mapped("body")))

    def test_registrations_are_limited_per_user(self):
        self._login("farmer")
        for index in range(10):
            self.assertEqual(self._send(f"OLD-{index}").status_code, 200)
        page = self._send("OLD-10", note="Stays")
        self.assertEqual(page.status_code, 429)
        self.assertIn("too often", self._text(page))
        self.assertEqual(self._value(page, "note"), "Stays")
        self._login("other")
        self.assertEqual(self._send("OLD-10").status_code, 200)

    def test_typed_text_is_text(self):
        self._login("farmer")
        page = self._send("<img src=x onerror=alert(1)>")
        self.assertNotIn("<img src=x", page.text)
        self.assertIn("&lt;img src=x", page.text)

    # ------------------------------------------------------------
    # DECIDING
    # ------------------------------------------------------------

    def test_unknown_serial_makes_a_voucher_with_proof(self):
        registration = self._registration().with_user(self.agent)
        with self.assertRaisesRegex(UserError, "Choose the product"):
            registration.action_confirm()
        registration.product_id = self.harvester
        registration.action_confirm()
        unit = registration.equipment_id
        self.assertEqual(registration.state, "confirmed")
        self.assertEqual(registration.decided_by_id, self.agent)
        self.assertEqual(
            (unit.source, unit.serial, unit.partner_id, unit.product_id),
            ("customer", "OLD-77", self.farmer, self.harvester),
        )
        self.assertEqual(unit.delivery_date, fields.Date.to_date("2024-05-01"))
        self.assertEqual(unit.sudo().lot_id.name, "OLD-77")
        self.assertIn("F-2024-1", unit.proof)
        self.assertTrue(unit.proof_accepted)

    def test_unit_of_a_dealer_goes_to_the_customer(self):
        unit = self._sold_unit("WH-0001", partner=self.dealer)
        registration = self._registration(" wh-0001", purchase_date=False)
        registration = registration.with_user(self.agent)
        self.assertEqual(registration.match_ids, unit)
        registration.action_confirm()
        self.assertEqual(registration.equipment_id, unit)
        self.assertEqual(unit.partner_id, self.farmer)
        self.assertEqual(unit.dealer_id, self.dealer)
        self.assertTrue(unit.registration_date)

    def test_unit_of_the_customer_himself_is_linked(self):
        unit = self._sold_unit("WH-0002")
        unit.active = False
        registration = self._registration("WH-0002").with_user(self.agent)
        registration.action_confirm()
        self.assertEqual(registration.equipment_id, unit)
        self.assertFalse(unit.registration_date)
        self.assertFalse(unit.dealer_id)
        self.assertTrue(unit.active)

    def test_unit_of_another_customer_is_not_taken(self):
        unit = self._sold_unit("WH-0003", partner=self.other_farmer)
        registration = self._registration("WH-0003").with_user(self.agent)
        with self.assertRaisesRegex(UserError, "Farmer Li.*enter the new holder"):
            registration.action_confirm()
        self.assertEqual(registration.state, "pending")
        self.assertEqual(unit.partner_id, self.other_farmer)
        # The way out that the message names.
        unit.with_user(self.agent).partner_id = self.farmer
        registration.action_confirm()
        self.assertEqual(registration.equipment_id, unit)

    def test_unit_of_nobody_gets_its_holder(self):
        unit = self._sold_unit("WH-0004")
        unit.partner_id = False
        registration = self._registration("WH-0004", purchase_date=False)
        registration.with_user(self.agent).action_confirm()
        self.assertEqual(unit.partner_id, self.farmer)

    def test_same_serial_of_two_products_needs_a_choice(self):
        other = self.env["product.product"].create(
            {"name": "Tractor", "type": "consu", "tracking": "serial"}
        )
        first = self._sold_unit("TWIN-1")
        second = self.env["aftersales.equipment"].create(
            {"product_id": other.id, "serial": "TWIN-1", "partner_id": self.farmer.id}
        )
        registration = self._registration("TWIN-1").with_user(self.agent)
        self.assertEqual(registration.match_ids, first | second)
        with self.assertRaisesRegex(UserError, "choose the product"):
            registration.action_confirm()
        registration.product_id = other
        registration.action_confirm()
        self.assertEqual(registration.equipment_id, second)

    def test_wildcards_of_a_search_are_no_wildcards(self):
        self._sold_unit("WH-0005", partner=self.dealer)
        registration = self._registration("WH-000%").with_user(self.agent)
        self.assertFalse(registration.match_ids)

    def test_two_claims_of_one_unknown_serial(self):
        first = self._registration(product_id=self.harvester.id)
        second = self._registration(
            partner=self.other_farmer, product_id=self.harvester.id
        )
        with self.assertRaisesRegex(UserError, "registered to Farmer Wang"):
            (first | second).with_user(self.agent).action_confirm()

    def test_employee_registers_for_his_company(self):
        company = self.env["res.partner"].create(
            {"name": "Farm Ltd", "is_company": True}
        )
        driver = company.create({"name": "Driver", "parent_id": company.id})
        registration = self._registration(partner=driver, product_id=self.harvester.id)
        registration.with_user(self.agent).action_confirm()
        self.assertEqual(registration.equipment_id.partner_id, company)

    def test_customer_is_told_by_the_queue(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        registration = self._registration(product_id=self.harvester.id)
        registration.with_user(self.agent).action_confirm()
        mail = self._mail_to_customer(registration)
        self.assertEqual(mail.state, "outgoing")
        self.assertIn(registration.equipment_id.name, mail.body_html)
        self.assertFalse(registration.activity_ids)
        refused = self._registration("OLD-78")
        with self.assertRaisesRegex(UserError, "Say why"):
            refused.with_user(self.agent).action_refuse(" ")
        refuse = self.env["aftersales.registration.refuse"].with_user(self.agent)
        refuse = refuse.with_context(active_ids=refused.ids)
        refuse.create({"reason": "The plate cannot be read"}).action_apply()
        self.assertEqual(refused.state, "refused")
        mail = self._mail_to_customer(refused)
        self.assertIn("The plate cannot be read", mail.body_html)
        self._login("farmer")
        page = self._text(self._get("/my/units"))
        self.assertIn("The plate cannot be read", page)
        self.assertIn(registration.equipment_id.name, page)

    def test_decided_stays_decided(self):
        registration = self._registration().with_user(self.agent)
        registration.action_refuse("No proof")
        with self.assertRaisesRegex(UserError, "Refused"):
            registration.action_confirm()
        with self.assertRaises(UserError):
            registration.action_refuse("Again")
        with self.assertRaises(UserError):
            registration.serial = "OTHER"
        with self.assertRaises(UserError):
            registration.with_user(self.manager).unlink()

    def test_only_the_desk_decides(self):
        registration = self._registration()
        for user in (self.farmer_user, self.technician, self.employee):
            with self.assertRaises(AccessError):
                registration.with_user(user).action_confirm()
        for user in (self.farmer_user, self.agent):
            with self.assertRaises(UserError):
                registration.with_user(user).write({"state": "confirmed"})
        with self.assertRaises(UserError):
            self.Registration.with_user(self.agent).create(
                {
                    "partner_id": self.farmer.id,
                    "serial": "X",
                    "state": "confirmed",
                }
            )

    def test_claims_are_checked(self):
        with self.assertRaises(ValidationError):
            self._registration(purchase_date="2999-01-01")
        with self.assertRaises(ValidationError):
            self._registration("   ")

    def test_other_companies_are_not_seen(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        registration = self.Registration.create(
            {
                "partner_id": self.farmer.id,
                "serial": "OLD-77",
                "company_id": elsewhere.id,
            }
        )
        self.assertFalse(
            self.Registration.with_user(self.agent).search(
                [("id", "=", registration.id)]
            )
        )
        self._sold_unit("OLD-77")
        self.assertFalse(registration.sudo().match_ids)

    @mute_logger("odoo.http")
    def test_registration_without_csrf_token(self):
        self._login("farmer")
        answer = self._post("/my/units/register", {"serial": "A"}, csrf=False)
        self.assertEqual(answer.status_code, 400)
