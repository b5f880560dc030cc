from odoo.exceptions import UserError
from odoo.tests import tagged

from .refund_common import RefundCommon


@tagged("post_install", "-at_install")
class TestRemedyChange(RefundCommon):
    """Proves R48, R51: another remedy moves goods, ownership and money with it."""

    def _quants(self, product, place):
        return self.env["stock.quant"].search(
            [
                ("product_id", "=", product.id),
                ("location_id", "=", place.id),
                ("quantity", "!=", 0),
            ]
        )

    def _harvester_back(self, remedy):
        lots = self._lots("H-1", "H-2")
        order = self._sold(self.harvester, quantity=2, lots=lots)
        move = order.picking_ids.move_ids
        rma = self._rma((move, 1, {"remedy": remedy, "lot_id": lots[0].id}))
        rma.action_authorise()
        self._received(rma)
        return rma.line_ids, order, lots[0]

    def test_repair_becomes_refund(self):
        line, order, lot = self._harvester_back("repair")
        unit = self.env["aftersales.equipment"].search([("lot_id", "=", lot.id)])
        self.assertEqual(unit.state, "active")
        self.assertEqual(order.order_line.qty_delivered, 2)
        line.with_user(self.agent)._change_remedy("refund")
        self.assertEqual(line.remedy, "refund")
        self.assertEqual(order.order_line.qty_delivered, 1)
        self.assertEqual(unit.state, "returned")
        quant = self._quants(self.harvester, self.warehouse.aftersales_quarantine_id)
        self.assertEqual((quant.lot_id, quant.quantity), (lot, 1))
        self.assertFalse(quant.owner_id)
        self.assertFalse(
            self._quants(self.harvester, self.warehouse.aftersales_customer_goods_id)
        )
        self.assertEqual(line.quantity_received, 1)
        self.assertEqual(line.quantity_given_back, 0)
        self.assertEqual(line.quantity_to_inspect, 1)
        line.inspection = "scrap"
        line.return_id.action_inspect()
        refund = self._refunded(line.return_id)
        self.assertEqual(refund.invoice_line_ids.quantity, 1)
        self.assertEqual(order.order_line.qty_to_invoice, 0)
        line.return_id.action_done()

    def test_refund_becomes_repair(self):
        line, order, lot = self._harvester_back("refund")
        unit = self.env["aftersales.equipment"].search([("lot_id", "=", lot.id)])
        self.assertEqual(unit.state, "returned")
        self.assertEqual(order.order_line.qty_delivered, 1)
        line._change_remedy("repair")
        self.assertEqual(order.order_line.qty_delivered, 2)
        self.assertEqual(order.order_line.qty_to_invoice, 0)
        self.assertEqual(unit.state, "active")
        place = self.warehouse.aftersales_customer_goods_id
        quant = self._quants(self.harvester, place)
        self.assertEqual((quant.lot_id, quant.owner_id), (lot, self.farmer))
        self.assertFalse(
            self._quants(self.harvester, self.warehouse.aftersales_quarantine_id)
        )
        waiting = line.return_id.picking_ids.filtered(
            lambda picking: picking.state not in ("done", "cancel")
        )
        self.assertFalse(waiting)
        self.assertEqual(line.quantity_received, 1)
        with self.assertRaises(UserError):
            line.return_id.action_refund()
        line._change_remedy("refund")
        self.assertEqual(order.order_line.qty_delivered, 1)
        self.assertEqual(unit.state, "returned")

    def test_pieces_of_a_quantity(self):
        for policy, product in self.policies.items():
            with self.subTest(policy=policy):
                order = self._sold(product, quantity=5)
                move = order.picking_ids.move_ids
                rma = self._rma((move, 2, {"remedy": "refund"}))
                rma.action_authorise()
                self._received(rma)
                line = rma.line_ids
                self.assertEqual(order.order_line.qty_delivered, 3)
                line._change_remedy("send_back")
                self.assertEqual(order.order_line.qty_delivered, 5)
                quant = self._quants(
                    product, self.warehouse.aftersales_customer_goods_id
                )
                self.assertEqual((quant.quantity, quant.owner_id), (2, self.farmer))
                line._change_remedy("refund")
                self.assertEqual(order.order_line.qty_delivered, 3)
                self.assertEqual(line.quantity_received, 2)
                self.assertEqual(line.returnable_quantity, 3)

    def test_before_the_receipt_it_is_expected_anew(self):
        order = self._sold(quantity=5)
        move = order.picking_ids.move_ids
        rma = self._rma(
            (move, 2, {"remedy": "refund"}), (move, 1, {"remedy": "refund"})
        )
        rma.action_authorise()
        first = rma.picking_ids
        line = rma.line_ids[0]
        line._change_remedy("repair")
        waiting = rma.picking_ids.move_ids.filtered(lambda m: m.state != "cancel")
        self.assertEqual(sorted(waiting.mapped("product_qty")), [1, 2])
        theirs = waiting.filtered(lambda m: m.aftersales_return_line_id == line)
        self.assertNotEqual(theirs.picking_id, first)
        self.assertFalse(theirs.to_refund)
        self.assertEqual(theirs.picking_id.owner_id, self.farmer)
        self._received(rma)
        self.assertEqual(order.order_line.qty_delivered, 4)
        self.assertEqual(rma.state, "received")

    def test_inspected_goods_come_from_stock(self):
        order = self._sold(quantity=5)
        rma = self._came_back(order.picking_ids.move_ids, 2)
        rma.line_ids._change_remedy("send_back")
        self.assertEqual(order.order_line.qty_delivered, 5)
        quant = self._quants(self.oil, self.warehouse.aftersales_customer_goods_id)
        self.assertEqual(quant.quantity, 2)

    def test_not_once_it_is_under_way(self):
        order = self._sold(quantity=5)
        rma = self._came_back(order.picking_ids.move_ids, 2)
        draft = self._refunded(rma, post=False)
        with self.assertRaisesRegex(UserError, "credit note exists"):
            rma.line_ids._change_remedy("repair")
        draft.unlink()
        with self.assertRaises(UserError):
            rma.line_ids.with_user(self.warehouse_user)._change_remedy("repair")
        rma.line_ids._change_remedy("exchange")
        self.assertEqual(rma.line_ids.remedy, "exchange")
        self.assertEqual(order.order_line.qty_delivered, 3)

    def test_wizard_of_the_desk(self):
        order = self._sold(quantity=5)
        rma = self._came_back(order.picking_ids.move_ids, 2)
        wizard = self.env["aftersales.return.remedy.change"].with_user(self.agent)
        wizard = wizard.with_context(active_id=rma.id).create({"remedy": "send_back"})
        self.assertEqual(wizard.line_ids, rma.line_ids)
        wizard.action_apply()
        self.assertEqual(rma.line_ids.remedy, "send_back")
