from datetime import date

from odoo.tests import BaseCase, tagged

from ..tools.pareto import Case, months_due, pareto


@tagged("post_install", "-at_install")
class TestParetoArithmetic(BaseCase):
    """Shares, running sums and months that were missed, by hand."""

    def test_the_most_frequent_comes_first_with_running_share(self):
        bars = pareto([Case("b", 1), Case("a", 6), Case("c", 3)])
        self.assertEqual(
            [(bar.label, bar.count, bar.share, bar.cumulated) for bar in bars],
            [("a", 6, 0.6, 0.6), ("c", 3, 0.3, 0.9), ("b", 1, 0.1, 1.0)],
        )

    def test_equal_counts_by_cost_then_label(self):
        bars = pareto([Case("b", 1, cost=5), Case("c", 1), Case("a", 1)])
        self.assertEqual([bar.label for bar in bars], ["b", "a", "c"])

    def test_what_is_over_the_limit_is_one_bar(self):
        cases = [Case(name, 5 - at, 1, 2) for at, name in enumerate("abcde")]
        bars = pareto(cases, limit=3, rest="others")
        self.assertEqual([bar.label for bar in bars], ["a", "b", "others"])
        self.assertEqual(bars[-1][1:4], (6, 3, 6))
        self.assertEqual(bars[-1].cumulated, 1.0)

    def test_same_label_adds_up_and_nothing_is_nothing(self):
        [bar] = pareto([Case("a", 1, 2, 3), Case("a", 4, 5, 6)])
        self.assertEqual(bar, ("a", 5, 7.0, 9.0, 1.0, 1.0))
        self.assertEqual(pareto([]), [])

    def test_missed_months_once_each(self):
        october = date(2026, 10, 1)
        self.assertEqual(months_due(None, october), [october])
        self.assertEqual(months_due(october, october), [])
        self.assertEqual(
            months_due(date(2026, 7, 1), october),
            [date(2026, 8, 1), date(2026, 9, 1), october],
        )
        self.assertEqual(
            months_due(date(2025, 11, 1), date(2026, 1, 1)),
            [date(2025, 12, 1), date(2026, 1, 1)],
        )
        self.assertEqual(len(months_due(date(2020, 1, 1), october)), 12)
