from odoo.tests import BaseCase

from ..tools.parts_plan import Figures, forecast, growth, propose, round_up


class TestPartsPlanArithmetic(BaseCase):
    """Proves the arithmetic of R43, without a database."""

    def test_growth_follows_the_machines_in_the_field(self):
        self.assertEqual(growth({"A": 10}, {"A": 100}, {"A": 100}), 1)
        # 50 a year ago, 150 now: 10 of an average of 100 fail, so 15 of 150.
        self.assertEqual(growth({"A": 10}, {"A": 150}, {"A": 50}), 1.5)
        self.assertEqual(growth({"A": 10}, {"A": 0}, {"A": 100}), 0)
        self.assertEqual(growth({}, {"A": 100}, {}), 1)
        self.assertEqual(growth({"A": 10}, {}, {}), 1)
        self.assertEqual(
            growth({"A": 10, "B": 10}, {"A": 150, "B": 10}, {"A": 50, "B": 10}), 1.25
        )

    def test_forecast_takes_the_highest_sign(self):
        calm = Figures(used=6, used_year=12, sold=3)
        self.assertEqual(forecast(calm, 3, 1.0), (1.0, 3.0))
        season = Figures(used=6, used_year=12, used_season=9)
        self.assertEqual(forecast(season, 3, 1.0)[1], 9)
        self.assertEqual(forecast(Figures(used_year=24), 3, 2.0), (4.0, 4.0))
        self.assertEqual(forecast(Figures(needed=5, used=3), 3, 1.0)[1], 5)
        self.assertEqual(forecast(Figures(sold=3, ordered=4), 3, 1.0)[1], 4)
        self.assertEqual(forecast(Figures(used=3), 0, 1.0)[1], 0)

    def test_what_is_there_and_on_order_is_not_bought(self):
        def quantity(**values):
            figures = {("D", "p"): Figures(needed=10, **values)}
            return propose(figures, {}, 3, {})["D", "p"].quantity

        self.assertEqual(quantity(), 10)
        self.assertEqual(quantity(on_hand=4), 6)
        self.assertEqual(quantity(on_hand=4, on_order=5), 1)
        self.assertEqual(quantity(on_hand=40), 0)
        self.assertEqual(quantity(on_hand=10, minimum=2.5), 3)

    def test_low_stock_is_told(self):
        low = propose({("D", "p"): Figures(on_hand=1, minimum=2)}, {}, 3, {})
        self.assertTrue(low["D", "p"].low_stock)
        self.assertEqual(low["D", "p"].quantity, 1)
        enough = propose({("D", "p"): Figures(on_hand=2, minimum=2)}, {}, 3, {})
        self.assertFalse(enough["D", "p"].low_stock)

    def test_a_depot_asks_its_parent_and_head_office_buys(self):
        parents = {"station": "region", "region": "head", "head": None}
        plan = propose(
            {
                ("station", "p"): Figures(needed=5, on_hand=1),
                ("region", "p"): Figures(used=6, on_hand=3),
                ("head", "p"): Figures(on_hand=2),
            },
            parents,
            3,
            {},
        )
        self.assertEqual(plan["station", "p"].quantity, 4)
        self.assertEqual(plan["region", "p"].supplied, 4)
        self.assertEqual(plan["region", "p"].quantity, 3)
        self.assertEqual(plan["head", "p"].supplied, 3)
        self.assertEqual(plan["head", "p"].quantity, 1)

    def test_a_parent_without_figures_is_asked(self):
        plan = propose(
            {("station", "p"): Figures(needed=5)},
            {"station": "head"},
            3,
            {},
            depots=("station", "head"),
        )
        self.assertEqual(plan["head", "p"].quantity, 5)

    def test_rounding_up(self):
        self.assertEqual(round_up(2.1, 1), 3)
        self.assertEqual(round_up(2.0000000001, 1), 2)
        self.assertEqual(round_up(0.3, 0.1), 0.3 // 0.1 * 0.1 + 0.1)
        self.assertEqual(round_up(7, 0), 7)
