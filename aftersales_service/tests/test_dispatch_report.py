import base64

from freezegun import freeze_time
from lxml import html

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .clock_common import local
from .dispatch_common import DispatchCommon

TODAY = local("2026-06-02 09:00")
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestDispatchReport(DispatchCommon):
    """Dispatch order and service receipt on paper, in two languages (R22, R25)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")

    def _print(self, name, visits, user=None):
        report = self.env["ir.actions.report"].with_user(user or self.agent)
        body = report._render_qweb_html(
            f"aftersales_service.report_aftersales_dispatch_{name}", visits.ids
        )[0]
        return " ".join(html.fromstring(body).text_content().split())

    def test_dispatch_order(self):
        """What to take along, and where to go; in the language of the reader."""
        visit = self._assigned(start=local("2026-06-03 09:00"))
        visit.item_ids = [
            Command.create({"product_id": self.oil.id, "quantity": 2}),
            Command.create({"name": "Crane", "kind": "tool"}),
        ]
        text = self._print("order", visit)
        for word in ("Dispatch Order", visit.name, "Chen Gang", "Farmer Wang", "Crane"):
            self.assertIn(word, text)
        self.assertIn("Oil – missing", text)
        own = self._print("order", visit, self.technician)
        self.assertIn(visit.name, own)
        other = self._assigned(self.zhou, start=local("2026-06-03 09:00"))
        with self.assertRaises(AccessError):
            self._print("order", other, self.technician)

    def test_service_receipt(self):
        """Times, work, opinion and signature; in the customer's language (R25)."""
        visit = self._assigned(start=TODAY)
        with self.assertRaisesRegex(UserError, "somebody has been"):
            self._print("receipt", visit)
        visit.action_arrive()
        visit.write(
            {
                "work_done": "Belt replaced",
                "customer_opinion": "Very quick",
                "signature": base64.b64decode(PIXEL) and PIXEL,
                "signed_by": "Wang",
            }
        )
        line = self.env["aftersales.ticket.line"].create(
            {
                "ticket_id": visit.ticket_id.id,
                "dispatch_id": visit.id,
                "kind": "part",
                "product_id": self.oil.id,
                "quantity": 2,
                "state": "used",
            }
        )
        text = self._print("receipt", visit, self.technician)
        for word in ("Service Receipt", "Belt replaced", "Very quick", "Wang", "Oil"):
            self.assertIn(word, text)
        self.assertIn("09:00", text, "in the customer's time zone")
        self.assertEqual(visit._get_receipt_lines(), line)
        self.assertFalse(visit._get_card_url())

    def test_receipt_in_the_customers_language(self):
        self.farmer.lang = "zh_CN"
        visit = self._assigned(start=TODAY)
        visit.action_arrive()
        self.assertEqual(visit._get_customer_lang(), "zh_CN")
        report = self.env["ir.actions.report"].with_user(self.agent)
        body = report._render_qweb_html(
            "aftersales_service.report_aftersales_dispatch_receipt", visit.ids
        )[0]
        self.assertIn(b'data-oe-lang="zh_CN"', body)
