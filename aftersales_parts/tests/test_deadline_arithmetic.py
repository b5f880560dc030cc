from datetime import date, timedelta

from odoo.tests import BaseCase, tagged

from ..tools.deadline import Step, get_allowance, get_due_day

LOT = (Step(10, 1), Step(20, 2), Step(30, 3, 10, 1))
SUPPLIER = (Step(50, 4), Step(100, 7), Step(500, 10))
MONDAY = date(2026, 3, 2)


def works(day):
    return day.weekday() < 5


@tagged("post_install", "-at_install")
class TestDeadlineArithmetic(BaseCase):
    """Proves R50: the days of a return, by quantity, in working days, paused."""

    def test_days_by_quantity(self):
        for steps, quantity, days in (
            (LOT, 1, 1),
            (LOT, 10, 1),
            (LOT, 10.5, 2),
            (LOT, 20, 2),
            (LOT, 30, 3),
            (LOT, 31, 4),
            (LOT, 40, 4),
            (LOT, 41, 5),
            (SUPPLIER, 50, 4),
            (SUPPLIER, 51, 7),
            (SUPPLIER, 500, 10),
            (SUPPLIER, 900, 10),
            ((Step(0, 5),), 7, 5),
        ):
            with self.subTest(quantity=quantity, days=days):
                self.assertEqual(get_allowance(steps, quantity).days, days)
        self.assertIsNone(get_allowance((), 1))
        self.assertEqual(get_allowance((Step(0, 3, days_max=7),), 1).days_max, 7)

    def test_counted_from_the_day_after_arrival(self):
        self.assertEqual(get_due_day(MONDAY, 5, works), date(2026, 3, 9))
        friday = MONDAY + timedelta(days=4)
        self.assertEqual(get_due_day(friday, 1, works), date(2026, 3, 9))
        saturday = friday + timedelta(days=1)
        self.assertEqual(get_due_day(saturday, 1, works), date(2026, 3, 9))
        self.assertEqual(get_due_day(MONDAY, 0, works), MONDAY)

    def test_stands_while_unpaid(self):
        tuesday, thursday = date(2026, 3, 3), date(2026, 3, 5)
        # Wednesday and Thursday do not count.
        due = get_due_day(MONDAY, 5, works, [(tuesday, thursday)])
        self.assertEqual(due, date(2026, 3, 11))
        # Asked for and paid on one day.
        due = get_due_day(MONDAY, 5, works, [(tuesday, tuesday)])
        self.assertEqual(due, date(2026, 3, 9))
        # Still unpaid: the promise moves with each day.
        for today, expected in (
            (thursday, date(2026, 3, 11)),
            (date(2026, 3, 6), date(2026, 3, 12)),
            # Over a weekend it moves by no working day.
            (date(2026, 3, 8), date(2026, 3, 12)),
        ):
            due = get_due_day(MONDAY, 5, works, [(tuesday, None)], today)
            self.assertEqual(due, expected)
        # Pauses that overlap count once.
        due = get_due_day(
            MONDAY,
            5,
            works,
            [(tuesday, thursday), (tuesday, tuesday), (tuesday, None)],
            thursday,
        )
        self.assertEqual(due, date(2026, 3, 11))

    def test_no_working_day_at_all(self):
        due = get_due_day(MONDAY, 5, lambda day: False)
        self.assertGreater(due, MONDAY)
