"""Workbook of the parts cost, written row by row in constant memory (R56)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import BinaryIO, NamedTuple

import xlsxwriter

# A sheet of Excel ends at 1 048 576 rows.
ROWS_OF_A_SHEET = 1_000_000
AMOUNT, COUNT, DAY = "#,##0.00", "#,##0.###", "yyyy-mm-dd"


class Row(NamedTuple):
    """One part that was used."""

    day: object
    document: str
    product: str
    supplier: str
    cause: str
    payer: str
    quantity: float
    cost: float


class Labels(NamedTuple):
    """Words of the workbook, in the language of its reader."""

    title: str
    by_supplier: str
    by_product: str
    by_cause: str
    lines: str
    heads: Sequence[str]  # of the columns of a row, in their order
    share: str
    total: str
    none: str


def write(target: BinaryIO, rows: Iterable[Row], labels: Labels) -> int:
    """Write the workbook: three summaries, then every line.

    Rows go to the disk as they come; only the sums by supplier, product and cause are
    kept, however many rows there are.

    :param target: open binary file
    :return: how many rows were written
    """
    book = xlsxwriter.Workbook(
        target, {"constant_memory": True, "strings_to_formulas": False}
    )
    formats = _Formats(book)
    sums = {
        name: (book.add_worksheet(name[:31]), index, defaultdict(lambda: [0.0, 0.0]))
        for name, index in (
            (labels.by_supplier, 3),
            (labels.by_product, 2),
            (labels.by_cause, 4),
        )
    }
    count, sheet = 0, None
    for row in rows:
        at = count % ROWS_OF_A_SHEET
        if not at:
            number = count // ROWS_OF_A_SHEET + 1
            name = labels.lines if number == 1 else f"{labels.lines} {number}"
            sheet = _start(book, name[:31], labels.heads, formats)
        _write_row(sheet, at + 1, row, formats)
        for _sheet, index, amounts in sums.values():
            amount = amounts[row[index] or labels.none]
            amount[0] += row.quantity
            amount[1] += row.cost
        count += 1
    if sheet is None:
        _start(book, labels.lines[:31], labels.heads, formats)
    for sheet, index, amounts in sums.values():
        heads = (labels.heads[index], *labels.heads[6:8], labels.share)
        _write_sums(sheet, heads, amounts, labels, formats)
    book.close()
    return count


class _Formats:
    def __init__(self, book):
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.day = book.add_format({"num_format": DAY})
        self.count = book.add_format({"num_format": COUNT})
        self.amount = book.add_format({"num_format": AMOUNT})
        self.share = book.add_format({"num_format": "0.0%"})
        self.total = book.add_format({"bold": True, "top": 1, "num_format": AMOUNT})
        self.word = book.add_format({"bold": True, "top": 1})


def _start(book, name, heads, formats):
    sheet = book.add_worksheet(name)
    sheet.set_column(0, 0, 12)
    sheet.set_column(1, 1, 26)
    sheet.set_column(2, 5, 30)
    sheet.set_column(6, 7, 14)
    sheet.freeze_panes(1, 0)
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, formats.head)
    return sheet


def _write_row(sheet, at, row, formats):
    if row.day:
        sheet.write_datetime(at, 0, row.day, formats.day)
    for column in range(1, 6):
        sheet.write_string(at, column, row[column] or "")
    sheet.write_number(at, 6, row.quantity, formats.count)
    sheet.write_number(at, 7, row.cost, formats.amount)


def _write_sums(sheet, heads, amounts, labels, formats):
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 3, 16)
    sheet.write_string(0, 0, labels.title, formats.title)
    for column, head in enumerate(heads):
        sheet.write_string(2, column, head, formats.head)
    whole = sum(cost for _quantity, cost in amounts.values())
    at = 3
    for key, (quantity, cost) in sorted(
        amounts.items(), key=lambda item: (-item[1][1], item[0])
    ):
        sheet.write_string(at, 0, key)
        sheet.write_number(at, 1, quantity, formats.count)
        sheet.write_number(at, 2, cost, formats.amount)
        sheet.write_number(at, 3, cost / whole if whole else 0.0, formats.share)
        at += 1
    sheet.write_string(at, 0, labels.total, formats.word)
    sheet.write_blank(at, 1, None, formats.word)
    sheet.write_number(at, 2, whole, formats.total)
