from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .warehouse_common import WarehouseCommon

REFUND = {"remedy": "refund"}


@tagged("post_install", "-at_install")
class TestReturnReceipt(WarehouseCommon):
    """Proves R28, R48, R49: the warehouse receives what was announced, or says why."""

    # ------------------------------------------------------------
    # WHAT IS EXPECTED
    # ------------------------------------------------------------

    def test_one_receipt_per_owner_and_place(self):
        first = self._sold(quantity=5).picking_ids.move_ids
        second = self._sold(quantity=5).picking_ids.move_ids
        rma = self._authorised(
            (first, 1, REFUND),
            (second, 2, REFUND),
            (first, 1, {**REFUND, "inspection_required": False}),
            (second, 1, {"remedy": "repair"}),
            (second, 1, {"remedy": "send_back"}),
        )
        by_place = {
            (picking.location_dest_id, picking.owner_id): picking
            for picking in rma.picking_ids
        }
        owner = self.env["res.partner"]
        goods = self.warehouse.aftersales_customer_goods_id
        self.assertEqual(
            set(by_place),
            {
                (self.quarantine, owner),
                (self.stock, owner),
                (goods, self.farmer),
            },
        )
        quarantined = by_place[self.quarantine, owner]
        self.assertEqual(quarantined.move_ids.origin_returned_move_id, first | second)
        self.assertEqual(len(by_place[goods, self.farmer].move_ids), 2)
        self.assertTrue(all(quarantined.move_ids.mapped("to_refund")))
        self.assertEqual(set(rma.picking_ids.mapped("state")), {"assigned"})

    def test_goods_without_inspection_are_on_stock_at_once(self):
        order = self._sold(quantity=5)
        before = self._on_stock(self.oil)
        rma = self._authorised(
            (order.picking_ids.move_ids, 2, {**REFUND, "inspection_required": False})
        )
        self._receive(rma.picking_ids)
        self.assertEqual(self._on_stock(self.oil), before + 2)
        self.assertEqual(rma.state, "inspected")
        self.assertEqual(len(rma.picking_ids), 1)

    def test_announced_serials_are_on_the_transfer(self):
        lots, order = self._sold_lots("R-1", "R-2", "R-3")
        move = order.picking_ids.move_ids
        rma = self._authorised(*self._one_line_each(move, lots[1:], **REFUND))
        self.assertEqual(
            {
                item.move_id.aftersales_return_line_id.lot_id: item.lot_id
                for item in rma.picking_ids.move_line_ids
            },
            {lot: lot for lot in lots[1:]},
        )
        other = self._authorised((move, 1, REFUND))
        # Which of them comes is seen when it is here.
        self.assertFalse(other.picking_ids.move_line_ids.lot_id)
        self._receive(rma.picking_ids)
        self.assertEqual(rma.line_ids.mapped("quantity_received"), [1, 1])
        self.assertEqual(
            self._units(order).filtered("lot_id").mapped("state").count("returned"), 2
        )

    def test_lots_of_one_delivery_line(self):
        product = self._product("Feed", tracking="lot")
        lots = self.env["stock.lot"].create(
            [
                {"name": name, "product_id": product.id, "company_id": self.company.id}
                for name in ("L-1", "L-2")
            ]
        )
        for lot in lots:
            self.env["stock.quant"]._update_available_quantity(
                product, self.stock, 4, lot_id=lot
            )
        order = self._sold(product, 8)
        move = order.picking_ids.move_ids
        rma = self._authorised(
            (move, 3, {**REFUND, "lot_id": lots[0].id}),
            (move, 2, {**REFUND, "lot_id": lots[1].id}),
        )
        self._receive(rma.picking_ids)
        self.assertEqual(rma.line_ids.mapped("quantity_received"), [3, 2])
        with self.assertRaisesRegex(UserError, "only 1 can"):
            self._authorised((move, 2, {**REFUND, "lot_id": lots[0].id}))

    def test_the_unit_of_measure_of_the_delivery(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self.env["sale.order"].create(
            {
                "partner_id": self.farmer.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.oil.id,
                            "product_uom_qty": 2,
                            "product_uom_id": dozen.id,
                        }
                    )
                ],
            }
        )
        order.action_confirm()
        self._deliver(order)
        move = order.picking_ids.move_ids
        rma = self._authorised((move, 12, REFUND), (move, 5, REFUND))
        # A dozen is said as a dozen, five pieces as five pieces.
        self._receive(rma.picking_ids)
        self.assertEqual(rma.line_ids.mapped("quantity_received"), [12, 5])
        self.assertAlmostEqual(order.order_line.qty_delivered, 7 / 12, 2)
        self.assertEqual(self._on_stock(self.oil, self.quarantine), 17)

    def test_three_steps_and_dropship(self):
        self.warehouse.write(
            {"delivery_steps": "pick_pack_ship", "reception_steps": "three_steps"}
        )
        order = self._sell((self.oil, 3))
        while pickings := order.picking_ids.filtered(lambda p: p.state != "done"):
            for picking in pickings:
                self._validate(picking)
        shipped = order.picking_ids.move_ids.filtered(
            lambda move: move._aftersales_is_delivery()
        )
        before = self._on_stock(self.oil)
        rma = self._authorised((shipped, 2, REFUND))
        self._receive(rma.picking_ids)
        self.assertEqual(order.order_line.qty_delivered, 1)
        rma.line_ids.inspection = "resaleable"
        rma.action_inspect()
        self.assertEqual(self._on_stock(self.oil), before + 2)
        supplier = self.env.ref("stock.stock_location_suppliers")
        customer = self.env.ref("stock.stock_location_customers")
        dropped = self.env["stock.move"].create(
            {
                "product_id": self.oil.id,
                "product_uom_qty": 2,
                "location_id": supplier.id,
                "location_dest_id": customer.id,
                "company_id": self.company.id,
                "partner_id": self.farmer.id,
            }
        )
        dropped._action_confirm()
        dropped.write({"quantity": 2, "picked": True})
        dropped._action_done()
        rma = self._authorised((dropped, 2, REFUND), partner_id=self.farmer.id)
        self._receive(rma.picking_ids)
        self.assertEqual(rma.line_ids.quantity_received, 2)
        self.assertEqual(self._on_stock(self.oil, self.quarantine), 2)

    def test_sold_before_the_computer(self):
        lot = self._lots("OLD-1")
        self.env["stock.quant"]._update_available_quantity(
            self.harvester, self.stock, -1, lot_id=lot
        )
        unit = self.env["aftersales.equipment"].create(
            {
                "product_id": self.harvester.id,
                "lot_id": lot.id,
                "partner_id": self.farmer.id,
                "delivery_date": "2024-05-01",
            }
        )
        rma = self._rma(partner_id=self.farmer.id)
        rma.line_ids = [
            Command.create(
                {
                    "equipment_id": unit.id,
                    "remedy": "repair",
                    "note": "Leaks",
                    "cause_id": self.cause.id,
                }
            )
        ]
        rma.with_user(self.supervisor).action_authorise()
        move = rma.picking_ids.move_ids
        self.assertFalse(move.origin_returned_move_id)
        self.assertEqual(move.move_line_ids.lot_id, lot)
        self._receive(rma.picking_ids)
        self.assertEqual(rma.line_ids.quantity_received, 1)
        self.assertEqual(unit.state, "active")
        self.assertEqual(lot.quant_ids.filtered("quantity").owner_id, self.farmer)

    # ------------------------------------------------------------
    # WHAT COMES
    # ------------------------------------------------------------

    def test_parcels_come_one_by_one(self):
        order = self._sold(quantity=5)
        rma = self._authorised((order.picking_ids.move_ids, 5, REFUND))
        self._receive(rma.picking_ids, {self.oil: 2})
        self.assertEqual((rma.state, rma.line_ids.quantity_received), ("authorised", 2))
        rest = rma.picking_ids.filtered(
            lambda picking: picking.state == "assigned"
            and picking.location_id.usage == "customer"
        )
        self.assertEqual(rest.move_ids.aftersales_return_line_id, rma.line_ids)
        self._receive(rest)
        self.assertEqual((rma.state, rma.line_ids.quantity_received), ("received", 5))

    def test_no_more_is_to_come(self):
        order = self._sold(quantity=5)
        move = order.picking_ids.move_ids
        rma = self._authorised((move, 5, REFUND))
        receipt = rma.picking_ids.with_user(self.warehouse_user)
        receipt.move_ids.write({"quantity": 2, "picked": True})
        receipt.with_context(
            skip_backorder=True, picking_ids_not_to_backorder=receipt.ids
        ).button_validate()
        self.assertEqual((rma.state, rma.line_ids.quantity_received), ("received", 2))
        self.assertTrue(rma.can_receive_again)
        rma.with_user(self.agent).action_receive_again()
        self.assertEqual(rma.state, "authorised")
        with self.assertRaisesRegex(UserError, "still expects it"):
            rma.with_user(self.agent).action_receive_again()
        self._receive(rma.line_ids._get_expected_moves().picking_id)
        self.assertEqual((rma.state, rma.line_ids.quantity_received), ("received", 5))

    def test_the_warehouse_cancels_the_receipt(self):
        rma = self._authorised((self._sold().picking_ids.move_ids, 1, REFUND))
        rma.picking_ids.with_user(self.warehouse_user).action_cancel()
        self.assertEqual(rma.state, "authorised")
        self.assertIn("cancelled the receipt", rma.message_ids[0].body)
        rma.with_user(self.agent).action_receive_again()
        self._receive(rma.picking_ids.filtered(lambda p: p.state == "assigned"))
        self.assertEqual(rma.state, "received")

    def test_only_what_was_cancelled_is_expected_again(self):
        first, second = (self._sold().picking_ids.move_ids for _order in range(2))
        rma = self._authorised((first, 1, REFUND), (second, 1, {"remedy": "repair"}))
        refund, repair = rma.line_ids
        repair.stock_move_ids.picking_id.with_user(self.warehouse_user).action_cancel()
        rma.with_user(self.agent).action_receive_again()
        self.assertEqual(len(refund._get_expected_moves()), 1)
        self.assertEqual(len(repair._get_expected_moves()), 1)

    def test_another_serial_of_the_delivery(self):
        lots, order = self._sold_lots("S-1", "S-2")
        unit = self._units(order).filtered(lambda unit: unit.lot_id == lots[0])
        rma = self._authorised(
            (
                order.picking_ids.move_ids,
                1,
                {**REFUND, "lot_id": lots[0].id, "equipment_id": unit.id},
            )
        )
        rma.picking_ids.move_line_ids.with_user(self.warehouse_user).lot_id = lots[1]
        self._receive(rma.picking_ids)
        self.assertEqual(rma.line_ids.lot_id, lots[1])
        self.assertEqual(rma.line_ids.equipment_id.lot_id, lots[1])
        self.assertIn("S-2 came instead of S-1", rma.message_ids[0].body)
        by_serial = {unit.lot_id.name: unit.state for unit in self._units(order)}
        self.assertEqual(by_serial, {"S-1": "active", "S-2": "returned"})

    def test_a_serial_that_never_went_out(self):
        lots, order = self._sold_lots("S-1")
        other = self._lots("S-9")
        self.env["stock.quant"]._update_available_quantity(
            self.harvester, self.stock, -1, lot_id=other
        )
        rma = self._authorised((order.picking_ids.move_ids, 1, REFUND))
        rma.picking_ids.move_line_ids.with_user(self.warehouse_user).lot_id = other
        with self.assertRaisesRegex(UserError, "S-9 did not go out .* Parcels on Hold"):
            self._receive(rma.picking_ids)
        rma.picking_ids.move_line_ids.with_user(self.warehouse_user).lot_id = lots
        self._receive(rma.picking_ids)
        self.assertEqual(rma.state, "received")

    def test_a_serial_comes_back_once(self):
        lots, order = self._sold_lots("S-1", "S-2")
        move = order.picking_ids.move_ids
        rma = self._authorised((move, 1, {**REFUND, "lot_id": lots[0].id}))
        self._receive(rma.picking_ids)
        late = self._authorised((move, 1, {**REFUND, "lot_id": lots[1].id}))
        late.picking_ids.move_line_ids.with_user(self.warehouse_user).lot_id = lots[0]
        with self.assertRaisesRegex(UserError, "S-1"):
            self._receive(late.picking_ids)

    def test_more_than_announced(self):
        order = self._sold(quantity=5)
        move = order.picking_ids.move_ids
        rma = self._authorised((move, 2, REFUND))
        self._receive(rma.picking_ids, {self.oil: 3})
        self.assertEqual(rma.line_ids.quantity, 3)
        self.assertEqual(rma.line_ids.quantity_received, 3)
        self.assertIn("3 Units came, 2 were announced", rma.message_ids[0].body)
        late = self._authorised((move, 1, REFUND))
        with self.assertRaisesRegex(UserError, "only 2 can"):
            self._receive(late.picking_ids, {self.oil: 3})

    def test_a_receipt_is_corrected_afterwards(self):
        lots, order = self._sold_lots("S-1", "S-2")
        rma = self._authorised(
            (order.picking_ids.move_ids, 1, {**REFUND, "lot_id": lots[0].id})
        )
        receipt = self._receive(rma.picking_ids)
        receipt.move_line_ids.lot_id = lots[1]
        self.assertEqual(rma.line_ids.lot_id, lots[1])
        by_serial = {unit.lot_id.name: unit.state for unit in self._units(order)}
        self.assertEqual(by_serial, {"S-1": "active", "S-2": "returned"})
        waiting = rma.line_ids._get_inspection_moves(("assigned",))
        self.assertEqual(waiting.move_line_ids.lot_id, lots[1])

    def test_a_quantity_is_corrected_afterwards(self):
        order = self._sold(quantity=5)
        rma = self._authorised((order.picking_ids.move_ids, 3, REFUND))
        receipt = self._receive(rma.picking_ids)
        free = self._free(self.oil)
        receipt.move_ids.quantity = 2
        self.assertEqual(rma.line_ids.quantity_received, 2)
        self.assertEqual(order.order_line.qty_delivered, 3)
        receipt.move_ids.quantity = 4
        self.assertEqual(rma.line_ids.quantity_received, 4)
        self.assertEqual(rma.line_ids.quantity, 4)
        self.assertEqual(self._free(self.oil), free)
        with self.assertRaisesRegex(UserError, "only 5 can"), self.cr.savepoint():
            receipt.move_ids.quantity = 6
        rma.line_ids.inspection = "resaleable"
        rma.action_inspect()
        receipt.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "its receipt .* stands"):
            receipt.move_ids.quantity = 1

    def test_a_second_click_books_nothing(self):
        rma = self._authorised((self._sold().picking_ids.move_ids, 1, REFUND))
        receipt = self._receive(rma.picking_ids)
        receipt.with_context(skip_backorder=True).button_validate()
        self.assertEqual(rma.line_ids.quantity_received, 1)
        self.assertEqual(len(rma.picking_ids), 2)

    def test_the_product_is_archived_meanwhile(self):
        order = self._sold(quantity=2)
        rma = self._authorised((order.picking_ids.move_ids, 2, REFUND))
        self.oil.active = False
        self._receive(rma.picking_ids)
        rma.line_ids.inspection = "resaleable"
        rma.action_inspect()
        self.assertEqual(rma.state, "inspected")

    # ------------------------------------------------------------
    # SPEED
    # ------------------------------------------------------------

    def test_a_hundred_lines_cost_little_each(self):
        products = self.env["product.product"]
        for number in range(50):
            product = self._product(f"Part {number}")
            self._stock(product, 10)
            products |= product
        order = self._order_of(products)
        moves = order.picking_ids.move_ids
        costs = []
        for chosen in (moves[:1], moves[1:]):
            rma = self._rma(*((move, 1, REFUND) for move in chosen))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            rma.action_authorise()
            self.env.flush_all()
            authorised = self.env.cr.sql_log_count
            self._received(rma)
            self.env.flush_all()
            costs.append((authorised - before, self.env.cr.sql_log_count - authorised))
        (one, one_in), (many, many_in) = costs
        self.assertLess((many - one) / 48, 5)
        self.assertLess((many_in - one_in) / 48, 12)
