import base64
import json

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.aftersales_service.tests.portal_common import PNG, SVG, PortalCommon

from .common import QualityCommon

SIGNATURE = base64.b64encode(PNG).decode()


@tagged("post_install", "-at_install")
class TestComplaintPortal(QualityCommon, PortalCommon):
    """The customer complains, follows, and answers to the solution himself (R58)."""

    def _last(self):
        return self.env["aftersales.complaint"].search([], order="id desc", limit=1)

    def _propose(self, complaint):
        """Let a complaint wait for the customer's answer."""
        complaint._by_method().write(
            {
                "state": "proposed",
                "solution": "A new belt, without charge",
                "investigation": "SECRET: welded badly",
                "proposal_date": "2026-06-01 08:00:00",
            }
        )
        self.assertTrue(complaint._can_portal_answer())

    def _agree(self, complaint, token=None, signature=SIGNATURE, name="Wang"):
        url = f"/my/complaints/{complaint.id}/agree"
        response = self.url_open(
            f"{url}?access_token={token}" if token else url,
            data=json.dumps({"params": {"name": name, "signature": signature}}),
            headers={"Content-Type": "application/json"},
        )
        return response.json()["result"]

    def test_journey(self):
        unit = self._sold_unit("OWN-C1")
        foreign = self._sold_unit("FOREIGN-C2", partner=self.other_farmer)
        self._login("farmer")
        self.assertIn(
            f"/my/complaints/new?unit_id={unit.id}",
            self._get(f"/my/units/{unit.id}").text,
        )
        form = self._get(f"/my/complaints/new?unit_id={unit.id}")
        self.assertIn("OWN-C1", form.text)
        self.assertNotIn("FOREIGN-C2", form.text)
        self.assertEqual(self._value(form, "phone"), self.farmer.phone)
        # What is missing is said, what was typed stays.
        about = {"about": f"unit_id-{unit.id}"}
        page = self._post("/my/complaints/new", {**about, "demand": "Money"})
        self.assertIn("not content with", self._text(page))
        self.assertEqual(self._value(page, "demand"), "Money")
        page = self._post(
            "/my/complaints/new", {**about, "description": "x"}, [("a.svg", SVG)]
        )
        self.assertIn("a.svg was not taken", self._text(page))
        page = self._post(
            "/my/complaints/new",
            {**about, "description": "Broken\n<b>again</b>", "demand": "Money"},
            [("belt.png", PNG)],
        )
        complaint = self._last()
        self.assertIn(complaint.name, self._text(page))
        self.assertNotIn("<b>again", page.text)
        self.assertEqual(
            (complaint.channel, complaint.partner_id, complaint.equipment_id),
            ("website", self.farmer, unit),
        )
        self.assertEqual(complaint.create_uid, self.farmer_user)
        self.assertEqual(complaint.demand, "Money")
        self.assertEqual(self._attachments(complaint).name, "belt.png")
        self.assertIn(complaint.name, self._text(self._get("/my/complaints")))
        # Somebody else's unit, complaint and answer lead nowhere.
        self._assert_home(
            self._post(
                "/my/complaints/new",
                {"about": f"unit_id-{foreign.id}", "description": "Mine"},
            )
        )
        self.assertEqual(self._last(), complaint)
        # The solution: nobody answers before it is proposed, nor in words of ours.
        self.assertIn("error", self._agree(complaint))
        complaint._by_method().write({"solution": "DRAFT for us"})
        page = self._get(f"/my/complaints/{complaint.id}")
        self.assertNotIn("DRAFT", page.text)
        self._propose(complaint)
        self.env.flush_all()
        self._login("other")
        self._assert_home(self._get(f"/my/complaints/{complaint.id}"))
        self.assertIn("error", self._agree(complaint))
        self.assertEqual(complaint.state, "proposed")
        self._login("farmer")
        page = self._get(f"/my/complaints/{complaint.id}")
        self.assertIn("A new belt", self._text(page))
        self.assertNotIn("SECRET", page.text)
        # Refused with words, then a new proposal is accepted, once.
        url = f"/my/complaints/{complaint.id}/refuse"
        page = self._post(url, {"reason": " "})
        self.assertIn("not content with", self._text(page))
        page = self._post(url, {"reason": "I want two belts"})
        self.assertIn("look for another one", self._text(page))
        self.assertIn("error", self._agree(complaint))
        self._propose(complaint)
        self.assertIn("sign", self._agree(complaint, signature="bm8=")["error"])
        answer = self._agree(complaint)
        self.assertIn("answered=1", answer["redirect_url"])
        self.assertEqual(
            (complaint.state, complaint.agreement_by, complaint.agreement_kind),
            ("agreed", "Wang", "portal"),
        )
        self.assertEqual(base64.b64decode(complaint.agreement_signature), PNG)
        self.assertIn("no solution waits", self._agree(complaint)["error"])
        self.assertIn("Agreed by Wang", self._text(self._get(answer["redirect_url"])))

    @mute_logger("odoo.http")
    def test_link_of_a_mail_answers_and_nothing_else_does(self):
        complaint = self._complain()
        self._propose(complaint)
        token = complaint._portal_ensure_token()
        self.env.flush_all()
        self.authenticate(None, None)
        self.assertIn("error", self._agree(complaint, token="wrong"))
        refused = self.url_open(
            f"/my/complaints/{complaint.id}/refuse",
            data={"access_token": token, "reason": "No"},
        )
        self.assertEqual(refused.status_code, 400, "Without the form's own mark")
        self.assertIn("redirect_url", self._agree(complaint, token=token))
        self.assertEqual(complaint.state, "agreed")
        said = complaint.message_ids.filtered(lambda m: m.author_id == self.farmer)
        self.assertIn("accepts the solution", said[0].body)

    def test_customers_read_what_is_theirs(self):
        """Over RPC, too: no department, no person, no finding, no foreign complaint."""
        complaint = self._complain()
        other = self._complain(partner_id=self.other_farmer.id)
        seen = complaint.with_user(self.farmer_user)
        self.assertEqual(seen.description, "The belt broke again.")
        for name in ("department_id", "responsible_id", "solution", "owner_id"):
            with self.assertRaises(AccessError):
                seen.read([name])
            with self.assertRaises(AccessError):
                seen.search([(name, "!=", False)])
        with self.assertRaises(AccessError):
            other.with_user(self.farmer_user).read(["name"])
        with self.assertRaises(AccessError):
            seen.write({"description": "x"})
        with self.assertRaises(AccessError):
            self.env["aftersales.complaint"].with_user(self.farmer_user).create({})
