"""The one table of the benchmarks: what each of them noted, printed when all are done.

A test notes a row through the fixture ``note`` of this folder::

    note(Row("tickets created", "1,000", 812.0, queries=93, peer="helpdesk_mgmt_sla",
             peer_ms=21000.0, peer_queries=11000, target="≤ 1", verdict=judge(ratio <= 1)))

``setup/proof benchmark --readme`` writes the table into README.md.
"""

import os
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg2

README = Path(__file__).resolve().parents[2] / "README.md"
# The pytest property that carries a row from the process of its test to the terminal.
PROPERTY = "benchmark"
MARKS = ("<!-- benchmark -->", "<!-- /benchmark -->")
HEADER = (
    "operation",
    "size",
    "ours, ms",
    "queries",
    "beside",
    "its ms",
    "its queries",
    "ratio",
    "95 % interval",
    "target",
    "verdict",
)


@dataclass(frozen=True)
class Row:
    """One operation at one size; times are medians in milliseconds.

    :param operation: a literal text, the same at every size; README is compared by it
    :param ratio: of the times, unless another one is told
    :param low, high: 95 % interval of the ratio
    """

    operation: str
    size: str
    ours_ms: float | None = None
    queries: int | None = None
    peer: str = ""
    peer_ms: float | None = None
    peer_queries: int | None = None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    target: str = ""
    verdict: str = ""

    @property
    def key(self):
        return self.operation, self.size, self.peer

    @property
    def proportion(self):
        if self.ratio is None and self.ours_ms is not None and self.peer_ms:
            return self.ours_ms / self.peer_ms
        return self.ratio

    @property
    def least(self):
        """The ratio that is too great only if the truth surely is."""
        return self.proportion if self.low is None else self.low

    def cells(self):
        """The row as the texts of its columns."""
        interval = ""
        if self.low is not None and self.high is not None:
            interval = f"{figure(self.low)} – {figure(self.high)}"
        return (
            self.operation,
            self.size,
            figure(self.ours_ms),
            count(self.queries),
            self.peer,
            figure(self.peer_ms),
            count(self.peer_queries),
            figure(self.proportion),
            interval,
            self.target,
            self.verdict,
        )


def judge(reached):
    """The word for a target that is reached or not."""
    return "met" if reached else "**missed**"


def count(number):
    return "" if number is None else f"{number:,}"


def figure(number):
    """A measured number with as many digits as it deserves."""
    if number is None:
        return ""
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 10 else f"{number:.2f}"


# -------------------------------------------------------------------------- Markdown
def render(rows):
    """The rows as one Markdown table, in the order they were noted."""
    lines = [HEADER, ("---",) * 2 + ("---:",) * 2 + ("---",) + ("---:",) * 4]
    lines[1] += ("---",) * 2
    lines += [row.cells() for row in rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def parse(text):
    """Return the keys of the rows of a page that holds the table."""
    found = []
    for line in text.split(MARKS[0])[-1].split(MARKS[1])[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == len(HEADER) and cells[0] not in (HEADER[0], "---"):
            found.append((cells[0], cells[1], cells[4]))
    return found


def is_shown(row):
    """Tell whether README has the operation, of whatever size, or is about to have it."""
    keys = parse(README.read_text("utf-8"))
    if not keys or os.environ.get("AFTERSALES_BENCHMARK_README"):
        return True
    return row.operation in {operation for operation, _size, _peer in keys}


def insert(text, table):
    """Return the page with the table between its marks."""
    before, rest = text.split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    return f"{before}{MARKS[0]}\n{table}\n{MARKS[1]}{after}"


def machine():
    """Day, processors, memory and versions of what was measured on, in one line."""
    processor = re.search(
        r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text("utf-8")
    )
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text("utf-8"))
    connection = psycopg2.connect(dbname="postgres")
    version = connection.server_version
    connection.close()
    from odoo import release

    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores of "
        f"{processor[1] if processor else 'an unnamed processor'}, "
        f"{int(memory[1]) / 2**20:.0f} GB of memory, Odoo {release.version}, "
        f"PostgreSQL {version // 10000}.{version % 10000}"
    )


# ---------------------------------------------------------------------------- pytest
class Board:
    """Part of pytest: gathers the rows of all processes and shows them at the end."""

    def __init__(self):
        self.rows = {}

    def pytest_runtest_logreport(self, report):
        # The last report of a test holds what all its parts have noted.
        if report.when == "teardown":
            for name, value in report.user_properties:
                if name == PROPERTY:
                    row = Row(**value)
                    self.rows[row.key] = row

    def pytest_terminal_summary(self, terminalreporter):
        if not self.rows:
            return
        rows = sorted(self.rows.values(), key=place)
        table = f"Measured {machine()}.\n\n{render(rows)}"
        terminalreporter.section("benchmark")
        terminalreporter.write_line(table)
        if os.environ.get("AFTERSALES_BENCHMARK_README"):
            README.write_text(insert(README.read_text("utf-8"), table), "utf-8")


def place(row):
    """Where a row stands, whatever process was done first: by operation, then by size."""
    number = re.search(r"[\d,]+", row.size)
    size = int(number[0].replace(",", "") or 0) if number else 0
    return row.operation, size, row.size, row.peer


def as_property(row):
    """A row as what pytest can carry between its processes."""
    return PROPERTY, asdict(row)
