from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import PartsCommon

# A Wednesday, 17:05 in Shanghai.
EVENING = "2026-06-03 09:05:00"
NOON = "2026-06-03 04:00:00"


@tagged("post_install", "-at_install")
class TestDeliveryDay(PartsCommon):
    """Proves R54: the day's orders listed in the evening, what is missing ordered once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_calendar("Five Days", 5, ((8, 12), (13, 18)))
        cls.company.aftersales_delivery_user_id = cls.supervisor
        cls.company.aftersales_delivery_listed = "2026-06-02 09:00:00"
        cls.vendor = cls.env["res.partner"].create({"name": "Mill", "lang": "en_US"})
        cls.oil.write(
            {
                "seller_ids": [
                    Command.create({"partner_id": cls.vendor.id, "price": 5.0})
                ],
                "route_ids": [Command.set(cls.warehouse.buy_pull_id.route_id.ids)],
            }
        )

    @freeze_time(NOON)
    def _sell_at_noon(self, quantity=3, product=None):
        return self._sell((product or self.oil, quantity))

    def _list(self, moment=EVENING):
        """Run the evening of the company, without its commits."""
        Day = self.env["aftersales.delivery.day"]
        with (
            freeze_time(moment),
            patch.object(
                type(self.env["ir.cron"]),
                "_commit_progress",
                lambda *args, **kwargs: 60.0,
            ),
        ):
            Day._end_day(self.company)
        return Day.search([("company_id", "=", self.company.id)], limit=1)

    def _asked(self):
        """Return what vendors were asked for."""
        lines = self.env["purchase.order.line"].search(
            [("product_id", "=", self.oil.id), ("state", "!=", "cancel")]
        )
        return sum(lines.mapped("product_qty"))

    def test_listed_in_the_evening_alone(self):
        self._sell_at_noon()
        self.assertFalse(self._list("2026-06-03 08:59:00"))
        day = self._list()
        self.assertEqual(day.order_count, 1)
        self.assertEqual(day.state, "open")
        self.assertEqual(self._list("2026-06-03 10:00:00").line_count, 1)

    def test_what_comes_later_is_on_the_next_list(self):
        self._sell_at_noon()
        day = self._list()
        with freeze_time("2026-06-03 09:30:00"):
            late = self._sell((self.oil, 1))
        self._list("2026-06-03 10:00:00")
        self.assertEqual(day.order_count, 1)
        # Also what was being confirmed while the list was made.
        with freeze_time("2026-06-03 08:59:59"):
            slow = self._sell((self.oil, 1))
        following = self._list("2026-06-04 09:05:00")
        self.assertEqual(following.line_ids.order_id, late | slow)

    def test_not_on_days_off(self):
        with freeze_time("2026-06-06 04:00:00"):
            self._sell((self.oil, 1))
        self.assertFalse(self._list("2026-06-06 09:05:00"))
        self.assertEqual(self._list("2026-06-08 09:05:00").order_count, 1)

    def test_killed_between_two_batches(self):
        self._sell_at_noon()
        self._sell_at_noon()
        Day = self.env["aftersales.delivery.day"]
        with (
            patch(
                "odoo.addons.aftersales_parts.models.aftersales_delivery_day_cron"
                ".BATCH_SIZE",
                1,
            ),
            patch.object(
                type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 0.0
            ),
            freeze_time(EVENING),
        ):
            Day._end_day(self.company)
        half = Day.search([("company_id", "=", self.company.id)])
        self.assertEqual((half.state, half.order_count), ("draft", 1))
        self.assertFalse(half.message_ids.filtered("partner_ids"))
        day = self._list("2026-06-03 09:15:00")
        self.assertEqual((day, day.order_count, day.state), (half, 2, "open"))

    def test_two_orders_are_not_promised_the_same_piece(self):
        self.warehouse.out_type_id.reservation_method = "manual"
        self._stock(self.oil, 4)
        first, second = self._sell_at_noon(), self._sell_at_noon()
        day = self._list()
        lines = day.line_ids.sorted("id")
        self.assertEqual(lines.order_id, first | second)
        self.assertEqual(lines.mapped("free_quantity"), [3, 1])
        self.assertEqual(lines.mapped("missing_quantity"), [0, 2])

    def test_reserved_goods_are_there(self):
        self._stock(self.oil, 3)
        order = self._sell_at_noon()
        order.picking_ids.action_assign()
        day = self._list()
        self.assertEqual(day.line_ids.reserved_quantity, 3)
        self.assertEqual(day.state, "done")
        self.assertFalse(day.activity_ids)

    def test_responsible_is_told(self):
        self._sell_at_noon()
        day = self._list()
        self.assertEqual(day.activity_ids.user_id, self.supervisor)
        self.assertEqual(str(day.activity_ids.date_deadline), "2026-06-04")
        told = day.message_ids.filtered(
            lambda m: self.supervisor.partner_id in m.partner_ids
        )
        self.assertIn("Oil", told.body)

    def test_ordered_once(self):
        self._stock(self.oil, 1)
        self._sell_at_noon()
        day = self._list()
        day.with_user(self.agent).action_order()
        self.assertEqual(self._asked(), 2)
        line = day.line_ids
        self.assertEqual((line.state, line.ordered_quantity), ("ordered", 2))
        self.assertEqual(line.ordered_by_id, self.agent)
        self.assertEqual(day.state, "done")
        self.assertFalse(day.activity_ids)
        with self.assertRaisesRegex(UserError, "nothing is left"):
            day.action_order()
        self.assertEqual(self._asked(), 2)

    def test_what_came_meanwhile_is_not_ordered(self):
        self._sell_at_noon()
        day = self._list()
        self._stock(self.oil, 3)
        day.action_order()
        self.assertEqual(self._asked(), 0)
        self.assertEqual((day.line_ids.state, day.state), ("covered", "done"))

    def test_what_another_asked_for_is_not_ordered(self):
        self._sell_at_noon()
        day = self._list()
        self.env["purchase.order"].create(
            {
                "partner_id": self.vendor.id,
                "picking_type_id": self.warehouse.in_type_id.id,
                "order_line": [
                    Command.create({"product_id": self.oil.id, "product_qty": 2})
                ],
            }
        )
        day.action_order()
        self.assertEqual(self._asked(), 3)

    def test_what_nobody_sells_stays_missing(self):
        self._sell_at_noon(1, self.header)
        self._sell_at_noon()
        day = self._list()
        day.action_order()
        left = day.line_ids.filtered(lambda line: line.product_id == self.header)
        self.assertEqual(left.state, "missing")
        self.assertTrue(left.obstacle)
        self.assertEqual((self._asked(), day.state), (3, "open"))

    def test_cancelled_orders_order_nothing(self):
        order = self._sell_at_noon()
        day = self._list()
        order._action_cancel()
        day.action_order()
        self.assertEqual((self._asked(), day.state), (0, "done"))

    def test_only_those_who_mind_it_order(self):
        self._sell_at_noon()
        day = self._list()
        with self.assertRaises(AccessError):
            day.with_user(self.employee).action_order()
        with self.assertRaises(AccessError):
            day.with_user(self.agent).write({"state": "done"})

    def test_queries_do_not_follow_the_orders(self):
        Day = self.env["aftersales.delivery.day"]
        counts = []
        for number in (1, 20):
            with freeze_time(NOON):
                orders = self.env["sale.order"].union(
                    *(
                        self._sell((self.oil, 1), (self.header, 1))
                        for _ in range(number)
                    )
                )
            day = Day._get_day(
                self.company,
                datetime(2026, 6, 3).date() + timedelta(number),
                datetime.now(),
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            day._list_orders(orders)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 3, counts)
