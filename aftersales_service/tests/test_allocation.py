from odoo.tests.common import BaseCase

from ..tools.allocation import Invoiced, Unit, allocate
from ..tools.phone import looks_like_phone


class TestAllocation(BaseCase):
    """Proves R16: each unit finds the invoice it was sold on."""

    def _units(self, count, returned=()):
        return [Unit(i, 1.0, 1.0 if i in returned else 0.0) for i in range(count)]

    def test_first_delivered_first_invoiced(self):
        result = allocate(self._units(5), [Invoiced(10, 3), Invoiced(11, 2)])
        self.assertEqual(result, {0: [10], 1: [10], 2: [10], 3: [11], 4: [11]})

    def test_more_units_than_invoiced(self):
        result = allocate(self._units(3), [Invoiced(10, 2)])
        self.assertEqual(result, {0: [10], 1: [10], 2: []})

    def test_credit_is_taken_by_the_returned_unit(self):
        result = allocate(
            self._units(4, returned={1}), [Invoiced(10, 2, credited=1), Invoiced(11, 2)]
        )
        self.assertEqual(result, {0: [10], 1: [], 2: [11], 3: [11]})

    def test_returned_but_not_credited_keeps_its_invoice(self):
        result = allocate(self._units(2, returned={0}), [Invoiced(10, 2)])
        self.assertEqual(result, {0: [10], 1: [10]})

    def test_credit_without_return_leaves_the_last_unit_without_invoice(self):
        result = allocate(self._units(3), [Invoiced(10, 3, credited=1)])
        self.assertEqual(result, {0: [10], 1: [10], 2: []})

    def test_unattributed_credit_takes_the_newest_invoice(self):
        result = allocate(
            self._units(2), [Invoiced(10, 1), Invoiced(11, 1)], unattributed_credit=1
        )
        self.assertEqual(result, {0: [10], 1: []})

    def test_over_credit_of_one_invoice_spills_over(self):
        result = allocate(
            self._units(2), [Invoiced(10, 1, credited=2), Invoiced(11, 1)]
        )
        self.assertEqual(result, {0: [], 1: []})

    def test_one_unit_on_two_invoices(self):
        result = allocate(
            [Unit(0, 5.0), Unit(1, 3.0)], [Invoiced(10, 4.0), Invoiced(11, 4.0)]
        )
        self.assertEqual(result, {0: [10, 11], 1: [11]})

    def test_partly_returned_quantity(self):
        result = allocate(
            [Unit(0, 5.0, 2.0), Unit(1, 1.0)], [Invoiced(10, 6.0, credited=2.0)]
        )
        self.assertEqual(result, {0: [10], 1: [10]})

    def test_nothing_invoiced(self):
        self.assertEqual(allocate(self._units(2), []), {0: [], 1: []})

    def test_phone(self):
        for text in ("13800138000", "+86 138-0013 8000", "(0512) 6543210"):
            self.assertTrue(looks_like_phone(text), text)
        for text in ("S00012", "12345", "", None, "H-2025-0001"):
            self.assertFalse(looks_like_phone(text), text)
