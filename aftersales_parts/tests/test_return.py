from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import PartsCommon


@tagged("post_install", "-at_install")
class TestReturn(PartsCommon):
    """Proves R48, R49: what comes back is tied to what went out, never more of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._stock(cls, cls.oil, 100)

    def test_line_knows_what_went_out(self):
        order = self._sold(quantity=5)
        rma = self._rma((order.picking_ids.move_ids, 2, {"remedy": "refund"}))
        line = rma.line_ids
        self.assertEqual(rma.partner_id, self.farmer)
        self.assertEqual(line.product_id, self.oil)
        self.assertEqual(line.sale_line_id, order.order_line)
        self.assertEqual(line.invoice_line_id, order.invoice_ids.invoice_line_ids)
        self.assertEqual(line.returnable_quantity, 5)

    def test_authorise_makes_the_receipt(self):
        order = self._sold(quantity=5)
        move = order.picking_ids.move_ids
        rma = self._rma((move, 2, {"remedy": "refund"}))
        rma.action_authorise()
        self.assertEqual(rma.state, "authorised")
        receipt = rma.picking_ids
        self.assertEqual(receipt.move_ids.origin_returned_move_id, move)
        self.assertTrue(receipt.move_ids.to_refund)
        self.assertEqual(
            receipt.location_dest_id, self.warehouse.aftersales_quarantine_id
        )
        self.assertEqual(rma.line_ids.returnable_quantity, 5)
        self._received(rma)
        self.assertEqual(rma.line_ids.quantity_received, 2)
        self.assertEqual(rma.state, "received")
        self.assertEqual(order.order_line.qty_delivered, 3)

    def test_never_more_than_delivered(self):
        order = self._sold(quantity=5)
        move = order.picking_ids.move_ids
        self._rma((move, 3, {"remedy": "refund"})).action_authorise()
        late = self._rma((move, 3, {"remedy": "refund"}))
        self.assertEqual(late.line_ids.returnable_quantity, 2)
        with self.assertRaisesRegex(UserError, "only 2 can"):
            late.action_authorise()
        with self.assertRaisesRegex(UserError, "only 2 can"):
            self._return(move.picking_id, {self.oil: 3})
        self._return(move.picking_id, {self.oil: 2})
        late.line_ids.quantity = 1
        with self.assertRaisesRegex(UserError, "only 0 can"):
            late.action_authorise()

    def test_goods_of_the_customer_stay_his(self):
        order = self._sold(quantity=5)
        rma = self._rma((order.picking_ids.move_ids, 1, {"remedy": "repair"}))
        rma.action_authorise()
        self.assertFalse(rma.picking_ids.move_ids.to_refund)
        self._received(rma)
        self.assertEqual(order.order_line.qty_delivered, 5)
        place = self.warehouse.aftersales_customer_goods_id
        quant = self.env["stock.quant"].search([("location_id", "=", place.id)])
        self.assertEqual(quant.owner_id, self.farmer)
        self.assertFalse(place.warehouse_id)

    def test_what_was_given_back_may_come_again(self):
        order = self._sold(quantity=5)
        move = order.picking_ids.move_ids
        rma = self._rma((move, 2, {"remedy": "send_back"}))
        rma.action_authorise()
        self._received(rma)
        late = self._rma((move, 4, {"remedy": "repair"}))
        self.assertEqual(late.line_ids.returnable_quantity, 3)
        with self.assertRaisesRegex(UserError, "only 3 can"):
            late.action_authorise()
        rma.action_hand_over(tracking_ref="SF 1")
        again = rma.picking_ids.move_ids.filtered(
            lambda item: item.location_dest_id.usage == "customer"
        )
        # What was given back is of the same five pieces.
        later = self._rma((again, 3, {"remedy": "repair"}))
        self.assertEqual(later.line_ids.returnable_quantity, 2)
        later.line_ids.quantity = 2
        later.action_authorise()
        self.assertEqual(late.line_ids.returnable_quantity, 3)
        late.line_ids.quantity = 3
        late.action_authorise()
        with self.assertRaisesRegex(UserError, "only 0 can"):
            self._return(move.picking_id, {self.oil: 1})

    def test_unit_without_delivery_is_announced_once(self):
        unit = self.env["aftersales.equipment"].create(
            {
                "product_id": self.oil.id,
                "partner_id": self.farmer.id,
                "delivery_date": "2020-01-01",
            }
        )
        first, second = self.env["aftersales.return"].create(
            [
                {
                    "partner_id": self.farmer.id,
                    "line_ids": [
                        Command.create(
                            {
                                "equipment_id": unit.id,
                                "product_id": self.oil.id,
                                "remedy": "repair",
                                "note": "Leaks",
                                "cause_id": self.cause.id,
                            }
                        )
                    ],
                }
                for _number in range(2)
            ]
        )
        self.assertEqual(second.line_ids.returnable_quantity, 1)
        first.action_authorise()
        self.assertEqual(first.line_ids.returnable_quantity, 1)
        self.env.invalidate_all()
        self.assertEqual(second.line_ids.returnable_quantity, 0)
        with self.assertRaisesRegex(UserError, "announced in another return"):
            second.action_authorise()
        self._received(first)
        with self.assertRaisesRegex(UserError, "announced in another return"):
            second.action_authorise()
        first.action_hand_over(tracking_ref="SF 2")
        second.action_authorise()
        self.assertEqual(second.state, "authorised")

    def test_goods_of_unknown_origin_are_refused(self):
        order = self._sold(quantity=2)
        Line = self.env["aftersales.return.line"]
        values = {"remedy": "refund", "note": "Leaks", "quantity": 2}
        rma = self.env["aftersales.return"].create({"partner_id": self.farmer.id})
        by_order, by_invoice = Line.create(
            [
                {**values, "return_id": rma.id, "sale_line_id": order.order_line.id},
                {
                    **values,
                    "return_id": rma.id,
                    "invoice_line_id": order.invoice_ids.invoice_line_ids.id,
                },
            ]
        )
        self.assertEqual(by_order.move_id, order.picking_ids.move_ids)
        self.assertEqual(by_invoice.move_id, order.picking_ids.move_ids)
        with self.assertRaisesRegex(UserError, "only 2 can"):
            rma.action_authorise()
        by_invoice.unlink()
        bare = Line.create(
            {**values, "return_id": rma.id, "product_id": self.oil.id, "quantity": 50}
        )
        with self.assertRaisesRegex(UserError, "with which delivery"):
            rma.action_authorise()
        bare.unlink()
        rma.action_authorise()
        self.assertEqual(rma.state, "authorised")
