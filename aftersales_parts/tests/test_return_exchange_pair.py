from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .exchange_common import EXCHANGE, ExchangeCommon


@tagged("post_install", "-at_install")
class TestExchangePair(ExchangeCommon):
    """Proves R13, R52: old serial ↔ new serial, old voucher closed, new one started."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls.env["aftersales.warranty.policy"].create(
            {
                "name": "Harvesters",
                "term_ids": [
                    Command.create(
                        {
                            "component_id": cls.env.ref(
                                "aftersales_service.aftersales_component_machine"
                            ).id,
                            "duration": 12,
                            "duration_unit": "month",
                        }
                    )
                ],
            }
        )
        cls.harvester.aftersales_policy_id = cls.policy

    def _machines(self, *serials, **kwargs):
        lots = self._lots(*serials)
        return self._sold(self.harvester, len(serials), lots=lots, **kwargs), lots

    def _pairs(self, rma):
        return [
            (pair.old_lot_id.name, pair.new_lot_id.name)
            for pair in rma.line_ids.pair_ids
        ]

    def test_voucher_is_handed_over(self):
        order, old = self._machines("A-1", partner=self.dealer, ship_to=self.farmer)
        unit = self._units(order)
        unit.site_id = self.other_farmer
        rma = self._exchange_rma(order)
        self._came(rma)
        self.assertEqual(unit.state, "returned")
        new = self._lots("A-2")
        rma.action_exchange()
        self._ship(rma, lots=new)
        self.assertEqual(unit.state, "replaced")
        self.assertIn("A-2", unit.close_reason)
        successor = unit.replaced_by_id
        self.assertEqual(successor.lot_id, new)
        self.assertEqual(successor.state, "active")
        self.assertEqual(successor.partner_id, self.farmer)
        self.assertEqual(successor.dealer_id, self.dealer)
        self.assertEqual(successor.site_id, self.other_farmer)
        self.assertEqual(successor.sale_line_id, order.order_line)
        self.assertEqual(successor.invoice_line_ids, order.invoice_ids.invoice_line_ids)
        self.assertEqual(unit.invoice_line_ids, successor.invoice_line_ids)
        self.assertEqual(self._pairs(rma), [("A-1", "A-2")])
        self.assertEqual(rma.line_ids.replacement_lot_id, new)
        rma._follow_moves()
        self.assertEqual(self._pairs(rma), [("A-1", "A-2")], "once")

    def test_warranty_restarts_or_goes_on(self):
        for restarts, end in ((True, date(2027, 3, 1)), (False, date(2027, 1, 10))):
            with self.subTest(restarts=restarts):
                self.policy.restarts_on_replacement = restarts
                with freeze_time("2026-01-10 04:00:00"):
                    order, _old = self._machines(f"W-{restarts}")
                with freeze_time("2026-03-01 04:00:00"):
                    rma = self._exchange_rma(order)
                    self._came(rma)
                    new = self._lots(f"WN-{restarts}")
                    rma.action_exchange()
                    self._ship(rma, lots=new)
                unit = rma.line_ids.pair_ids.new_equipment_id
                self.assertEqual(unit.coverage_ids.source, "replacement")
                self.assertEqual(unit.warranty_end, end)

    def test_several_pieces_each_with_its_own(self):
        order, _old = self._machines("B-1", "B-2", "B-3")
        rma = self._exchange_rma(order, 2)
        came = self.env["stock.lot"].search([("name", "in", ("B-1", "B-3"))])
        self._came(rma, lots=came)
        first, second = self._lots("B-8"), self._lots("B-9")
        rma.action_exchange()
        # Two deliveries, each with a serial nobody planned.
        delivery = self._replacement(rma)
        move = delivery.move_ids
        move.move_line_ids.unlink()
        self._take_lots(move, first, keep=True)
        move.picked = True
        delivery.with_context(skip_backorder=True).button_validate()
        self._ship(rma, lots=second)
        self.assertEqual(self._pairs(rma), [("B-1", "B-8"), ("B-3", "B-9")])
        self.assertFalse(rma.line_ids.replacement_lot_id)
        units = self._units(order)
        self.assertEqual(
            {unit.lot_id.name: unit.state for unit in units},
            {
                "B-1": "replaced",
                "B-2": "active",
                "B-3": "replaced",
                "B-8": "active",
                "B-9": "active",
            },
        )
        self.assertEqual(rma.line_ids.quantity_replaced, 2)
        self.assertEqual(order.order_line.qty_delivered, 3)

    def test_planned_serial_is_kept(self):
        order, _old = self._machines("C-1")
        self._lots("C-2", "C-3")
        planned = self._lots("C-4")
        rma = self._exchange_rma(order)
        self._came(rma)
        rma.line_ids.replacement_lot_id = planned
        rma.action_exchange()
        delivery = self._replacement(rma)
        self.assertEqual(delivery.move_line_ids.lot_id, planned)
        other = self.env["stock.lot"].search([("name", "=", "C-3")])
        self._ship(rma, lots=other)
        self.assertEqual(rma.line_ids.replacement_lot_id, other, "what was sent")
        self.assertEqual(self._pairs(rma), [("C-1", "C-3")])

    def test_lots(self):
        product = self.env["product.product"].create(
            {
                "name": "Seed",
                "type": "consu",
                "is_storable": True,
                "tracking": "lot",
                "list_price": 10,
            }
        )
        old, new = self.env["stock.lot"].create(
            [{"name": name, "product_id": product.id} for name in ("L1", "L2")]
        )
        quant = self.env["stock.quant"]
        quant._update_available_quantity(product, self.stock, 10, lot_id=old)
        order = self._sold(product, 10)
        rma = self._exchange_rma(order, 4)
        self._came(rma)
        # What came back lies on the same shelf: take the new lot.
        quant._update_available_quantity(product, self.stock, 4, lot_id=new)
        rma.action_exchange()
        delivery = self._replacement(rma)
        delivery.move_line_ids.lot_id = new
        self._ship(rma)
        pair = rma.line_ids.pair_ids
        self.assertEqual((pair.old_lot_id, pair.new_lot_id), (old, new))
        self.assertEqual(pair.quantity, 4)
        self.assertEqual(order.order_line.qty_delivered, 10)

    def test_one_voucher_for_a_line(self):
        self._stock(self.header, 10)
        order = self._sold(self.header, 3)
        unit = self._units(order)
        rma = self._exchange_rma(order, 1)
        self._came(rma)
        rma.action_exchange()
        self._ship(rma)
        pair = rma.line_ids.pair_ids
        self.assertEqual(pair.new_equipment_id.replaces_id, unit)
        self.assertEqual(pair.new_equipment_id.quantity, 1)
        self.assertEqual(unit.state, "active", "two are with him")
        self.assertEqual(unit.quantity_returned, 1)

    def test_unit_sold_before_go_live(self):
        unit = self.env["aftersales.equipment"].create(
            {
                "product_id": self.harvester.id,
                "serial": "OLD-1",
                "partner_id": self.farmer.id,
            }
        )
        new = self._lots("OLD-2")
        rma = self.env["aftersales.return"].create(
            {
                "line_ids": [
                    Command.create(
                        {
                            "equipment_id": unit.id,
                            "note": "Leaks",
                            "cause_id": self.cause.id,
                            **EXCHANGE,
                        }
                    )
                ]
            }
        )
        rma.action_authorise()
        self._came(rma, lots=unit.lot_id)
        rma.action_exchange()
        self._ship(rma, lots=new)
        self.assertEqual(unit.state, "replaced")
        self.assertEqual(unit.replaced_by_id.lot_id, new)
        self.assertEqual(unit.replaced_by_id.partner_id, self.farmer)
        rma.action_done()

    def _cost(self, count):
        """Return the queries of delivering replacements of so many machines."""
        name = f"Q{count}"
        order, old = self._machines(*(f"{name}-{i}" for i in range(count)))
        rma = self._exchange_rma(order, count)
        self._came(rma, lots=old)
        new = self._lots(*(f"{name}-N{i}" for i in range(count)))
        rma.action_exchange()
        picking = self._replacement(rma)
        self._take_lots(picking.move_ids, new)
        picking.move_ids.picked = True
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        picking.with_context(skip_backorder=True).button_validate()
        self.env.flush_all()
        cost = self.env.cr.sql_log_count - before
        self.assertEqual(len(rma.line_ids.pair_ids), count)
        before = self.env.cr.sql_log_count
        rma._follow_moves()
        self.env.flush_all()
        return cost, self.env.cr.sql_log_count - before

    def test_many_serials_on_one_delivery(self):
        one, again = self._cost(1)
        many, many_again = self._cost(20)
        self.assertEqual(again, many_again, "what is paired costs nothing more")
        self.assertLess((many - one) / 19, 45, f"{one} queries for one, {many} for 20")
