import tempfile
import tracemalloc
from datetime import datetime

from openpyxl import load_workbook

from odoo.tests import BaseCase

from ..tools import cost_book
from ..tools.cost_book import Labels, Row, write

LABELS = Labels(
    title="Parts cost 2026-10",
    by_supplier="By Supplier",
    by_product="By Product",
    by_cause="By Cause",
    lines="Lines",
    heads=(
        "Date",
        "Document",
        "Product",
        "Supplier",
        "Cause",
        "Who Pays",
        "Quantity",
        "Cost",
    ),
    share="Share",
    total="Total",
    none="Not stated",
)


def rows(count):
    day = datetime(2026, 10, 5)
    for number in range(count):
        yield Row(
            day,
            f"T/{number:06}",
            f"Part {number % 300}",
            f"Supplier {number % 20}",
            f"Cause {number % 7}" if number % 7 else "",
            "Warranty",
            1.0,
            2.5,
        )


class TestCostBook(BaseCase):
    """Proves R56: the cost of parts as a workbook, in constant memory."""

    def test_sums_and_lines(self):
        with tempfile.TemporaryFile() as target:
            self.assertEqual(write(target, rows(700), LABELS), 700)
            book = load_workbook(target, read_only=True)
            self.assertEqual(
                book.sheetnames, ["By Supplier", "By Product", "By Cause", "Lines"]
            )
            cause = list(book["By Cause"].values)
            self.assertEqual(cause[0][0], "Parts cost 2026-10")
            self.assertEqual(cause[2], ("Cause", "Quantity", "Cost", "Share"))
            self.assertEqual(cause[-2][:3], ("Not stated", 100, 250))
            self.assertAlmostEqual(cause[-2][3], 1 / 7)
            self.assertEqual(cause[-1][::2], ("Total", 1750))
            lines = list(book["Lines"].values)
            self.assertEqual(len(lines), 701)
            self.assertEqual(lines[1][1:3], ("T/000000", "Part 0"))

    def test_no_rows_make_an_empty_book(self):
        with tempfile.TemporaryFile() as target:
            self.assertEqual(write(target, (), LABELS), 0)
            book = load_workbook(target, read_only=True)
            self.assertEqual(list(book["Lines"].values), [LABELS.heads])

    def test_more_rows_than_a_sheet_has(self):
        self.patch(cost_book, "ROWS_OF_A_SHEET", 10)
        with tempfile.TemporaryFile() as target:
            write(target, rows(25), LABELS)
            book = load_workbook(target, read_only=True)
            self.assertEqual(book.sheetnames[3:], ["Lines", "Lines 2", "Lines 3"])
            self.assertEqual(len(list(book["Lines 3"].values)), 6)

    def test_hundred_thousand_lines_take_no_more_memory_than_few(self):
        peaks = []
        for count in (2_000, 100_000):
            with tempfile.TemporaryFile() as target:
                tracemalloc.start()
                write(target, rows(count), LABELS)
                peaks.append(tracemalloc.get_traced_memory()[1])
                tracemalloc.stop()
        self.assertLess(peaks[1], peaks[0] + 2_000_000)
