from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import PartsCommon


@tagged("post_install", "-at_install")
class TestPartsPlan(PartsCommon):
    """Proves R43, R44: needs, use, sales, units and stock make the plan and orders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vendor = cls.env["res.partner"].create(
            {"name": "Belt Works", "lang": "en_US", "company_id": cls.company.id}
        )
        cls.belt = cls._part("Belt")
        cls.station = cls.env["stock.warehouse"].create(
            {
                "name": "Station",
                "code": "STA",
                "company_id": cls.company.id,
                "aftersales_parent_depot_id": cls.warehouse.id,
            }
        )
        cls.plan = cls.env["aftersales.parts.plan"].create({"month": "2026-12-15"})

    @classmethod
    def _part(cls, name, vendor=True, **values):
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "consu",
                "is_storable": True,
                "aftersales_kind": "spare",
                "standard_price": 20,
                "list_price": 50,
                "seller_ids": [
                    Command.create({"partner_id": cls.vendor.id, "price": 18})
                ]
                if vendor
                else [],
                **values,
            }
        )

    def _use(self, quantity, location=None, on="2026-11-02", product=None):
        """Book parts out to a customer, without an order."""
        product = product or self.belt
        self._stock(product, quantity, location=location)
        with freeze_time(f"{on} 04:00:00"):
            move = self.env["stock.move"].create(
                {
                    "product_id": product.id,
                    "product_uom_qty": quantity,
                    "product_uom": product.uom_id.id,
                    "location_id": (location or self.stock).id,
                    "location_dest_id": self.farmer.property_stock_customer.id,
                    "company_id": self.company.id,
                }
            )
            move._action_confirm()
            move._action_assign()
            move.picked = True
            move._action_done()
        return move

    def _line(self, depot=None, product=None):
        return self.plan.line_ids.filtered(
            lambda line: line.warehouse_id == (depot or self.warehouse)
            and line.product_id == (product or self.belt)
        )

    def _ask(self, quantity, product=None):
        """Plan a part on an open ticket."""
        return self.env["aftersales.ticket.line"].create(
            {
                "ticket_id": self._ticket().id,
                "kind": "part",
                "product_id": (product or self.belt).id,
                "quantity": quantity,
            }
        )

    def test_figures_of_a_depot(self):
        self._use(6, on="2026-10-10")
        self._use(3, on="2026-11-05")
        self._use(12, on="2025-12-20")
        self._stock(self.belt, 2)
        order = self._sell((self.belt, 4))
        self.assertTrue(order.picking_ids)
        self._ask(5)
        self.env["stock.warehouse.orderpoint"].create(
            {
                "product_id": self.belt.id,
                "location_id": self.stock.id,
                "warehouse_id": self.warehouse.id,
                "product_min_qty": 3,
                "product_max_qty": 9,
                "trigger": "manual",
            }
        )
        with freeze_time("2026-11-22 03:00:00"):
            self.plan.action_compute()
        line = self._line()
        self.assertEqual(self.plan.month, date(2026, 12, 1))
        self.assertEqual((line.needed, line.used, line.used_season), (5, 3, 12))
        self.assertEqual((line.ordered, line.on_hand, line.minimum), (4, 2, 3))
        self.assertTrue(line.low_stock)
        # A year ago 12 in the season, 4 sold: 16 go out, 3 stay, 2 are there.
        self.assertEqual((line.forecast, line.proposal), (16, 17))
        self.assertEqual((line.vendor_id, line.cost), (self.vendor, 20))
        self.assertEqual((line.budget, self.plan.budget), (340, 340))
        self.assertEqual(self.plan.low_stock_count, 1)

    def test_the_station_asks_its_depot_and_that_one_buys(self):
        self._use(9, self.station.lot_stock_id, on="2026-11-05")
        self._stock(self.belt, 1)
        self.plan.action_compute()
        asked, bought = self._line(self.station), self._line()
        self.assertEqual((asked.parent_depot_id, asked.quantity), (self.warehouse, 3))
        self.assertEqual((bought.supplied, bought.quantity), (3, 2))
        self.assertEqual(self.plan.budget, 40)
        self.plan.with_user(self.manager).action_confirm()
        self.assertEqual((self.plan.order_count, self.plan.picking_count), (1, 1))
        order = self.env["purchase.order"].search(
            [("order_line.aftersales_plan_id", "=", self.plan.id)]
        )
        self.assertEqual((order.state, order.partner_id), ("draft", self.vendor))
        self.assertEqual(order.picking_type_id, self.warehouse.in_type_id)
        self.assertEqual(
            (order.order_line.product_qty, order.order_line.price_unit), (2, 18)
        )
        incoming = self.env["stock.move"].search(
            [("aftersales_plan_id", "=", self.plan.id)]
        )
        self.assertEqual(incoming.location_dest_id, self.station.lot_stock_id)
        self.assertEqual(incoming.move_orig_ids.location_id, self.stock)
        # The next plan knows what is on its way.
        self.plan = self.env["aftersales.parts.plan"].create({"month": "2027-01-01"})
        self.plan.action_compute()
        self.assertEqual(self._line(self.station).on_order, 3)
        self.assertEqual(self._line(self.station).quantity, 0)
        self.assertEqual((self._line().promised, self._line().on_order), (3, 2))
        self.assertEqual(self._line().quantity, 0)

    def test_confirmed_once_and_not_changed_any_more(self):
        self._ask(5)
        self.plan.action_compute()
        with self.assertRaisesRegex(UserError, "manager or buyer"):
            self.plan.with_user(self.supervisor).action_confirm()
        self.plan.action_confirm()
        with self.assertRaisesRegex(UserError, "once"):
            self.plan.action_confirm()
        with self.assertRaisesRegex(UserError, "not confirmed"):
            self.plan.action_compute()
        with self.assertRaisesRegex(UserError, "Only proposals"):
            self._line().quantity = 1
        with self.assertRaisesRegex(UserError, "they are kept"):
            self.plan.unlink()
        with self.assertRaisesRegex(UserError, "cannot be typed"):
            self.plan.state = "draft"
        self.assertEqual(self.plan.order_count, 1)

    def test_a_person_knows_better(self):
        self._ask(5)
        other = self._part("Chain", vendor=False)
        self._ask(2, other)
        self.plan.action_compute()
        line = self._line().with_user(self.supervisor)
        line.write({"quantity": 8, "note": "Harvest comes early"})
        with self.assertRaisesRegex(UserError, "cannot be typed"):
            line.on_hand = 100
        by_hand = self._part("Knife")
        self.env["aftersales.parts.plan.line"].create(
            {
                "plan_id": self.plan.id,
                "warehouse_id": self.warehouse.id,
                "product_id": by_hand.id,
                "quantity": 1,
            }
        )
        self.plan.action_compute()
        self.assertEqual((self._line().quantity, self._line().proposal), (8, 5))
        self.assertEqual(self._line(product=by_hand).quantity, 1)
        self.assertEqual(self._line(product=by_hand).vendor_id, self.vendor)
        with self.assertRaisesRegex(UserError, "Choose a vendor.*Chain"):
            self.plan.action_confirm()
        self._line(product=other).vendor_id = self.vendor
        self.plan.action_confirm()
        lines = self.env["purchase.order.line"].search(
            [("aftersales_plan_id", "=", self.plan.id)]
        )
        self.assertEqual(len(lines.order_id), 1)
        self.assertEqual(sum(lines.mapped("product_qty")), 11)

    def test_more_machines_in_the_field_need_more(self):
        units = self._units_of(date(2025, 1, 1), 2)
        ticket = self._ticket(equipment_id=units[0].id)
        self.env["aftersales.ticket.line"].create(
            {
                "ticket_id": ticket.id,
                "kind": "part",
                "product_id": self.belt.id,
                "quantity": 12,
                "state": "used",
                "date_done": "2026-06-10",
            }
        )
        self.plan.action_compute()
        self.assertEqual(self._line().installed, 1)
        self._units_of(date(2026, 3, 1), 4)
        self.plan.action_compute()
        # 2 before, 6 now: 12 of an average of 4 fail, so 18 of 6 a year.
        self.assertEqual(self._line().installed, 1.5)

    def _units_of(self, day, count):
        return self.env["aftersales.equipment"].create(
            [
                {
                    "product_id": self.header.id,
                    "partner_id": self.farmer.id,
                    "company_id": self.company.id,
                    "delivery_date": day,
                }
                for _index in range(count)
            ]
        )

    def test_one_plan_a_month_of_its_first_day(self):
        with self.assertRaises(ValidationError):
            self.plan.month = "2026-12-02"
        self.plan.action_cancel()
        again = self.env["aftersales.parts.plan"].create({"month": "2026-12-01"})
        self.assertTrue(again)

    def test_who_sees_and_plans(self):
        self.assertTrue(self.plan.with_user(self.agent).read(["budget"]))
        with self.assertRaises(AccessError):
            self.plan.with_user(self.technician).read(["budget"])
        with self.assertRaisesRegex(UserError, "supervisor proposes"):
            self.plan.with_user(self.agent).action_compute()
        self.plan.with_user(self.supervisor).action_compute()

    def test_the_job_makes_one_plan(self):
        self.team.supervisor_id = self.supervisor
        cron = self.env.ref("aftersales_parts.ir_cron_aftersales_parts_plan")
        self._ask(1)
        Plan = self.env["aftersales.parts.plan"]
        for _run in range(2):
            with (
                freeze_time("2027-03-05 03:00:00"),
                self.enter_registry_test_mode(),
            ):
                cron.method_direct_trigger()
        plans = Plan.search(
            [("month", "=", "2027-04-01"), ("company_id", "=", self.company.id)]
        )
        self.assertEqual(len(plans), 1)
        self.assertEqual(plans.line_ids.product_id, self.belt)
        self.assertEqual(plans.activity_ids.user_id, self.supervisor)

    def test_many_parts_cost_no_more_queries(self):
        counts = []
        self._make_parts(1)
        self.plan.action_compute()
        for count in (5, 60):
            self._make_parts(count)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.plan.action_compute()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)

    def _make_parts(self, count):
        parts = self.env["product.product"].create(
            [
                {
                    "name": f"P{index}",
                    "type": "consu",
                    "is_storable": True,
                    "aftersales_kind": "spare",
                }
                for index in range(count)
            ]
        )
        for part in parts:
            self._stock(part, 1)
        return parts
