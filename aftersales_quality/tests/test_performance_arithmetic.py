from odoo.tests import BaseCase, tagged

from ..tools import performance


@tagged("post_install", "-at_install")
class TestPerformanceArithmetic(BaseCase):
    """Points, weights, bonus and due months, without a database (R65)."""

    def test_points_are_linear_between_floor_and_target(self):
        for value, floor, target, points in (
            (77.5, 60, 95, 50),
            (95, 60, 95, 100),
            (99, 60, 95, 100),
            (20, 60, 95, 0),
            (1, 3, 0, 100 * 2 / 3),
            (5, 3, 0, 0),
            (0, 3, 0, 100),
        ):
            with self.subTest(value=value, floor=floor):
                score = performance.score_of(value, floor, target)
                self.assertAlmostEqual(score, points)
        with self.assertRaises(ValueError):
            performance.score_of(1, 2, 2)

    def test_value_needs_something_measured(self):
        self.assertEqual(performance.value_of(9, 10, performance.PERCENT), 90)
        self.assertEqual(performance.value_of(45, 12, performance.MARK), 3.75)
        self.assertEqual(performance.value_of(2, 30, performance.COUNT), 2)
        for unit in (performance.PERCENT, performance.MARK, performance.COUNT):
            self.assertIsNone(performance.value_of(0, 0, unit))

    def test_what_was_not_measured_is_left_out(self):
        mean, shares = performance.weigh([(30, 80), (20, None), (10, 50)])
        self.assertAlmostEqual(mean, (30 * 80 + 10 * 50) / 40)
        self.assertEqual(shares, [0.75, 0.0, 0.25])
        self.assertEqual(performance.weigh([(30, None)]), (None, [0.0]))
        self.assertEqual(performance.weigh([]), (None, []))
        self.assertEqual(performance.weigh([(0, 90)]), (None, [0.0]))

    def test_bonus_never_turns_into_a_debt(self):
        self.assertEqual(performance.bonus_of(300, 100, 0), 300)
        self.assertEqual(performance.bonus_of(300, 100, 2), 100)
        self.assertEqual(performance.bonus_of(300, 100, 5), 0)

    def test_due_months(self):
        due = performance.due_months
        self.assertEqual(due(None, (2026, 1)), [(2025, 12)])
        self.assertEqual(due((2025, 12), (2026, 1)), [])
        self.assertEqual(
            due((2025, 10), (2026, 2)), [(2025, 11), (2025, 12), (2026, 1)]
        )
        self.assertEqual(len(due((2020, 1), (2026, 2))), 12, "no endless catching up")
        self.assertEqual(due((2026, 3), (2026, 2)), [], "a clock that was wrong")
