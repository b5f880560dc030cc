from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.aftersales_service.tests.portal_common import PNG, PortalCommon

from .common import PartsCommon


@tagged("post_install", "-at_install")
class TestPortalReturns(PartsCommon, PortalCommon):
    """Proves R48, R49 on the portal: own goods, no more of them, nobody else's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._stock(cls, cls.oil, 100)
        cls.reason = cls.env["aftersales.return.reason"].create(
            {"name": "Broken", "remedy": "refund", "fault_required": True}
        )

    def _key(self, move, lot=None, unit=None):
        return f"quantity_{move.id}-{lot.id if lot else 0}-{unit.id if unit else 0}"

    def _request(self, data, **kwargs):
        return self._post(
            "/my/returns/new", {"reason_id": self.reason.id, **data}, **kwargs
        )

    def _returns(self, partner):
        return self.env["aftersales.return"].search([("partner_id", "=", partner.id)])

    def test_journey(self):
        order = self._sold(quantity=5)
        move = order.picking_ids.move_ids
        self._login("farmer")
        self.assertIn(
            f"/my/returns/new?order_id={order.id}",
            self._get(f"/my/orders/{order.id}").text,
        )
        page = self._get(f"/my/returns/new?order_id={order.id}")
        self.assertIn("at most 5", self._text(page))
        # Without the fault, and with too much: what was typed stays.
        key = self._key(move)
        page = self._request({key: "2", "order_id": order.id})
        self.assertIn("what is wrong", self._text(page))
        self.assertEqual(self._value(page, key), "2")
        page = self._request({key: "6", "note": "Leaks"})
        self.assertIn("at most 5", self._text(page))
        self.assertFalse(self._returns(self.farmer))
        page = self._request(
            {key: "2", "note": "Leaks", "phone": "123", "remedy": "exchange"},
            files=[("photo.png", PNG)],
        )
        rma = self._returns(self.farmer)
        self.assertIn(rma.name, self._text(page))
        self.assertIn("Please do not send anything yet", self._text(page))
        line = rma.line_ids
        self.assertEqual(
            (line.move_id, line.quantity, line.remedy, line.note, rma.partner_phone),
            (move, 2, "exchange", "Leaks", "123"),
        )
        self.assertEqual(rma.create_uid, self.farmer_user)
        self.assertFalse(rma.user_id)
        self.assertEqual(len(self._attachments(rma)), 1)
        self.assertIn(rma.name, self._text(self._get("/my/returns")))
        url = f"/my/returns/{rma.id}"
        # No label before it is authorised.
        self.assertIn(
            "text/html", self._get(f"{url}?report_type=pdf").headers["Content-Type"]
        )
        rma.action_authorise()
        self.assertIn("by courier", self._text(self._get(url)))
        Report = type(self.env["ir.actions.report"])
        with patch.object(Report, "_run_wkhtmltopdf", return_value=b"%PDF-1.4"):
            label = self._get(f"{url}?report_type=pdf")
        self.assertEqual(label.headers["Content-Type"], "application/pdf")
        page = self._post(f"{url}/cancel")
        self.assertIn("authorised already", self._text(page))
        self.assertEqual(rma.state, "authorised")

    def test_nobody_elses(self):
        order = self._sold(quantity=5)
        move = order.picking_ids.move_ids
        rma = self._rma((move, 1, {"remedy": "refund"}))
        unit = self._sold_unit("S-1")
        self._login("other")
        for url in (
            f"/my/returns/{rma.id}",
            f"/my/returns/{rma.id}?report_type=pdf",
            f"/my/returns/new?order_id={order.id}",
            f"/my/returns/new?unit_id={unit.id}",
            "/my/returns/new?order_id=x",
            "/my/returns/99999999",
        ):
            with self.subTest(url=url):
                self._assert_home(self._get(url))
        page = self._request({self._key(move): "1", "note": "Mine"})
        self.assertIn("not yours to return", self._text(page))
        self.assertFalse(self._returns(self.other_farmer))
        self._assert_home(self._post(f"/my/returns/{rma.id}/cancel"))
        self.assertEqual(rma.state, "draft")
        self.assertNotIn(rma.name, self._text(self._get("/my/returns")))

    def test_withdrawn_by_the_link_of_the_mail(self):
        order = self._sold(quantity=5)
        rma = self._rma((order.picking_ids.move_ids, 1, {"remedy": "refund"}))
        token = rma._portal_ensure_token()
        self.env.flush_all()
        self.authenticate(None, None)
        page = self._get(f"/my/returns/{rma.id}?access_token={token}")
        self.assertIn("Leaks", self._text(page))
        url = f"/my/returns/{rma.id}/cancel"
        self.assertEqual(self._post(url, {"a": "b"}, csrf=False).status_code, 400)
        self._assert_or_login(self._post(url, {"access_token": "wrong"}), rma)
        self._post(url, {"access_token": token})
        self.assertEqual(rma.state, "cancelled")

    def _assert_or_login(self, response, rma):
        """A wrong link leads away and changes nothing."""
        self.assertNotIn(rma.name, response.text)
        self.assertEqual(rma.state, "draft")

    def test_unit_and_its_serial(self):
        unit = self._sold_unit("S-7")
        self._login("farmer")
        self.assertIn(
            f"/my/returns/new?unit_id={unit.id}", self._get(f"/my/units/{unit.id}").text
        )
        page = self._get(f"/my/returns/new?unit_id={unit.id}")
        self.assertIn("S-7", self._text(page))
        key = self._key(unit.move_id, unit.lot_id, unit)
        self._request({key: "1", "note": "Stalls", "unit_id": unit.id})
        line = self._returns(self.farmer).line_ids
        self.assertEqual((line.equipment_id, line.lot_id), (unit, unit.lot_id))
