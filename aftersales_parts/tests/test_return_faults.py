from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import PartsCommon


@tagged("post_install", "-at_install")
class TestReturnFaults(PartsCommon):
    """Proves R48: what changes between two steps leaves goods and money consistent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._stock(cls, cls.oil, 100)

    def _inspected(self, order=None, **values):
        """Return a return of two pieces that waits for its credit note."""
        order = order or self._sold(quantity=5)
        rma = self._rma((order.picking_ids.move_ids, 2, {"remedy": "refund"}), **values)
        rma.action_authorise()
        self._received(rma)
        rma.line_ids.inspection = "resaleable"
        rma.action_inspect()
        return rma, order

    def test_unit_of_measure_changed(self):
        order = self._sold(quantity=5)
        rma = self._rma((order.picking_ids.move_ids, 2, {"remedy": "refund"}))
        rma.action_authorise()
        with self.assertRaises(UserError):
            self.oil.product_tmpl_id.uom_id = self.env.ref("uom.product_uom_dozen")
        self._received(rma)
        self.assertEqual(rma.line_ids.quantity_received, 2)

    def test_currency_archived(self):
        currency = self.env["res.currency"].create({"name": "FXX", "symbol": "X"})
        pricelist = self.env["product.pricelist"].create(
            {"name": "X", "currency_id": currency.id}
        )
        self.env["res.currency.rate"].create(
            {
                "currency_id": currency.id,
                "company_id": self.company.id,
                "name": "2020-01-01",
                "rate": 2,
            }
        )
        self.farmer.with_company(
            self.company
        ).specific_property_product_pricelist = pricelist
        rma, order = self._inspected()
        self.assertEqual(order.currency_id, currency)
        pricelist.action_archive()
        currency.active = False
        rma.action_refund()
        self.assertEqual(rma.refund_ids.currency_id, currency)
        with self.assertRaisesRegex(UserError, "inactive"):
            rma.refund_ids.action_post()
        self.assertFalse(rma.line_ids.quantity_refunded)
        currency.active = True
        rma.refund_ids.action_post()
        self.assertEqual(rma.line_ids.quantity_refunded, 2)

    def test_order_of_another_company(self):
        order = self._sold(quantity=5)
        other = self.env["res.company"].create({"name": "Another"})
        with self.assertRaises(UserError):
            self.env["aftersales.return"].create(
                {
                    "company_id": other.id,
                    "partner_id": self.farmer.id,
                    "line_ids": [
                        Command.create(
                            {
                                "move_id": order.picking_ids.move_ids.id,
                                "remedy": "refund",
                            }
                        )
                    ],
                }
            )
            self.env.flush_all()
