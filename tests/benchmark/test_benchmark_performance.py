"""Month sheets cost what a month is, not what was done in it: two sizes of one run.

In the full run (``setup/proof``), the greater size is that of the promise: 500 technicians
over 50,000 tickets and 30,000 evaluations.
"""

import json
import subprocess
from pathlib import Path

import pytest
import support

SCRIPT = Path(__file__).with_name("bench_performance.py")
SMALL = "20:500:300"
LARGE = "500:50000:30000" if support.FULL else "100:8000:5000"


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    """What was measured, once for all tests."""
    result = tmp_path_factory.mktemp("bench") / "figures.json"
    with support.installed_copy("sheets") as database:
        done = subprocess.run(
            [
                support.env("AFTERSALES_PYTHON"),
                *(str(SCRIPT), support.env("AFTERSALES_CONF"), database, str(result)),
                *(SMALL, LARGE),
            ],
            capture_output=True,
            check=False,
            text=True,
            timeout=900,
        )
        assert done.returncode == 0, done.stdout + done.stderr[-5000:]
    return json.loads(result.read_text("utf-8"))


def describe(figures):
    return "\n".join(
        f"{size}: {found['queries']} queries, {found['seconds']:.2f} s; measured again "
        f"{found['again_queries']} queries, {found['again_seconds']:.2f} s"
        for size, found in figures.items()
    )


def test_everything_is_measured(figures, record_property):
    """Proves: what is fast counts every visit and every card (R65)."""
    record_property("figures", describe(figures))
    for size, found in figures.items():
        technicians, tickets, cards = map(int, size.split(":"))
        assert found["sheets"] == technicians + 1
        assert found["visits"] == tickets
        assert found["cards"] == cards


def test_queries_do_not_grow(figures):
    """Proves: the queries of a month depend on neither tickets nor technicians.

    Records are written in batches of a fixed size by the framework: a few more.
    """
    small, large = figures[SMALL], figures[LARGE]
    assert small["queries"] <= 80, describe(figures)
    assert large["queries"] <= small["queries"] + 40, describe(figures)


def test_time(figures):
    """Proves: a month takes seconds."""
    large = figures[LARGE]
    limit = 60 if LARGE.startswith("500") else 20
    assert large["seconds"] <= limit, describe(figures)
