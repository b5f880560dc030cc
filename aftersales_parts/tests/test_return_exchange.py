from odoo.exceptions import UserError
from odoo.tests import tagged

from .exchange_common import EXCHANGE, ExchangeCommon


@tagged("post_install", "-at_install")
class TestExchange(ExchangeCommon):
    """Proves R48: an exchange leaves order, invoice and stock as they were."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._stock(cls, cls.oil, 100)

    def test_nothing_to_replace_before_the_receipt(self):
        rma = self._exchange_rma(self._sold(quantity=5), 2)
        with self.assertRaisesRegex(UserError, "Nothing is to be replaced yet"):
            rma.action_exchange()

    def test_order_is_right_at_each_step(self):
        for policy in ("delivery", "order"):
            with self.subTest(policy=policy):
                self.oil.invoice_policy = policy
                order = self._sold(quantity=5)
                self.assertEqual(self._rest(order), (5, 5, 0))
                rma = self._exchange_rma(order, 2)
                self.assertEqual(self._rest(order), (5, 5, 0))
                self._came(rma)
                less = -2 if policy == "delivery" else 0
                self.assertEqual(self._rest(order), (3, 5, less))
                rma.action_exchange()
                self.assertEqual(self._rest(order), (3, 5, less))
                delivery = self._replacement(rma)
                self.assertEqual(len(delivery), 1)
                self.assertEqual(delivery.aftersales_return_id, rma)
                self.assertEqual(delivery.sale_id, order)
                self.assertEqual(delivery.partner_id, self.farmer)
                self._ship(rma)
                self.assertEqual(self._rest(order), (5, 5, 0))
                self.assertEqual(order.order_line.product_uom_qty, 5)
                self.assertEqual(len(order.order_line), 1)
                self.assertEqual(rma.line_ids.quantity_replaced, 2)
                self.assertTrue(rma.line_ids._is_settled())
                rma.action_done()
                self.assertEqual(rma.state, "done")

    def test_pressed_twice_opens_what_exists(self):
        rma = self._exchange_rma(self._sold(quantity=5), 2)
        self._came(rma)
        first = rma.action_exchange()
        self.assertEqual(rma.action_exchange()["res_id"], first["res_id"])
        self.assertEqual(rma.line_ids._get_replacement_moves().product_qty, 2)
        self._ship(rma)
        self.assertEqual(rma.action_exchange()["res_id"], first["res_id"])
        self.assertEqual(rma.line_ids.quantity_replaced, 2)

    def test_cancelled_delivery_is_made_again(self):
        order = self._sold(quantity=5)
        rma = self._exchange_rma(order, 2)
        self._came(rma)
        rma.action_exchange()
        self._replacement(rma).action_cancel()
        rma.action_exchange()
        self._ship(rma)
        self.assertEqual(rma.line_ids.quantity_replaced, 2)
        self.assertEqual(self._rest(order), (5, 5, 0))

    def test_parts_of_a_quantity(self):
        order = self._sold(quantity=5)
        rma = self._exchange_rma(order, 3)
        self._came(rma, quantity=1)
        rma.action_exchange()
        self._ship(rma)
        self.assertEqual(rma.line_ids.quantity_replaced, 1)
        self._came(rma)
        rma.action_exchange()
        # Two left; the warehouse sends one of them, and one later.
        delivery = self._replacement(rma)
        self._validate(delivery, quantity=1)
        backorder = self._replacement(rma)
        self.assertEqual(backorder.aftersales_return_id, rma)
        rma.action_exchange()
        self.assertEqual(self._replacement(rma), backorder)
        self._ship(rma)
        self.assertEqual(rma.line_ids.quantity_replaced, 3)
        self.assertEqual(self._rest(order), (5, 5, 0))

    def test_pick_pack_ship(self):
        self.warehouse.delivery_steps = "pick_pack_ship"
        order = self._sell((self.oil, 5))
        while open_ones := order.picking_ids.filtered(
            lambda picking: picking.state not in ("done", "cancel")
        ):
            for picking in open_ones:
                self._validate(picking)
        self._invoice(order)
        self.assertEqual(self._rest(order), (5, 5, 0))
        rma = self._exchange_rma(order, 2)
        self._came(rma)
        rma.action_exchange()
        for _step in ("pick", "pack", "ship"):
            self.assertEqual(rma.line_ids._get_quantity_on_the_way(), 2)
            rma.action_exchange()
            delivery = self._replacement(rma)
            self.assertEqual(len(delivery), 1)
            self.assertEqual(delivery.aftersales_return_id, rma)
            self._validate(delivery)
        self.assertEqual(rma.line_ids.quantity_replaced, 2)
        self.assertFalse(self._replacement(rma))
        self.assertEqual(self._rest(order), (5, 5, 0))

    def test_several_lines_one_delivery_for_each_order(self):
        self._stock(self.header, 20)
        order = self._sell((self.oil, 5), (self.header, 2))
        self._deliver(order)
        other = self._sold(quantity=3)
        moves = (order + other).picking_ids.move_ids
        rma = self._rma(*((move, 1, EXCHANGE) for move in moves))
        rma.action_authorise()
        self._came(rma)
        rma.action_exchange()
        deliveries = self._replacement(rma)
        self.assertEqual(deliveries.sale_id, order + other)
        self.assertEqual(len(deliveries), 2)
        self._ship(rma)
        self.assertEqual(order.order_line.mapped("qty_delivered"), [5, 2])
        self.assertEqual(other.order_line.qty_delivered, 3)

    def test_open_deliveries_of_the_order_stay_apart(self):
        order = self._sell((self.oil, 5))
        self._deliver(order, quantity=3)
        rest = order.picking_ids.filtered(lambda picking: picking.state != "done")
        done = order.picking_ids - rest
        rma = self._rma((done.move_ids, 1, EXCHANGE))
        rma.action_authorise()
        self._came(rma)
        rma.action_exchange()
        self.assertNotIn(rest, self._replacement(rma))
        rest.action_cancel()
        self._ship(rma)
        self.assertEqual(order.order_line.qty_delivered, 3)

    def test_units_of_measure(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self.env["sale.order"].create(
            {
                "partner_id": self.farmer.id,
                "order_line": [
                    (
                        0,
                        0,
                        {
                            "product_id": self.oil.id,
                            "product_uom_qty": 2,
                            "product_uom_id": dozen.id,
                        },
                    )
                ],
            }
        )
        order.action_confirm()
        self._deliver(order)
        self._invoice(order)
        rma = self._exchange_rma(order, 6)
        self._came(rma)
        self.assertEqual(self._rest(order), (1.5, 2, -0.5))
        rma.action_exchange()
        self._ship(rma)
        self.assertEqual(rma.line_ids.quantity_replaced, 6)
        self.assertEqual(self._rest(order), (2, 2, 0))

    def test_locked_and_cancelled_orders(self):
        locked, cancelled = self._sold(quantity=2), self._sold(quantity=2)
        locked.action_lock()
        cancelled._action_cancel()
        for order in (locked, cancelled):
            rma = self._exchange_rma(order)
            self._came(rma)
            rma.action_exchange()
            self._ship(rma)
            self.assertEqual(rma.line_ids.quantity_replaced, 1)
            self.assertEqual(order.order_line.qty_delivered, 2)

    def test_archived_product_asks_for_another(self):
        rma = self._exchange_rma(self._sold(quantity=2))
        self._came(rma)
        self.oil.active = False
        with self.assertRaisesRegex(UserError, "Choose another product"):
            rma.action_exchange()

    def test_replacement_comes_back_in_turn(self):
        for first in (False, True):
            with self.subTest(exchange_first=first):
                order = self._sold(quantity=1)
                rma = self._exchange_rma(order, exchange_first=first)
                if not first:
                    self._came(rma)
                rma.action_exchange()
                delivery = self._ship(rma)
                if first:
                    self._came(rma)
                again = self._rma((delivery.move_ids, 1, EXCHANGE))
                self.assertEqual(again.line_ids.returnable_quantity, 1)
                self.assertEqual(again.line_ids.sale_line_id, order.order_line)
                again.action_authorise()
                self._came(again)
                self.assertEqual(order.order_line.qty_delivered, 0)
                again.action_exchange()
                self._ship(again)
                self.assertEqual(self._rest(order), (1, 1, 0))

    def test_agent_exchanges_without_rights_on_stock(self):
        order = self._sold(quantity=5)
        rma = self._exchange_rma(order, 2)
        self._came(rma)
        rma.with_user(self.agent).action_exchange()
        self.assertEqual(self._replacement(rma).move_ids.product_uom_qty, 2)
        rma.with_user(self.agent).action_exchange()
        with self.assertRaises(UserError):
            rma.with_user(self.salesman).action_exchange()
