from datetime import date, datetime
from zoneinfo import ZoneInfo

from odoo.tests.common import BaseCase

from ..tools.remedy import (
    Case,
    Part,
    Repair,
    Rule,
    Stay,
    Stop,
    add_days,
    count_stay,
    evaluate,
    find_rights,
    first_season_day,
    group_faults,
    in_force,
    in_season,
    reached,
)

CHINA = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 6, 15, 8)


def weekdays(day):
    return day.weekday() < 5


class TestRemedyArithmetic(BaseCase):
    """Proves R17 without a database: what counts as a day, a repair, a part."""

    def _count(self, begin, end, unit="day", stops=(), excluded=("x",), works=weekdays):
        stay = Stay(1, 1, begin, end, tuple(stops))
        return count_stay(stay, frozenset(excluded), unit, NOW, CHINA, works)

    # ------------------------------------------------------------
    # DAYS
    # ------------------------------------------------------------

    def test_first_day_does_not_count(self):
        begin = datetime(2026, 6, 1, 2)
        self.assertEqual(self._count(begin, datetime(2026, 6, 1, 9)), 0)
        self.assertEqual(self._count(begin, datetime(2026, 6, 2, 1)), 1)
        self.assertEqual(self._count(begin, None), 14, "to this day while it runs")

    def test_days_are_those_where_the_unit_stands(self):
        # Half past three in the afternoon and half past midnight UTC: in China it
        # was the same evening and the next morning.
        begin = datetime(2026, 6, 1, 15, 30)
        self.assertEqual(self._count(begin, datetime(2026, 6, 1, 16, 30)), 1)
        stay = Stay(1, 1, begin, datetime(2026, 6, 1, 16, 30))
        zone = ZoneInfo("UTC")
        self.assertEqual(count_stay(stay, frozenset(), "day", NOW, zone, weekdays), 0)

    def test_working_days(self):
        # Friday to the Monday of the week after next.
        begin, end = datetime(2026, 6, 5, 2), datetime(2026, 6, 15, 2)
        self.assertEqual(self._count(begin, end), 10)
        self.assertEqual(self._count(begin, end, "working_day"), 6)

    def test_hours_round_up_to_days(self):
        """Order 43 of 2021, art. 40."""
        begin = datetime(2026, 6, 1, 2)
        for end, days in (
            (datetime(2026, 6, 1, 2), 0),
            (datetime(2026, 6, 1, 3), 1),
            (datetime(2026, 6, 2, 2), 1),
            (datetime(2026, 6, 2, 2, 0, 1), 2),
            (datetime(2026, 6, 6, 2), 5),
        ):
            with self.subTest(end=end):
                self.assertEqual(self._count(begin, end, "hour_day"), days)

    def test_stops_that_do_not_count(self):
        begin, end = datetime(2026, 6, 1, 2), datetime(2026, 6, 11, 2)
        stop = Stop(datetime(2026, 6, 3, 2), datetime(2026, 6, 6, 2), "x")
        short = Stop(datetime(2026, 6, 8, 2), datetime(2026, 6, 8, 9), "x")
        other = Stop(datetime(2026, 6, 9, 2), datetime(2026, 6, 10, 2), "y")
        stops = (stop, short, other)
        self.assertEqual(self._count(begin, end, stops=stops), 7)
        self.assertEqual(self._count(begin, end, stops=stops, excluded=()), 10)
        self.assertEqual(self._count(begin, end, stops=stops, excluded="xy"), 6)
        self.assertEqual(self._count(begin, end, "hour_day", stops), 7)
        self.assertEqual(self._count(begin, end, "working_day", stops), 6)

    def test_a_running_stop_holds_the_clock(self):
        stop = Stop(datetime(2026, 6, 3, 2), None, "x")
        begin = datetime(2026, 6, 1, 2)
        self.assertEqual(self._count(begin, None, stops=[stop]), 2)
        self.assertEqual(self._count(begin, None, "hour_day", [stop]), 2)

    def test_deadlines(self):
        start = date(2026, 6, 12)  # a Friday
        self.assertEqual(add_days(start, 15, "day", weekdays), date(2026, 6, 27))
        self.assertEqual(add_days(start, 1, "working_day", weekdays), date(2026, 6, 15))
        self.assertEqual(
            add_days(start, 10, "working_day", weekdays), date(2026, 6, 26)
        )
        self.assertGreater(add_days(start, 5, "working_day", lambda day: False), start)

    def test_over_at_least_within(self):
        for comparison, answers in (
            ("over", (False, False, True)),
            ("at_least", (False, True, True)),
            ("within", (True, True, False)),
        ):
            for value, expected in zip((29, 30, 31), answers, strict=True):
                with self.subTest(comparison=comparison, value=value):
                    self.assertEqual(reached(value, comparison, 30), expected)

    # ------------------------------------------------------------
    # SEASONS
    # ------------------------------------------------------------

    def test_seasons(self):
        harvest, winter = ((5, 20), (6, 30)), ((12, 15), (1, 20))
        self.assertTrue(in_season(date(2026, 5, 20), [harvest]))
        self.assertFalse(in_season(date(2026, 7, 1), [harvest]))
        self.assertTrue(in_season(date(2026, 12, 31), [winter]))
        self.assertTrue(in_season(date(2027, 1, 20), [winter]))
        self.assertFalse(in_season(date(2027, 1, 21), [winter]))
        self.assertFalse(in_season(date(2027, 1, 21), []))

    def test_first_season_of_a_unit(self):
        harvest = [((5, 20), (6, 30))]
        self.assertEqual(first_season_day(date(2026, 3, 1), harvest), date(2026, 5, 20))
        sold_in_season = date(2026, 6, 2)
        self.assertEqual(first_season_day(sold_in_season, harvest), sold_in_season)
        self.assertEqual(first_season_day(date(2026, 7, 1), harvest), date(2027, 5, 20))
        self.assertIsNone(first_season_day(date(2026, 7, 1), []))

    # ------------------------------------------------------------
    # FAULTS
    # ------------------------------------------------------------

    def test_same_fault(self):
        faults = group_faults(
            [(1, None, "engine"), (2, None, None), (3, 2, "engine"), (4, None, "belt")]
        )
        self.assertEqual(faults, {1: 1, 2: 1, 3: 1, 4: 4})

    def _case(self, **values):
        own = values.pop("own", Repair(9, (9,), date(2026, 6, 1), ("car", "engine")))
        return Case(
            own=own,
            now=NOW,
            zone=CHINA,
            reported=datetime(2026, 6, 1, 2),
            sale_days={"invoice": date(2026, 1, 1), "delivery": date(2026, 1, 3)},
            **values,
        )

    def _repairs(self, *numbers, **values):
        return tuple(
            Repair(
                number,
                (number,),
                date(2026, 5, number),
                ("car", "engine"),
                rounds=1,
                solved=True,
                **values,
            )
            for number in numbers
        )

    def test_repairs_before_and_after_the_fault_came_back(self):
        rule = Rule(1, "same_fault_repairs", 2, "times", "at_least")
        faults = {1: 1, 2: 1, 9: 1}
        case = self._case(repairs=self._repairs(1, 2), faults=faults)
        self.assertEqual(evaluate(rule, case).value, 2)
        self.assertTrue(evaluate(rule, case).met)
        solved = Repair(
            9, (9,), date(2026, 6, 1), ("car", "engine"), rounds=1, solved=True
        )
        case = self._case(own=solved, repairs=self._repairs(1), faults=faults)
        self.assertFalse(evaluate(rule, case).met, "the second repair may have helped")
        reopened = Repair(9, (9,), date(2026, 6, 1), ("car", "engine"), rounds=1)
        case = self._case(own=reopened, repairs=self._repairs(1), faults=faults)
        self.assertTrue(evaluate(rule, case).met, "it did not")
        case = self._case(repairs=self._repairs(1, 2, excluded=True), faults=faults)
        self.assertEqual(evaluate(rule, case).value, 0, "misuse is no quality fault")

    def test_assembly_and_its_parts_are_not_added_up(self):
        """Order 43 of 2021, art. 24."""
        path = ("car", "engine")
        parts = (
            Part(1, path, "motor A"),
            Part(2, path, "motor B"),
            Part(1, (*path, "block"), "block"),
        )
        case = self._case(repairs=self._repairs(1, 2), parts=parts)
        common = {"components": frozenset({"engine"}), "whole_unit": False}
        group = Rule(
            1, "part_replacements", 2, "times", "at_least", count_by="group", **common
        )
        self.assertEqual(evaluate(group, case).value, 2)
        part = Rule(2, "part_replacements", 2, "times", "at_least", **common)
        self.assertEqual(evaluate(part, case).value, 1)

    def test_a_rule_yields_to_a_stronger_one(self):
        week = Rule(1, "days_since_sale", 200, "day", "within", in_term=False)
        half = Rule(
            2,
            "days_since_sale",
            300,
            "day",
            "within",
            in_term=False,
            yields_to=frozenset({1}),
        )
        case = self._case()
        self.assertEqual([r.key for r, _f in find_rights((week, half), case)], [1])
        self.assertEqual([r.key for r, _f in find_rights((half,), case)], [2])

    def test_conditions(self):
        rule = Rule(1, "days_since_sale", 200, "day", "within")
        for change, case in (
            ({}, {"in_term": False}),
            ({}, {"performance_fault": False}),
            ({"on_request": True}, {}),
            ({"needs_report": True}, {}),
            ({"needs_part": True, "components": frozenset({"engine"})}, {}),
            ({"severity": "serious"}, {}),
            ({"components": frozenset({"brakes"})}, {}),
            ({"except_components": frozenset({"engine"})}, {}),
            ({"busy_season_only": True}, {}),
            ({"window_days": 30}, {}),
            ({"usage_limit": 3000, "usage_unit": "km"}, {"usage": {"km": 3001}}),
        ):
            with self.subTest(change=change, case=case):
                fields = Rule.__dataclass_fields__
                values = {name: getattr(rule, name) for name in fields}
                changed = Rule(**{**values, **change})
                self.assertIsNotNone(evaluate(rule, self._case()))
                self.assertIsNone(evaluate(changed, self._case(**case)))

    def test_place_goods_and_day_of_sale(self):
        days = {"invoice": date(2021, 12, 31), "delivery": date(2022, 1, 1)}
        rule = Rule(1, "repairs", 2, "times", date_from=date(2022, 1, 1))
        self.assertFalse(in_force(rule, 1, "cn", None, None, days))
        rule = Rule(
            1,
            "repairs",
            2,
            "times",
            date_from=date(2022, 1, 1),
            counts_from="delivery",
            country="cn",
            state="zj",
            product_class="car",
        )
        self.assertTrue(in_force(rule, 1, "cn", "zj", "car", days))
        self.assertFalse(in_force(rule, 1, "cn", "sh", "car", days))
        self.assertFalse(in_force(rule, 1, "de", "zj", "car", days))
        self.assertFalse(in_force(rule, 1, "cn", "zj", "tractor", days))
        unknown = {"invoice": None, "delivery": None}
        self.assertFalse(in_force(rule, 1, "cn", "zj", "car", unknown))

    def test_next_look_is_when_the_threshold_may_be_reached(self):
        stay = Stay(7, 9, datetime(2026, 6, 1, 2))
        days = Rule(1, "days_in_repair", 30)
        found = evaluate(days, self._case(stays=(stay,)))
        self.assertEqual(found.value, 14)
        # Midnight in China before 2 July, the 31st day.
        self.assertEqual(found.check, datetime(2026, 7, 1, 16))
        hours = Rule(1, "days_in_repair", 20, "hour_day")
        found = evaluate(hours, self._case(stays=(stay,)))
        self.assertEqual(found.value, 15)
        self.assertEqual(found.check, datetime(2026, 6, 21, 2, 0, 1))
        stopped = Stay(7, 9, stay.begin, None, (Stop(stay.begin, None, "x"),))
        held = Rule(1, "days_in_repair", 30, excluded=frozenset("x"))
        self.assertIsNone(evaluate(held, self._case(stays=(stopped,))).check)
