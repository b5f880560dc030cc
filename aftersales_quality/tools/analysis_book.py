"""Workbook of the quality analysis: a sheet for each Pareto, then every case (R63)."""

from collections.abc import Iterable, Sequence
from typing import BinaryIO, NamedTuple

import xlsxwriter

AMOUNT, COUNT, DAY, SHARE = "#,##0.00", "#,##0.###", "yyyy-mm-dd", "0.0%"


class Labels(NamedTuple):
    """Words of the workbook, in the language of its reader."""

    title: str
    cases: str
    count: str
    quantity: str
    cost: str
    share: str
    cumulated: str
    heads: Sequence[tuple[str, int]]  # of the columns of a case, with their widths


def write(
    target: BinaryIO,
    sections: Iterable[tuple[str, Sequence]],
    rows: Iterable[Sequence],
    labels: Labels,
) -> int:
    """Write the workbook.

    :param target: open binary file
    :param sections: title and bars (:class:`.pareto.Bar`) of each sheet
    :param rows: cases; dates, numbers and texts in the order of the heads
    :return: how many cases were written
    """
    book = xlsxwriter.Workbook(
        target,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    )
    formats = {
        name: book.add_format({"num_format": code})
        for name, code in (
            ("amount", AMOUNT),
            ("count", COUNT),
            ("day", DAY),
            ("share", SHARE),
        )
    }
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
    title = book.add_format({"bold": True, "font_size": 14})
    taken = set()
    for name, bars in sections:
        sheet = book.add_worksheet(_get_sheet_name(name, taken))
        _write_bars(book, sheet, name, bars, labels, formats, head, title)
    sheet = book.add_worksheet(_get_sheet_name(labels.cases, taken))
    count = _write_cases(sheet, rows, labels, formats, head)
    book.close()
    return count


def _get_sheet_name(name, taken):
    """A sheet has up to 31 letters, none of these, and a name of its own."""
    plain = "".join(" " if letter in "[]:*?/\\'" else letter for letter in name)[:31]
    number, free = 1, plain
    while free.lower() in taken:
        number += 1
        free = f"{plain[:28]} {number}"
    taken.add(free.lower())
    return free


def _write_bars(book, sheet, name, bars, labels, formats, head, title):
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 5, 14)
    sheet.write_string(0, 0, labels.title, title)
    heads = (
        name,
        labels.count,
        labels.quantity,
        labels.cost,
        labels.share,
        labels.cumulated,
    )
    for column, text in enumerate(heads):
        sheet.write_string(2, column, text, head)
    for at, bar in enumerate(bars, start=3):
        sheet.write_string(at, 0, bar.label)
        sheet.write_number(at, 1, bar.count)
        sheet.write_number(at, 2, bar.quantity, formats["count"])
        sheet.write_number(at, 3, bar.cost, formats["amount"])
        sheet.write_number(at, 4, bar.share, formats["share"])
        sheet.write_number(at, 5, bar.cumulated, formats["share"])
    if bars:
        _draw(book, sheet, name, len(bars), labels)


def _draw(book, sheet, name, count, labels):
    """Draw the bars with the line of their running share."""
    own, last = sheet.get_name(), 2 + count
    chart = book.add_chart({"type": "column"})
    chart.add_series(
        {
            "name": labels.count,
            "categories": [own, 3, 0, last, 0],
            "values": [own, 3, 1, last, 1],
        }
    )
    line = book.add_chart({"type": "line"})
    line.add_series(
        {
            "name": labels.cumulated,
            "categories": [own, 3, 0, last, 0],
            "values": [own, 3, 5, last, 5],
            "y2_axis": True,
        }
    )
    chart.combine(line)
    chart.set_title({"name": name})
    line.set_y2_axis({"min": 0, "max": 1, "num_format": "0%"})
    chart.set_legend({"position": "bottom"})
    sheet.insert_chart(2, 7, chart)


def _write_cases(sheet, rows, labels, formats, head):
    for column, (text, width) in enumerate(labels.heads):
        sheet.write_string(0, column, text, head)
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 1)
    count = 0
    for at, row in enumerate(rows, start=1):
        for column, content in enumerate(row):
            if hasattr(content, "year"):
                sheet.write_datetime(at, column, content, formats["day"])
            elif isinstance(content, float):
                sheet.write_number(at, column, content, formats["amount"])
            elif isinstance(content, int) and not isinstance(content, bool):
                sheet.write_number(at, column, content)
            else:
                # As text: what somebody wrote must not become a formula.
                sheet.write_string(at, column, content or "")
        count += 1
    sheet.autofilter(0, 0, max(count, 1), len(labels.heads) - 1)
    return count
