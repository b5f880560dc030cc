from odoo.tests import BaseCase

from ..tools.supplier_claim import (
    Terms,
    get_claimed,
    get_share,
    is_covered,
    split_quantity,
)


class TestSupplierArithmetic(BaseCase):
    """Proves R57: what is claimed and when a credit covers it, by hand."""

    def test_shares_and_hourly_limit(self):
        terms = Terms(part=100, labour=50, travel=0, freight=80, hourly=20)
        self.assertEqual(get_claimed(terms, "part", 40, 1), 40)
        # Two hours cost 60, he pays 20 for each and half of that.
        self.assertEqual(get_claimed(terms, "labour", 60, 2), 20)
        self.assertEqual(get_claimed(terms, "labour", 30, 2), 15)
        self.assertEqual(get_claimed(terms, "travel", 50, 1), 0)
        self.assertEqual(get_claimed(terms, "freight", 50, 1), 40)
        self.assertEqual(get_claimed(Terms(), "labour", 60, 2), 60)

    def test_share_of_nothing_is_nothing(self):
        self.assertEqual(get_share(30, 120), 25)
        self.assertEqual(get_share(30, 0), 0)

    def test_credit_covers_within_cents_of_a_rate(self):
        self.assertTrue(is_covered(79.99, 80, 0.01))
        self.assertFalse(is_covered(79.9, 80, 0.01))
        self.assertFalse(is_covered(0, 0, 0.01))

    def test_goods_are_taken_where_they_lie(self):
        self.assertEqual(
            split_quantity(5, [("a", 2), ("b", 0), ("c", 9)]),
            ([("a", 2), ("c", 3)], 0),
        )
        self.assertEqual(split_quantity(5, [("a", 2)]), ([("a", 2)], 3))
