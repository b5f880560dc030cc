"""Workbook of a report: one sheet for each of its tables (R62, R64, R98)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import BinaryIO, NamedTuple

import xlsxwriter

# What the name of a sheet must not contain.
FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


class Table(NamedTuple):
    """One table of a report: for its sheet, its page and the mail."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence]


def write(target: BinaryIO, title: str, tables: Iterable[Table]) -> None:
    """Write the workbook, row by row.

    :param target: open binary file
    :param str title: above the first table
    """
    book = xlsxwriter.Workbook(
        target, {"constant_memory": True, "strings_to_formulas": False}
    )
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
    large = book.add_format({"bold": True, "font_size": 14})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    names = set()
    for table in tables:
        sheet = book.add_worksheet(_name_sheet(table.title, names))
        sheet.set_column(0, max(len(table.heads) - 1, 0), 20)
        sheet.write_string(0, 0, title, large)
        for column, head in enumerate(table.heads):
            sheet.write_string(2, column, head, bold)
        for at, row in enumerate(table.rows, start=3):
            for column, value in enumerate(row):
                if isinstance(value, datetime):
                    sheet.write_datetime(at, column, value, moment)
                elif isinstance(value, date):
                    sheet.write_datetime(at, column, value, day)
                elif isinstance(value, (int, float)) and not isinstance(value, bool):
                    sheet.write_number(at, column, value)
                else:
                    # As text: what a customer wrote must not become a formula.
                    sheet.write_string(at, column, str(value or "")[:32767])
        sheet.freeze_panes(3, 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
    book.close()


def _name_sheet(title, names):
    """Return a name no other sheet has, as short as they are allowed to be."""
    base = title.translate(FORBIDDEN)[:28].strip() or "1"
    name, number = base, 2
    while name.lower() in names:
        name, number = f"{base} {number}"[:31], number + 1
    names.add(name.lower())
    return name
