from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .warehouse_common import WarehouseCommon

REFUND = {"remedy": "refund"}


@tagged("post_install", "-at_install")
class TestReturnInspection(WarehouseCommon):
    """Proves R52: failing goods never reach stock, the others only once inspected."""

    def _arrived(self, quantity=5, remedy="refund", **values):
        order = self._sold(quantity=quantity)
        rma = self._authorised(
            (order.picking_ids.move_ids, quantity, {"remedy": remedy, **values})
        )
        self._receive(rma.picking_ids)
        return rma, order

    def test_quarantined_goods_are_promised_to_nobody(self):
        free = self._free(self.oil)
        rma, _order = self._arrived()
        self.assertEqual(self._on_stock(self.oil, self.quarantine), 5)
        self.assertEqual(self._free(self.oil), free - 5)
        waiting = rma.line_ids._get_inspection_moves(("assigned",))
        self.assertEqual(waiting.picking_id.state, "assigned")
        self.assertEqual(
            waiting.picking_type_id, self.warehouse.aftersales_inspection_type_id
        )
        keeper = waiting.picking_id.with_user(self.warehouse_user)
        for step in ("action_cancel", "do_unreserve"):
            with self.assertRaisesRegex(UserError, "note the findings"):
                getattr(keeper, step)()
        keeper.move_ids.picked = True
        with self.assertRaisesRegex(UserError, "has not passed"):
            keeper.button_validate()

    def test_the_whole_line_with_one_finding(self):
        before = self._on_stock(self.oil)
        rma, _order = self._arrived()
        with self.assertRaisesRegex(UserError, "Say first .* Oil"):
            rma.with_user(self.agent).action_inspect()
        rma.line_ids.inspection = "resaleable"
        rma.with_user(self.agent).action_inspect()
        self.assertEqual(rma.state, "inspected")
        self.assertEqual(self._on_stock(self.oil), before)
        self.assertEqual(self._on_stock(self.oil, self.quarantine), 0)
        row = rma.line_ids.inspection_ids
        self.assertEqual((row.quantity, row.finding), (5, "resaleable"))
        self.assertEqual(row.inspector_id, self.agent)
        # Once more changes nothing.
        with self.assertRaises(UserError):
            rma.with_user(self.agent).action_inspect()
        with self.assertRaisesRegex(UserError, "inspected already"):
            rma.line_ids.inspection = "scrap"
        with self.assertRaisesRegex(UserError, "are booked"):
            row.quantity = 4
        self.assertEqual(self._on_stock(self.oil), before)

    def test_one_line_many_findings(self):
        before, free = self._on_stock(self.oil), self._free(self.oil)
        rma, order = self._arrived()
        line = rma.line_ids
        for finding, quantity in (
            ("resaleable", 1),
            ("no_fault", 1),
            ("scrap", 1),
            ("rework", 1),
            ("misuse", 1),
        ):
            self._find(line, finding, quantity)
        rma.with_user(self.warehouse_user).action_inspect()
        self.assertEqual(rma.state, "inspected")
        self.assertEqual(line._get_accepted_quantity(), 4)
        self.assertEqual(line.inspection, "rework")
        self.assertEqual(self._on_stock(self.oil), before - 3)
        self.assertEqual(self._on_stock(self.oil, self.quarantine), 2)
        self.assertEqual(self._free(self.oil), free - 3)
        scrap = self.env["stock.scrap"].search([("origin", "=", rma.name)])
        self.assertEqual((scrap.scrap_qty, scrap.state), (1, "done"))
        # Misused goods wait for their way back, reserved.
        back = line.stock_move_ids.filtered(lambda m: m._aftersales_is_delivery())
        self.assertEqual((back.state, back.quantity), ("assigned", 1))
        self.assertEqual(order.order_line.qty_delivered, 0)
        with self.assertRaisesRegex(UserError, "customer does not have them yet"):
            rma.action_done()
        self._receive(back.picking_id)
        self.assertEqual(line.quantity_given_back, 1)
        self.assertEqual(order.order_line.qty_delivered, 1)
        # What was reworked is inspected again.
        line.inspection = "resaleable"
        rma.with_user(self.warehouse_user).action_inspect()
        self.assertEqual(self._on_stock(self.oil), before - 2)
        self.assertEqual(self._on_stock(self.oil, self.quarantine), 0)
        self.assertEqual(line.quantity_in_rework, 0)
        self.assertTrue(line.inspection_ids.filtered("after_rework"))

    def test_serials_each_with_their_finding(self):
        lots, order = self._sold_lots("I-1", "I-2", "I-3")
        rma = self._authorised(
            *self._one_line_each(order.picking_ids.move_ids, lots, **REFUND)
        )
        self._receive(rma.picking_ids)
        for line, finding in zip(
            rma.line_ids, ("resaleable", "scrap", "misuse"), strict=True
        ):
            line.inspection = finding
        rma.with_user(self.warehouse_user).action_inspect()
        places = [
            lot.quant_ids.filtered(lambda quant: quant.quantity > 0).location_id
            for lot in lots
        ]
        self.assertEqual(places[0], self.stock)
        self.assertEqual(places[1].usage, "inventory")
        self.assertEqual(places[2], self.quarantine)
        units = {unit.lot_id.name: unit for unit in self._units(order)}
        self.assertEqual(units["I-3"].state, "returned")
        back = rma.line_ids[2].stock_move_ids.filtered(
            lambda move: move._aftersales_is_delivery()
        )
        self._receive(back.picking_id)
        self.assertEqual(units["I-3"].state, "active")
        self.assertEqual(order.order_line.qty_delivered, 1)

    def test_several_serials_on_one_line(self):
        lots, order = self._sold_lots("M-1", "M-2")
        rma = self._authorised((order.picking_ids.move_ids, 2, REFUND))
        self._receive(rma.picking_ids)
        line = rma.line_ids
        self._find(line, "scrap", 1, lot_id=lots[0].id)
        with self.assertRaisesRegex(UserError, "Say first"):
            rma.action_inspect()
        row = self._find(line, "resaleable", 1)
        with self.assertRaisesRegex(UserError, "which serial"):
            rma.action_inspect()
        row.lot_id = lots[1]
        rma.action_inspect()
        quants = lots[1].quant_ids.filtered(lambda quant: quant.quantity > 0)
        self.assertEqual(quants.location_id, self.stock)
        self.assertEqual(line.inspection, "scrap")

    def test_a_finding_on_more_than_came(self):
        rma, _order = self._arrived(2)
        self._find(rma.line_ids, "resaleable", 3)
        with self.assertRaisesRegex(UserError, "only 2 received"):
            rma.action_inspect()

    def test_the_second_parcel_is_looked_at_too(self):
        order = self._sold(quantity=5)
        rma = self._authorised((order.picking_ids.move_ids, 5, REFUND))
        self._receive(rma.picking_ids, {self.oil: 2})
        rma.line_ids.inspection = "scrap"
        rma.action_inspect()
        self.assertEqual(rma.state, "authorised")
        self._receive(rma.line_ids._get_expected_moves().picking_id)
        self.assertEqual(rma.state, "received")
        self.assertEqual(rma.line_ids.inspection, "pending")
        with self.assertRaisesRegex(UserError, "Say first"):
            rma.action_inspect()
        rma.line_ids.inspection = "resaleable"
        rma.action_inspect()
        self.assertEqual(rma.state, "inspected")
        self.assertEqual(sorted(rma.line_ids.inspection_ids.mapped("quantity")), [2, 3])

    def test_goods_of_the_customer_are_found_not_moved(self):
        rma, order = self._arrived(1, "repair")
        self.assertEqual(len(rma.picking_ids), 1)
        rma.line_ids.inspection = "misuse"
        rma.with_user(self.warehouse_user).action_inspect()
        self.assertEqual(rma.state, "inspected")
        self.assertEqual(rma.line_ids._get_accepted_quantity(), 1)
        place = self.warehouse.aftersales_customer_goods_id
        self.assertEqual(self._on_stock(self.oil, place), 1)
        self.assertEqual(order.order_line.qty_delivered, 1)

    def test_goods_of_the_customer_are_scrapped(self):
        lots, order = self._sold_lots("C-1")
        rma = self._authorised((order.picking_ids.move_ids, 1, {"remedy": "repair"}))
        self._receive(rma.picking_ids)
        scrap = self.env["stock.scrap"].create(
            {
                "product_id": self.harvester.id,
                "lot_id": lots.id,
                "owner_id": self.farmer.id,
                "location_id": self.warehouse.aftersales_customer_goods_id.id,
                "company_id": self.company.id,
            }
        )
        scrap.with_user(self.warehouse_user).action_validate()
        self.assertEqual(self._units(order).state, "scrapped")

    def test_photos_belong_to_the_finding(self):
        rma, _order = self._arrived(1)
        photo = (
            self.env["ir.attachment"]
            .with_user(self.warehouse_user)
            .create({"name": "dent.png", "raw": b"png"})
        )
        row = self._find(
            rma.line_ids, "scrap", 1, attachment_ids=[Command.set(photo.ids)]
        )
        self.assertEqual(photo.res_id, row.id)
        self.assertEqual(row.with_user(self.agent).attachment_ids.name, "dent.png")

    def test_who_inspects(self):
        rma, _order = self._arrived(2)
        with self.assertRaises(AccessError):
            self._find(rma.line_ids, "scrap", 1, user=self.salesman)
        with self.assertRaises(AccessError):
            rma.line_ids.with_user(self.warehouse_user).inspection = "resaleable"
        with self.assertRaises(UserError):
            rma.with_user(self.employee).action_inspect()
        wizard = self.env["aftersales.return.inspect"].with_user(self.warehouse_user)
        wizard = wizard.with_context(active_model="stock.picking").create(
            wizard.with_context(
                active_model="stock.picking", active_ids=rma.picking_ids[-1:].ids
            ).default_get(["line_ids"])
        )
        self.assertEqual(wizard.line_ids.mapped("quantity"), [2])
        wizard.line_ids.finding = "resaleable"
        wizard.action_apply()
        self.assertEqual(rma.state, "inspected")
        self.assertEqual(rma.line_ids.inspection_ids.inspector_id, self.warehouse_user)

    def test_what_was_refunded_was_not_misused(self):
        rma, _order = self._arrived(2)
        rma.line_ids.inspection = "rework"
        rma.action_inspect()
        rma.action_refund()
        self.assertEqual(sum(rma.refund_ids.invoice_line_ids.mapped("quantity")), 2)
        rma.line_ids.inspection = "misuse"
        with self.assertRaisesRegex(UserError, "refunded or replaced already"):
            rma.action_inspect()

    def test_a_lot_that_is_gone_meanwhile(self):
        lots, order = self._sold_lots("G-1")
        rma = self._authorised((order.picking_ids.move_ids, 1, REFUND))
        self._receive(rma.picking_ids)
        self.env["stock.scrap"].create(
            {
                "product_id": self.harvester.id,
                "lot_id": lots.id,
                "location_id": self.quarantine.id,
                "company_id": self.company.id,
            }
        ).do_scrap()
        rma.line_ids.inspection = "resaleable"
        with self.assertRaisesRegex(UserError, "no longer reserved"):
            rma.action_inspect()

    def test_misused_goods_wait_for_their_way_back_again(self):
        rma, _order = self._arrived(3)
        free = self._free(self.oil)
        self._find(rma.line_ids, "misuse", 2)
        self._find(rma.line_ids, "resaleable", 1)
        rma.with_user(self.warehouse_user).action_inspect()
        self.assertEqual(self._free(self.oil), free + 1)

        def waiting():
            return rma.line_ids.stock_move_ids.filtered(
                lambda move: move._aftersales_is_delivery() and move.state == "assigned"
            )

        first = waiting()
        first.picking_id.with_user(self.warehouse_user).action_cancel()
        again = waiting()
        self.assertEqual((first.state, again.quantity), ("cancel", 2))
        self.assertNotEqual(again.picking_id, first.picking_id)
        self.assertEqual(self._free(self.oil), free + 1)
        self.assertIn(again.picking_id.name, rma.message_ids[0].body)
        # One goes, the other is not to follow.
        keeper = again.picking_id.with_user(self.warehouse_user)
        keeper.move_ids.write({"quantity": 1, "picked": True})
        keeper.with_context(
            skip_backorder=True, picking_ids_not_to_backorder=keeper.ids
        ).button_validate()
        self.assertEqual(rma.line_ids.quantity_given_back, 1)
        self.assertEqual(waiting().quantity, 1)
        self._receive(waiting().picking_id)
        self.assertEqual(rma.line_ids.quantity_given_back, 2)
        self.assertFalse(waiting())

    def test_a_misused_serial_waits_again(self):
        lots, order = self._sold_lots("W-1", "W-2")
        rma = self._authorised((order.picking_ids.move_ids, 2, REFUND))
        self._receive(rma.picking_ids)
        self._find(rma.line_ids, "misuse", 1, lot_id=lots[0].id)
        self._find(rma.line_ids, "rework", 1, lot_id=lots[1].id)
        rma.action_inspect()
        back = rma.picking_ids.filtered(
            lambda p: p.location_dest_id.usage == "customer"
        )
        back.with_user(self.warehouse_user).action_cancel()
        again = rma.picking_ids.filtered(
            lambda p: p.location_dest_id.usage == "customer" and p.state == "assigned"
        )
        self.assertEqual(again.move_ids.move_line_ids.lot_id, lots[0])
        self._receive(again)
        units = {unit.lot_id.name: unit.state for unit in self._units(order)}
        self.assertEqual(units, {"W-1": "active", "W-2": "returned"})

    def test_nobody_types_what_belongs_to_a_return(self):
        rma, order = self._arrived(1)
        other = self._sold(quantity=1)
        move = other.picking_ids.move_ids.with_user(self.warehouse_user)
        with self.assertRaisesRegex(UserError, "is not typed"):
            move.aftersales_return_line_id = rma.line_ids.id
        with self.assertRaisesRegex(UserError, "is not typed"):
            move.picking_id.aftersales_return_id = rma.id
        link = rma.line_ids.id
        row = {
            "product_id": move.product_id.id,
            "product_uom_qty": 1,
            "location_id": move.location_id.id,
            "location_dest_id": move.location_dest_id.id,
        }
        Move = move.browse()
        for moves, vals in (
            (Move, {**row, "aftersales_return_line_id": link}),
            (Move.with_context(default_aftersales_return_line_id=link), row),
        ):
            with self.assertRaisesRegex(UserError, "is not typed"):
                moves.create(vals)
        receipt = rma.picking_ids[-1:].with_user(self.warehouse_user)
        receipt.aftersales_return_id = rma.id  # as it is
        self.assertEqual(order.order_line.qty_delivered, 0)

    def test_a_new_warehouse_takes_goods_back(self):
        # The places are known before it is made.
        self.env["stock.warehouse"]._aftersales_get_quarantine_ids()
        warehouse = self.env["stock.warehouse"].create(
            {"name": "South", "code": "SO", "company_id": self.company.id}
        )
        order = self._sold(quantity=2)
        rma = self._authorised(
            (order.picking_ids.move_ids, 2, REFUND), warehouse_id=warehouse.id
        )
        self._receive(rma.picking_ids)
        rma.line_ids.inspection = "resaleable"
        rma.action_inspect()
        self.assertEqual(self._on_stock(self.oil, warehouse.lot_stock_id), 2)

    def test_quarantine_is_left_by_inspection_alone(self):
        self._arrived(2)
        move = self.env["stock.move"].create(
            {
                "product_id": self.oil.id,
                "product_uom_qty": 1,
                "location_id": self.quarantine.id,
                "location_dest_id": self.stock.id,
                "company_id": self.company.id,
            }
        )
        move._action_confirm()
        move.write({"quantity": 1, "picked": True})
        with self.assertRaisesRegex(UserError, "leave quarantine by their inspection"):
            move._action_done()
