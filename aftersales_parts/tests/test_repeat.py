from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import PartsCommon


@tagged("post_install", "-at_install")
class TestRepeat(PartsCommon):
    """Proves: a step repeated after a crash doubles neither goods nor money.

    Each step is one transaction: what a killed server did not commit never happened, what
    it committed is done; who presses again finds the one or the other.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._stock(cls, cls.oil, 100)

    def _twice(self, step):
        """Take a step, and again; the second time may be refused in words."""
        step()
        self.env.flush_all()
        try:
            with self.env.cr.savepoint():
                step()
        except UserError as error:
            self.assertTrue(str(error))
        self.env.invalidate_all()

    def _on_hand(self, location):
        return self.env["stock.quant"]._get_available_quantity(self.oil, location)

    def test_refund(self):
        order = self._sold(quantity=5)
        rma = self._rma((order.picking_ids.move_ids, 2, {"remedy": "refund"}))
        self._twice(rma.action_authorise)
        self.assertEqual(len(rma.picking_ids), 1)
        receipt = rma.picking_ids
        receipt.move_ids.picked = True
        self._twice(receipt.button_validate)
        self.assertEqual(rma.line_ids.quantity_received, 2)
        rma.line_ids.inspection = "resaleable"
        self._twice(rma.action_inspect)
        self.assertEqual(self._on_hand(self.stock), 97)
        self._twice(rma.action_refund)
        self.assertEqual(len(rma.refund_ids), 1)
        self._twice(rma.refund_ids.action_post)
        self.assertEqual(rma.line_ids.quantity_refunded, 2)
        self._twice(rma.action_refund)
        self.assertEqual(len(rma.refund_ids), 1)
        self._twice(rma.action_done)
        self.assertEqual(rma.state, "done")
        line = order.order_line
        self.assertEqual((line.qty_delivered, line.qty_invoiced), (3, 3))

    def test_exchange(self):
        order = self._sold(quantity=5)
        rma = self._rma((order.picking_ids.move_ids, 2, {"remedy": "exchange"}))
        rma.action_authorise()
        self._received(rma)
        rma.line_ids.inspection = "scrap"
        self._twice(rma.action_inspect)
        self.assertEqual(self._on_hand(self.stock), 95)
        self._twice(rma.action_exchange)
        pending = order.picking_ids.filtered(lambda item: item.state == "assigned")
        self.assertEqual(pending.move_ids.product_uom_qty, 2)
        pending.move_ids.picked = True
        self._twice(pending.button_validate)
        self.assertEqual(rma.line_ids.quantity_replaced, 2)
        self._twice(rma.action_exchange)
        self.assertEqual(self._on_hand(self.stock), 93)
        self.assertEqual(order.order_line.qty_delivered, 5)

    def test_repair(self):
        self.company.aftersales_repair_check = False
        order = self._sold(quantity=5)
        rma = self._rma((order.picking_ids.move_ids, 1, {"remedy": "repair"}))
        rma.action_authorise()
        self._received(rma)
        self._twice(rma.action_repair)
        repair = rma.repair_ids
        self.assertEqual(len(repair), 1)
        for step in ("action_validate", "action_repair_start", "action_repair_end"):
            self._twice(getattr(repair, step))
        self.assertEqual(repair.state, "done")
        self._twice(lambda: rma.action_hand_over(tracking_ref="SF 1"))
        self.assertEqual(rma.line_ids.quantity_given_back, 1)
        self.assertEqual(order.order_line.qty_delivered, 5)

    def test_credit_note_deleted_and_drafted_again(self):
        order = self._sold(quantity=5)
        rma = self._rma((order.picking_ids.move_ids, 2, {"remedy": "refund"}))
        rma.action_authorise()
        self._received(rma)
        rma.line_ids.inspection = "resaleable"
        rma.action_inspect()
        rma.action_refund()
        rma.refund_ids.unlink()
        self.assertEqual(order.order_line.qty_invoiced, 5)
        rma.action_refund()
        rma.refund_ids.action_post()
        self.assertEqual(order.order_line.qty_invoiced, 3)
        rma.refund_ids.button_draft()
        self.assertFalse(rma.line_ids.quantity_refunded)
        rma.refund_ids.action_post()
        self.assertEqual(rma.line_ids.quantity_refunded, 2)
