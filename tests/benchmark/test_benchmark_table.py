"""The benchmarks' own tools tell the truth, and README shows what the command prints."""

import os
from pathlib import Path
from statistics import median

import pytest
from benchmark.pairs import compare, order_interval, take_turns
from benchmark.table import MARKS, README, Row, figure, insert, parse, render

FOLDER = Path(__file__).parent
ROWS = (
    Row("b", "1,000", 1234.5, 12, "peer", 2469.0, 1000, target="≤ 1", verdict="met"),
    Row("a", "1", 0.5, 0, low=0.9, high=1.1, ratio=1.0),
)


@pytest.mark.parametrize(("count", "left"), [(6, 0), (8, 0), (9, 1), (30, 9), (40, 13)])
def test_interval_leaves_out_the_right_number(count, left):
    """Proves: the interval of a median is the tabled one for 95 %."""
    assert order_interval(range(count)) == (left, count - 1 - left)


def test_few_values_have_no_interval():
    """Proves: what was measured five times only is not said to be trusted."""
    assert order_interval(range(5)) == (None, None)


def test_interval_minds_no_outlier():
    """Proves: a few disturbed turns move neither the median nor its interval."""
    calm = [1 + number / 1000 for number in range(30)]
    wild = [*calm[:-4], 9.0, 9.0, 9.0, 9.0]
    assert order_interval(wild) == order_interval(calm)
    assert median(wild) == median(calm)


def test_compare_is_pairwise():
    """Proves: a machine that becomes slower all the time does not change the ratio."""
    pairs = [(1.1 * speed, speed) for speed in range(1, 31)]
    _ours, _theirs, ratio, low, high = compare(pairs)
    assert (low, ratio, high) == (pytest.approx(1.1),) * 3


def test_turns_alternate():
    """Proves: neither side is always the first one: ABBA."""
    calls = []
    pairs = take_turns(
        lambda: calls.append("A") or "ours", lambda: calls.append("B") or "theirs", 4
    )
    assert "".join(calls) == "ABBAABBA"
    assert pairs == [("ours", "theirs")] * 4


def test_table_is_read_as_it_was_written():
    """Proves: a row goes into the page and is found there again, in its place."""
    page = f"Before\n{MARKS[0]}\nold\n{MARKS[1]}\nAfter"
    written = insert(page, render(ROWS))
    assert parse(written) == [row.key for row in ROWS]
    assert written.startswith("Before\n") and written.endswith("\nAfter")
    assert insert(written, render(ROWS)) == written
    assert "| 0.50 |  | ≤ 1 | met |" in written


def test_figures_are_as_long_as_they_are_worth():
    """Proves: numbers are rounded to what was measured."""
    assert [figure(number) for number in (None, 0.123, 12.34, 1234.5)] == [
        "",
        "0.12",
        "12.3",
        "1,234",
    ]


def test_readme_shows_no_forgotten_operation():
    """Proves: each operation of README's table is still measured by a benchmark.

    That it shows every row that is noted, each benchmark proves for its own (``note``).
    """
    shown = {operation for operation, _size, _peer in parse(README.read_text("utf-8"))}
    if not os.environ.get("AFTERSALES_BENCHMARK_README"):
        assert shown, "README.md has no table yet: setup/proof benchmark --readme"
    source = "".join(path.read_text("utf-8") for path in FOLDER.glob("*.py"))
    # A kind, as of jobs and screens, is put before the name where it is noted.
    names = {name: name.partition(": ")[2] for name in shown}
    gone = [
        name
        for name, bare in sorted(names.items())
        if f'"{name}"' not in source and f'"{bare}"' not in source
    ]
    assert not gone
