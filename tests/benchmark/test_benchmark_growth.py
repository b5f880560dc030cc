"""What our own work costs grows with the work that is due, and with nothing else.

Jobs are measured beside growing numbers of open records that are not due, and with growing
numbers that are; screens over a register that grows; decisions, suggestions and workbooks
over more lines, people and rows. The growth of a cost is its exponent: 0 when it does not
depend on the size, 1 when it is proportional to it.
"""

import json
import subprocess
from pathlib import Path

import pytest
import support
from benchmark.bench_fit import exponent, growth
from benchmark.table import Row, judge

FOLDER = Path(__file__).parent
# What is flat may seem to grow by this much on a machine that others use, too.
FLAT = 0.15 if support.FULL else 0.35
# Rows read by indexes change with what PostgreSQL thinks of a small table; a job that walks
# through all that is open has 1 beside a hundred due ones, and more than this at any size.
FLAT_ROWS = 0.15 if support.FULL else 0.55
# What grows with the work, likewise.
LINEAR = 1.1 if support.FULL else 1.25


def measure(script, label, tmp_path_factory, *args):
    """Run a bench on a database of its own and return its figures."""
    result = tmp_path_factory.mktemp("bench") / "figures.json"
    with support.installed_copy(label) as database:
        done = subprocess.run(
            [
                support.env("AFTERSALES_PYTHON"),
                *(str(FOLDER / script), support.env("AFTERSALES_CONF"), database),
                *(str(result), *args),
            ],
            capture_output=True,
            check=False,
            text=True,
            timeout=1500,
        )
        assert done.returncode == 0, done.stdout + done.stderr[-5000:]
    return json.loads(result.read_text("utf-8"))


def describe(figures):
    """The figures of one operation, a line for each size."""
    return "\n".join(
        f"{int(size):,}: {found['ms']:.0f} ms ({found['cpu_ms']:.0f} of processors), "
        f"{found['queries']} queries, {found['rows']:,} rows read"
        for size, found in figures.items()
    )


def note_each(note, name, unit, figures, target, reached):
    """Note a row for each size; the last one tells how it grew."""
    power = growth(figures, "cpu_ms") if len(figures) > 1 else None
    for size, found in figures.items():
        last = power is not None and size == list(figures)[-1]
        note(
            Row(
                name,
                f"{int(size):,} {unit}",
                found["ms"],
                found["queries"],
                target=f"growth {power:.2f}, {target}" if last else "",
                verdict=judge(reached(power)) if last else "",
            )
        )
    return power


# ------------------------------------------------------------------------- arithmetic
def test_exponent():
    """Proves: the growth that is shown is that of the figures."""
    assert exponent([(10, 5), (1000, 5)]) == pytest.approx(0)
    assert exponent([(10, 20), (100, 200), (1000, 2000)]) == pytest.approx(1)
    assert exponent([(2, 4), (4, 16), (8, 64)]) == pytest.approx(2)
    # By least squares: a doubling in the middle changes nothing of a flat cost.
    assert exponent([(1, 3), (10, 6), (100, 3)]) == pytest.approx(0)
    with pytest.raises(ValueError, match="two sizes"):
        exponent([(10, 1), (10, 2)])


# ------------------------------------------------------------------------------- jobs
@pytest.fixture(scope="module")
def jobs(tmp_path_factory):
    """Cost of the scheduled actions, by name."""
    args = (
        ("all", "3", "1000,10000,100000", "10,100,1000")
        if support.FULL
        else ("quick", "2", "1000,10000", "10,100")
    )
    return measure("bench_growth.py", "growth", tmp_path_factory, *args)


def test_jobs_cost_nothing_for_what_is_not_due(jobs, note):
    """Proves: a job costs the same whatever is open, when the same is due."""
    for name, figures in jobs.items():
        found = figures["open"]
        power = note_each(
            note, f"job: {name}", "open", found, "flat", lambda p: p <= FLAT
        )
        text = f"{name}\n{describe(found)}"
        assert len({size["queries"] for size in found.values()}) == 1, text
        assert not list(found.values())[-1]["scanned"], found
        assert growth(found, "rows") <= FLAT_ROWS, text
        assert power <= FLAT, text


def test_jobs_grow_with_what_is_due(jobs, note):
    """Proves: a job's cost grows at most as what is due to it does."""
    for name, figures in jobs.items():
        found = figures["due"]
        power = note_each(
            note, f"job: {name}", "due", found, "≤ 1", lambda p: p <= LINEAR
        )
        text = f"{name}\n{describe(found)}"
        assert growth(found, "queries") <= 1, text
        assert power <= LINEAR, text


# ---------------------------------------------------------------------------- screens
SELECTIVE = ("search", "form", "contact")


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    """Cost of the screens, by name."""
    args = ("7", "100000,1000000") if support.FULL else ("3", "2000,20000")
    return measure("bench_register.py", "register", tmp_path_factory, *args)


def test_screens_ask_the_same(register, note):
    """Proves: no screen needs more queries in a register ten times as large."""
    for name, found in register["screens"].items():
        note_each(note, f"screen: {name}", "tickets", found, "≤ 1", lambda p: p <= 1)
        queries = {size["queries"] for size in found.values()}
        assert len(queries) == 1, f"{name}\n{describe(found)}"


def test_what_is_selective_reads_no_table_as_a_whole(register):
    """Proves: searches, forms and the contact's page read few rows, by an index."""
    for name, found in register["screens"].items():
        large = list(found.values())[-1]
        if name.startswith(SELECTIVE):
            assert not large["scanned"], f"{name}: {large}"
            assert large["rows"] <= 1000, f"{name}: {large}"
        assert growth(found, "cpu_ms") <= 1, f"{name}\n{describe(found)}"


# ------------------------------------------------------------------------- operations
@pytest.fixture(scope="module")
def operations(tmp_path_factory):
    """Cost of what is decided, suggested and written, by name."""
    args = (
        ("5", "1000,10000", "30,300", "10000,100000")
        if support.FULL
        else ("2", "1000,10000", "20,60", "1000,5000")
    )
    return measure("bench_operations.py", "operations", tmp_path_factory, *args)


@pytest.mark.parametrize(
    ("name", "unit"),
    [("coverage decided", "lines"), ("technicians suggested", "technicians")],
)
def test_batches_ask_the_same(operations, note, name, unit):
    """Proves: who pays and who can go is found in as many queries, however many ask."""
    found = operations[name]
    power = note_each(note, name, unit, found, "≤ 1", lambda p: p <= LINEAR)
    queries = {size["queries"] for size in found.values()}
    assert len(queries) == 1, describe(found)
    assert power <= LINEAR, describe(found)


@pytest.mark.parametrize(
    "name",
    [
        "report as a workbook",
        "file of a customer as a workbook",
        "list of tickets exported",
    ],
)
def test_workbooks_grow_with_their_rows(operations, note, name):
    """Proves: what is written grows at most as its rows do."""
    found = operations[name]
    power = note_each(note, name, "rows", found, "≤ 1", lambda p: p <= LINEAR)
    assert power <= LINEAR, describe(found)
    assert growth(found, "queries") <= 1, describe(found)


@pytest.mark.parametrize(
    "name", ["report as a workbook", "file of a customer as a workbook"]
)
def test_workbooks_take_no_memory_for_their_rows(operations, record_property, name):
    """Proves: a workbook is written row by row: ten times the rows, hardly more memory."""
    small, large = operations[name].values()
    record_property("peak memory", f"{name}: {small['mb']} MB, then {large['mb']} MB")
    assert large["mb"] <= small["mb"] + 40, operations[name]
