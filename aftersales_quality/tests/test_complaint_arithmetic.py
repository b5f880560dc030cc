from datetime import date, datetime
from zoneinfo import ZoneInfo

from odoo.tests import tagged
from odoo.tests.common import BaseCase

from ..tools.complaint import (
    Clock,
    Facts,
    applies,
    due_moment,
    due_notices,
    get_levels,
    get_notices,
    is_reached,
    next_notice,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
LIMITS = {"handler": 500.0, "lead": 5000.0, "officer": 20000.0}


def works(day):
    return day.weekday() < 5


@tagged("post_install", "-at_install")
class TestComplaintArithmetic(BaseCase):
    """Limits of time and levels of approval, counted by hand (R58, R60)."""

    def test_the_day_it_begins_does_not_count(self):
        # Friday 2026-06-05, 10:00 in Shanghai.
        start = datetime(2026, 6, 5, 2, 0)
        self.assertEqual(
            due_moment(start, 15, "day", works, SHANGHAI),
            datetime(2026, 6, 20, 15, 59, 59),
        )
        self.assertEqual(
            due_moment(start, 10, "working_day", works, SHANGHAI),
            datetime(2026, 6, 19, 15, 59, 59),
        )
        self.assertEqual(
            due_moment(start, 48, "hour", works, SHANGHAI),
            datetime(2026, 6, 7, 2, 0),
        )
        self.assertEqual(due_moment(start, 0, "day", works, SHANGHAI), start)

    def test_the_day_is_that_of_the_place(self):
        # Late in the evening of the 5th in UTC is the 6th, a Saturday, in Shanghai.
        start = datetime(2026, 6, 5, 20, 0)
        self.assertEqual(
            due_moment(start, 1, "working_day", works, SHANGHAI),
            datetime(2026, 6, 8, 15, 59, 59),
        )

    def test_a_calendar_that_never_opens_does_not_hang(self):
        due = due_moment(
            datetime(2026, 1, 1), 3, "working_day", lambda day: False, SHANGHAI
        )
        self.assertGreater(due.year, 2027)

    def test_levels_follow_the_amount(self):
        for amount, severe, levels in (
            (0, False, []),
            (500, False, []),
            (501, False, ["lead"]),
            (5000, False, ["lead"]),
            (5001, False, ["lead", "officer"]),
            (20000, False, ["lead", "officer"]),
            (20001, False, ["lead", "officer", "manager"]),
            (0, True, ["lead"]),
            (20001, True, ["lead", "officer", "manager"]),
        ):
            self.assertEqual(get_levels(amount, LIMITS, severe), levels, amount)

    def test_notices_in_their_order_each_once(self):
        clock = self._clock(moments=frozenset({"begin", "warning", "late", "later"}))
        start, due = datetime(2026, 6, 1, 8), datetime(2026, 6, 2, 8)
        notices = get_notices(clock, start, due)
        self.assertEqual(
            notices,
            [
                ("begin", start),
                ("warning", datetime(2026, 6, 2, 0)),
                ("late", due),
                ("later", datetime(2026, 6, 3, 8)),
            ],
        )
        self.assertEqual(next_notice(notices, (), start), start)
        self.assertEqual(due_notices(notices, (), start), ["begin"])
        self.assertEqual(
            next_notice(notices, {"begin"}, start), datetime(2026, 6, 2, 0)
        )
        # After a standstill of the server nobody is warned of what is late.
        self.assertEqual(due_notices(notices, {"begin"}, due), ["late"])
        self.assertIsNone(next_notice(notices, dict(notices), due))

    def test_conditions(self):
        facts = Facts(1, 48, "mail", "quality", "severe", 3, "person", date(2026, 6, 1))
        self.assertTrue(applies(self._clock(), facts))
        for name, right, wrong in (
            ("company", 1, 2),
            ("country", 48, 49),
            ("channel", "mail", "press"),
            ("complaint_kind", "quality", "other"),
            ("severity", "severe", "light"),
            ("product_class", 3, 4),
            ("customers", "person", "company"),
            ("date_from", date(2026, 6, 1), date(2026, 6, 2)),
            ("date_to", date(2026, 6, 1), date(2026, 5, 31)),
        ):
            self.assertTrue(applies(self._clock(**{name: right}), facts), name)
            self.assertFalse(applies(self._clock(**{name: wrong}), facts), name)

    def test_steps_have_an_order(self):
        self.assertTrue(is_reached("agreed", "agreed"))
        self.assertTrue(is_reached("archived", "proposed"))
        self.assertFalse(is_reached("recorded", "validated"))

    def _clock(self, **values):
        base = {
            "key": 1,
            "kind": "house",
            "step": "",
            "start": "received",
            "stop": "agreed",
            "amount": 1,
            "unit": "day",
            "warning": 8,
            "later": 24,
            "moments": frozenset(),
        }
        return Clock(**base | values)
