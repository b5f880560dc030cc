"""Workbook of the sanctions and rewards that payroll takes over (R61)."""

from collections.abc import Iterable, Sequence
from typing import BinaryIO, NamedTuple

import xlsxwriter


class Labels(NamedTuple):
    """Words of the workbook, in the language of its reader."""

    title: str
    heads: Sequence[tuple[str, int]]  # of the columns, with their widths
    total: str


def write(target: BinaryIO, rows: Iterable[Sequence], labels: Labels) -> int:
    """Write the workbook.

    :param target: open binary file
    :param rows: texts, the day as the last but one and the amount as the last value
    :return: how many rows were written
    """
    book = xlsxwriter.Workbook(
        target,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    )
    title = book.add_format({"bold": True, "font_size": 14})
    head = book.add_format({"bold": True, "bottom": 1})
    day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
    money = book.add_format({"num_format": "#,##0.00"})
    total = book.add_format({"num_format": "#,##0.00", "bold": True, "top": 1})
    sheet = book.add_worksheet()
    sheet.write_string(0, 0, labels.title, title)
    for column, (text, width) in enumerate(labels.heads):
        sheet.set_column(column, column, width)
        sheet.write_string(2, column, text, head)
    sheet.freeze_panes(3, 0)
    number, amount_sum, last = 2, 0.0, len(labels.heads) - 1
    for number, values in enumerate(rows, 3):
        *texts, date, amount = values
        for column, text in enumerate(texts):
            sheet.write_string(number, column, text or "")
        sheet.write_datetime(number, last - 1, date, day)
        sheet.write_number(number, last, amount, money)
        amount_sum += amount
    sheet.write_string(number + 1, 0, labels.total, total)
    for column in range(1, last):
        sheet.write_blank(number + 1, column, None, total)
    sheet.write_number(number + 1, last, amount_sum, total)
    book.close()
    return number - 2
