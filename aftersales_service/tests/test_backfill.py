from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models import aftersales_backfill_work
from .common import AftersalesCommon


class Killed(BaseException):
    """What a killed process looks like from inside."""


class BackfillCommon(AftersalesCommon):
    """A company that delivered machines before it had the add-on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Whoever starts it reads the reasons in his language.
        cls.manager.lang = "en_US"
        cls.Unit = cls.env["aftersales.equipment"]
        cls.cron = cls.env.ref("aftersales_service.ir_cron_aftersales_backfill")

    def setUp(self):
        super().setUp()
        self.clock = datetime(2024, 1, 1, 8)

    @classmethod
    @contextmanager
    def _before_go_live(cls):
        """What is delivered here makes no voucher."""
        products = cls.harvester | cls.header
        kinds = {product: product.aftersales_voucher for product in products}
        products.aftersales_voucher = "none"
        yield
        for product, kind in kinds.items():
            product.aftersales_voucher = kind

    def _date(self, picking, day=None):
        """Move a done transfer to a day of the past, each one later than the last."""
        self.clock = day or self.clock + timedelta(days=1)
        picking.move_ids.date = self.clock
        return picking

    def _past_sale(self, lots, partner=None, day=None):
        order = self._sell((self.harvester, len(lots)), partner=partner)
        return self._date(self._deliver(order, lots=lots), day)

    def _past_return(self, picking, day=None, **kwargs):
        return self._date(self._validate(self._return(picking, **kwargs)), day)

    def _backfill(self, **values):
        return self.env["aftersales.backfill"].with_user(self.manager).create(values)

    def _work(self):
        """Run the job as the server would, with its commits."""
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()

    def _start_and_work(self, **values):
        backfill = self._backfill(**values)
        backfill.action_start()
        self._work()
        self.assertEqual(backfill.state, "done")
        return backfill

    def _of(self, lot):
        return self.Unit.search([("lot_id", "=", lot.id)], order="delivery_date, id")


@tagged("post_install", "-at_install")
class TestBackfill(BackfillCommon):
    """Proves: what was sold before go-live gets its vouchers, once and in order."""

    @classmethod
    def setUpClass(cls):
        """Deliver 120 machines, two a day."""
        super().setUpClass()
        cls.lots = cls._lots(cls, *(f"P{number:03d}" for number in range(120)))
        with cls._before_go_live():
            orders = cls.env["sale.order"].create(
                [
                    {
                        "partner_id": cls.farmer.id,
                        "order_line": [
                            Command.create(
                                {"product_id": cls.harvester.id, "product_uom_qty": 2}
                            )
                        ],
                    }
                    for _order in range(60)
                ]
            )
            orders.action_confirm()
            pickings = orders.picking_ids.sorted("id")
            for number, picking in enumerate(pickings):
                pair = cls.lots[2 * number : 2 * number + 2]
                cls._take_lots(cls, picking.move_ids, pair)
            pickings.move_ids.picked = True
            pickings.button_validate()
        for number, picking in enumerate(pickings):
            picking.move_ids.date = datetime(2024, 1, 2, 8) + timedelta(days=number)
        cls.env.flush_all()

    def _units_of_120(self):
        return self.Unit.search([("lot_id", "in", self.lots.ids)], order="id")

    def test_120_past_deliveries(self):
        self.assertFalse(self._units_of_120())
        backfill = self._backfill()
        self.assertEqual(backfill.expected_unit_count, 120)
        self.assertEqual(backfill.delivery_count, 60)
        backfill.action_start()
        self.assertEqual(backfill.state, "running")
        self.assertEqual(backfill.total_count, 60)
        with patch.object(aftersales_backfill_work, "BATCH_SIZE", 25):
            self._work()
        self.assertEqual(backfill.state, "done")
        self.assertEqual(backfill.unit_count, 120)
        self.assertEqual(backfill.done_count, 60)
        self.assertEqual(len(backfill.batch_ids), 3)
        self.assertEqual(backfill.progress, 100)
        units = self._units_of_120()
        self.assertEqual(units.lot_id, self.lots)
        self.assertEqual(set(units.mapped("state")), {"active"})
        self.assertEqual(set(units.mapped("source")), {"delivery"})
        self.assertEqual(units.partner_id, self.farmer)
        self.assertEqual(units[0].delivery_date, date(2024, 1, 2))
        self.assertTrue(units[0].sale_line_id)
        # Numbered in the order in which they were delivered, by whoever asked for it.
        self.assertEqual(units.sorted("name"), units.sorted("delivery_date"))
        self.assertEqual(units.create_uid, self.manager)
        again = self._backfill()
        self.assertEqual(again.expected_unit_count, 0)
        again.action_start()
        self._work()
        self.assertEqual(again.unit_count, 0)
        self.assertEqual(self._units_of_120(), units)

    def test_killed_and_continued(self):
        """A killed server loses the batch it was at, nothing else, and goes on."""
        backfill = self._backfill()
        backfill.action_start()
        replay = type(self.Unit)._replay
        calls = []

        def killed_in_third_batch(this, moves):
            calls.append(moves)
            result = replay(this, moves)
            if len(calls) == 3:
                raise Killed
            return result

        with (
            patch.object(aftersales_backfill_work, "BATCH_SIZE", 20),
            patch.object(type(self.Unit), "_replay", killed_in_third_batch),
            self.enter_registry_test_mode(),
            # Odoo's assertRaises would undo what was committed before.
            suppress(Killed),
            self.registry.cursor() as cr,
        ):
            self.env(cr=cr)["aftersales.backfill"]._cron_run()
        self.assertEqual(len(calls), 3)
        self.assertEqual(backfill.state, "running")
        self.assertEqual(backfill.done_count, 40)
        self.assertEqual(len(self._units_of_120()), 80)
        self._work()
        self.assertEqual(backfill.state, "done")
        self.assertEqual(backfill.done_count, 60)
        self.assertEqual(len(self._units_of_120()), 120)

    def test_second_process_does_nothing(self):
        """The record is locked during a batch: a second process leaves it alone."""
        backfill = self._backfill()
        backfill.action_start()
        locked = type(backfill).try_lock_for_update
        with patch.object(
            type(backfill),
            "try_lock_for_update",
            lambda this, **kwargs: locked(this.browse(), **kwargs),
        ):
            self._work()
        self.assertEqual(backfill.state, "running")
        self.assertFalse(backfill.batch_ids)

    def test_pause_between_two_batches(self):
        backfill = self._backfill()
        backfill.action_start()
        handle = type(backfill)._handle

        def pause_after_first(this, moves, last):
            handle(this, moves, last)
            this.with_user(self.manager).action_pause()

        with (
            patch.object(aftersales_backfill_work, "BATCH_SIZE", 20),
            patch.object(type(backfill), "_handle", pause_after_first),
        ):
            self._work()
        self.assertEqual(backfill.state, "paused")
        self.assertEqual(backfill.done_count, 20)
        self.assertAlmostEqual(backfill.progress, 33.3, 1)
        with self.assertRaises(UserError):
            backfill.action_pause()
        self._work()
        self.assertEqual(backfill.done_count, 20, "a paused one is not worked on")
        backfill.action_continue()
        self._work()
        self.assertEqual(backfill.state, "done")
        self.assertEqual(backfill.unit_count, 120)

    def test_cancel_keeps_what_was_made(self):
        backfill = self._backfill()
        backfill.action_start()
        backfill.action_cancel()
        self._work()
        self.assertEqual(backfill.state, "cancelled")
        self.assertFalse(backfill.unit_count)
        self._start_and_work()

    def test_one_under_way_per_company(self):
        self._backfill().action_start()
        with self.assertRaisesRegex(UserError, "Harvester Works"):
            self._backfill().action_start()

    def test_nothing_to_do(self):
        with self.assertRaisesRegex(UserError, "no delivery in this period"):
            self._backfill(date_to="2019-12-31").action_start()

    def test_facts_and_rights(self):
        backfill = self._backfill()
        with self.assertRaises(UserError):
            backfill.write({"state": "done"})
        with self.assertRaises(AccessError):
            backfill.with_user(self.supervisor).read(["state"])
        with self.assertRaises(AccessError):
            backfill.with_user(self.manager).env["aftersales.backfill.batch"].create(
                {"backfill_id": backfill.id}
            )
        backfill.action_start()
        with self.assertRaisesRegex(UserError, "stays as it was asked for"):
            backfill.date_to = "2020-01-01"
        with self.assertRaises(UserError):
            backfill.unlink()

    def test_period_products_categories(self):
        category = self.env["product.category"].create({"name": "Machines"})
        self.harvester.categ_id = category
        self._stock(self.header, 5)
        early, late = self._lots("Q1", "Q2")
        with self._before_go_live():
            self._past_sale(early, day=datetime(2022, 5, 1, 10))
            self._past_sale(late, day=datetime(2023, 5, 1, 10))
            order = self._sell((self.header, 5))
            self._date(self._deliver(order), datetime(2023, 6, 1, 10))
        self._start_and_work(
            date_from="2023-01-01", categ_ids=[Command.set(category.ids)]
        )
        self.assertFalse(self._of(early))
        self.assertTrue(self._of(late))
        self.assertFalse(self._units(order))
        self._start_and_work(product_ids=[Command.set(self.header.ids)])
        self.assertFalse(self._of(early))
        self.assertEqual(self._units(order).quantity, 5)

    def test_other_company_untouched(self):
        other = self.env["res.company"].create({"name": "Other Works"})
        self.manager.company_ids |= other
        Backfill = self.env["aftersales.backfill"].with_user(self.manager)
        backfill = Backfill.with_company(other).create({})
        self.assertFalse(backfill.expected_unit_count)
        with self.assertRaises(UserError):
            backfill.action_start()

    def test_problem_is_listed_and_not_fatal(self):
        """One broken transfer does not stop the others, and can be tried again."""
        good, bad, later = self._lots("B1", "B2", "B3")
        with self._before_go_live():
            self._past_sale(good)
            self._past_sale(bad)
            self._past_sale(later)
        registered = self.Unit.create(
            {
                "product_id": self.harvester.id,
                "serial": "B2",
                "partner_id": self.farmer.id,
                # Before its delivery: somebody has to look at it.
                "installation_date": "2023-06-01",
            }
        )
        backfill = self._start_and_work()
        self.assertEqual(backfill.unit_count, 122)
        self.assertTrue(self._of(good) and self._of(later))
        problem = backfill.error_ids
        self.assertEqual(len(problem), 1)
        self.assertEqual(problem.product_id, self.harvester)
        self.assertTrue(problem.reference)
        self.assertIn("cannot lie before the delivery", problem.message)
        self.assertFalse(registered.move_id)
        registered.installation_date = "2024-06-01"
        backfill.action_retry()
        self.assertFalse(backfill.error_ids)
        self.assertEqual(registered.delivery_date, date(2024, 1, 3))
        self.assertEqual(len(self._of(bad)), 1)

    def test_unexpected_error_is_listed(self):
        lots = self._lots("E1", "E2")
        with self._before_go_live():
            for lot in lots:
                self._past_sale(lot)
        site = type(self.env["stock.move"])._aftersales_site

        def broken(this):
            if this.lot_ids == lots[0]:
                raise ValueError("broken data")
            return site(this)

        with (
            patch.object(type(self.env["stock.move"]), "_aftersales_site", broken),
            mute_logger(
                "odoo.addons.aftersales_service.models.aftersales_backfill_work"
            ),
        ):
            backfill = self._backfill()
            backfill.action_start()
            self._work()
        self.assertEqual(backfill.state, "done")
        self.assertIn("broken data", backfill.error_ids.message)
        self.assertTrue(self._of(lots[1]))


@tagged("post_install", "-at_install")
class TestBackfillHistory(BackfillCommon):
    """Proves: replayed returns and resales end as they did in life (R13, R16)."""

    def test_returned(self):
        lots = self._lots("R1", "R2")
        with self._before_go_live():
            picking = self._past_sale(lots)
            back = self._past_return(picking)
        self.assertEqual(len(back.move_ids), 1)
        backfill = self._start_and_work()
        units = self._of(lots[0]) | self._of(lots[1])
        self.assertEqual(units.mapped("state"), ["returned"] * 2)
        self.assertEqual(units[0].close_date, date(2024, 1, 3))
        self.assertEqual(backfill.returned_count, 2)
        self._start_and_work()
        self.assertEqual(units.mapped("quantity_returned"), [1, 1])

    def test_resold(self):
        """Sold, returned, sold again: the last customer has the voucher in use."""
        lot = self._lots("R3")
        with self._before_go_live():
            picking = self._past_sale(lot)
            self._past_return(picking)
            self._past_sale(lot, partner=self.other_farmer)
        self._start_and_work()
        first, second = self._of(lot)
        self.assertEqual(first.partner_id, self.farmer)
        self.assertEqual(first.state, "returned")
        self.assertEqual(first.close_date, date(2024, 1, 3))
        self.assertEqual(first.close_reason, "Returned by the customer")
        self.assertEqual(second.partner_id, self.other_farmer)
        self.assertEqual(second.state, "active")

    def test_resold_after_go_live(self):
        """The voucher that life made meanwhile is not touched."""
        lot = self._lots("R4")
        with self._before_go_live():
            picking = self._past_sale(lot)
            back = self._return(picking)
        # Came back and was sold anew when the add-on was there already.
        self._date(self._validate(back), datetime(2024, 6, 1, 8))
        order = self._sell((self.harvester, 1), partner=self.other_farmer)
        self._deliver(order, lots=lot)
        live = self._units(order)
        ticket = self._ticket(equipment_id=live.id)
        before = live.read(
            ["state", "close_date", "partner_id", "move_id", "write_date"]
        )
        self._start_and_work()
        first, second = self._of(lot)
        self.assertEqual(second, live)
        self.assertEqual(
            live.read(["state", "close_date", "partner_id", "move_id", "write_date"]),
            before,
        )
        self.assertEqual(live.ticket_ids, ticket)
        self.assertEqual(first.state, "returned")
        self.assertEqual(first.partner_id, self.farmer)
        self.assertEqual(first.quantity_returned, 1)
        self.assertEqual(first.close_date, date(2024, 6, 1))

    def test_resold_without_refunded_return(self):
        lot = self._lots("R5")
        with self._before_go_live():
            picking = self._past_sale(lot)
            self._past_return(picking, to_refund=False)
            self._past_sale(lot, partner=self.other_farmer)
        self._start_and_work()
        first, second = self._of(lot)
        self.assertEqual((first.state, second.state), ("returned", "active"))
        self.assertEqual(first.close_date, second.delivery_date)

    def test_repair_and_hand_back(self):
        lot = self._lots("R6")
        with self._before_go_live():
            picking = self._past_sale(lot)
            for _time in range(2):
                back = self._past_return(picking, to_refund=False)
                picking = self._past_return(back, to_refund=False)
        self._start_and_work()
        unit = self._of(lot)
        self.assertEqual(len(unit), 1)
        self.assertEqual(unit.state, "active")
        self.assertEqual(unit.delivery_date, date(2024, 1, 2))

    def test_repaired_twice_when_live(self):
        """The second hand-back finds the voucher of the first delivery, too."""
        unit = self._sold_unit("R7")
        picking = unit.picking_id
        for _time in range(2):
            back = self._validate(self._return(picking, to_refund=False))
            picking = self._validate(self._return(back, to_refund=False))
        self.assertEqual(self._of(unit.lot_id), unit)
        self.assertEqual(unit.state, "active")

    def test_returned_sent_back_and_returned_again(self):
        self._stock(self.header, 5)
        with self._before_go_live():
            order = self._sell((self.header, 5))
            picking = self._date(self._deliver(order))
            back = self._past_return(picking, quantities={self.header: 2})
            again = self._past_return(back, quantities={self.header: 1})
            self._past_return(again, quantities={self.header: 1})
        self._start_and_work()
        unit = self._units(order)
        self.assertEqual(unit.quantity_returned, 2)
        self._start_and_work()
        self.assertEqual(unit.quantity_returned, 2, "a second run books nothing twice")
        self.assertEqual(unit.state, "active")

    def test_live_returns_are_not_booked_twice(self):
        self._stock(self.header, 5)
        order = self._sell((self.header, 5))
        picking = self._deliver(order)
        unit = self._units(order)
        self._validate(self._return(picking, quantities={self.header: 2}))
        self.assertEqual(unit.quantity_returned, 2)
        self._start_and_work()
        self.assertEqual(unit.quantity_returned, 2)

    def test_returned_by_hand(self):
        """A receipt that names no delivery ends the voucher of that time."""
        lot = self._lots("R8")
        with self._before_go_live():
            self._past_sale(lot)
            receipt = self._receive_by_hand(lot)
            self._past_sale(lot, partner=self.other_farmer)
        self.assertFalse(receipt.move_ids.origin_returned_move_id)
        self._start_and_work()
        first, second = self._of(lot)
        self.assertEqual(first.quantity_returned, 1)
        self.assertEqual(first.close_date, date(2024, 1, 3))
        self.assertEqual(second.quantity_returned, 0)
        self.assertEqual(second.state, "active")

    def _receive_by_hand(self, lot):
        customers = self.env.ref("stock.stock_location_customers")
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.in_type_id.id,
                "partner_id": self.farmer.id,
                "location_id": customers.id,
                "location_dest_id": self.stock.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.harvester.id,
                            "product_uom_qty": 1,
                            "to_refund": True,
                            "location_id": customers.id,
                            "location_dest_id": self.stock.id,
                        }
                    )
                ],
            }
        )
        picking.action_confirm()
        return self._date(self._validate(picking, lots=lot))

    def test_invoices_and_credit_notes(self):
        """Units find their invoices, less what was credited (R16)."""
        lots = self._lots("I1", "I2", "I3")
        with self._before_go_live():
            order = self._sell((self.harvester, 3))
            first = self._date(self._deliver(order, lots=lots[:2]))
            invoice = self._invoice(order)
            self._date(self._deliver(order, lots=lots[2:]))
            second_invoice = self._invoice(order)
            wizard_return = self._return(first, quantities={self.harvester: 1})
            self._date(self._validate(wizard_return, lots=lots[:1]))
            self._credit(invoice, {self.harvester: 1})
        self._start_and_work()
        units = self._units(order)
        self.assertEqual(units.lot_id, lots)
        self.assertEqual(units.mapped("state"), ["returned", "active", "active"])
        self.assertFalse(units[0].invoice_line_ids)
        self.assertEqual(units[1].invoice_line_ids, invoice.invoice_line_ids)
        self.assertEqual(units[2].invoice_line_ids, second_invoice.invoice_line_ids)
        # Later invoices find them as well.
        self.assertTrue(order.order_line.aftersales_has_units)

    def test_registered_units_get_their_delivery(self):
        """A unit that came in by file is the unit of its delivery, not another one."""
        lots = self._lots("A1", "A2", "A3")
        self._stock(self.header, 4)
        with self._before_go_live():
            self._past_sale(lots[:1])
            self._past_sale(lots[1:2])
            self._past_sale(lots[2:])
            order = self._sell((self.header, 4))
            self._date(self._deliver(order), datetime(2024, 3, 3, 8))
        same, other = self.Unit.create(
            [
                {
                    "product_id": self.harvester.id,
                    "serial": "A1",
                    "partner_id": self.farmer.id,
                },
                {
                    "product_id": self.harvester.id,
                    "serial": "A2",
                    "partner_id": self.other_farmer.id,
                },
            ]
        )
        header = self.Unit.create(
            {
                "product_id": self.header.id,
                "quantity": 4,
                "partner_id": self.farmer.id,
                "delivery_date": "2024-03-03",
            }
        )
        ticket = self._ticket(equipment_id=same.id)
        self._start_and_work()
        self.assertEqual(self._of(lots[0]), same)
        self.assertEqual(same.source, "delivery")
        self.assertEqual(same.delivery_date, date(2024, 1, 2))
        self.assertTrue(same.sale_order_id)
        self.assertEqual(same.ticket_ids, ticket)
        self.assertEqual(self._units(order), header)
        # What a person registered for another customer is what is known last.
        old = self._of(lots[1]) - other
        self.assertEqual((old.state, other.state), ("returned", "active"))
        self.assertEqual(old.partner_id, self.farmer)
        self.assertEqual(self._of(lots[2]).state, "active")

    def test_registered_unit_is_the_one_of_the_last_sale(self):
        """Sold to him, taken back, sold to him again: registered is the present one."""
        lot = self._lots("A4")
        with self._before_go_live():
            picking = self._past_sale(lot)
            self._past_return(picking)
            self._past_sale(lot)
        unit = self.Unit.create(
            {
                "product_id": self.harvester.id,
                "serial": "A4",
                "partner_id": self.farmer.id,
            }
        )
        self._start_and_work()
        first, second = self._of(lot)
        self.assertEqual(second, unit)
        self.assertEqual((first.state, unit.state), ("returned", "active"))

    def test_products_switched_on_later(self):
        """Old deliveries fall into place between vouchers that exist already."""
        lot = self._lots("S1")
        with self._before_go_live():
            picking = self._past_sale(lot, day=datetime(2023, 2, 1, 8))
            self._past_return(picking, day=datetime(2023, 3, 1, 8))
        order = self._sell((self.harvester, 1), partner=self.other_farmer)
        self._date(self._deliver(order, lots=lot), datetime(2023, 4, 1, 8))
        self._start_and_work(date_from="2023-01-01", date_to="2023-12-31")
        first = self._of(lot) - self._units(order)
        self.assertEqual(first.state, "returned")
        self.assertEqual(first.close_date, date(2023, 3, 1))
        self.assertEqual(self._units(order).state, "active")

    def test_batches_cost_no_more_per_delivery(self):
        """Forty deliveries replayed at once cost far less than forty times one."""
        lots = self._lots(*(f"C{number:02d}" for number in range(41)))
        with self._before_go_live():
            pickings = [self._past_sale(lot) for lot in lots]
        moves = self.env["stock.move"].union(*(p.move_ids for p in pickings))
        Unit = self.Unit.with_company(self.company)

        def count_queries(moves):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            Unit._replay(moves)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count_queries(moves[:1])  # warm
        single = count_queries(moves[1:2])
        many = count_queries(moves[2:])
        self.assertLess(many, single + 2 * 39)
