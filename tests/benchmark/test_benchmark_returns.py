"""A return costs little more than Odoo's own wizard and reversal: ratios of one run."""

import json
import subprocess
from pathlib import Path

import pytest
import support

SCRIPT = Path(__file__).with_name("bench_returns.py")
# What is left to the noise of the machine where two chains of a second are compared.
NOISE = 1.15


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    """What was measured, once for all tests."""
    result = tmp_path_factory.mktemp("bench") / "figures.json"
    with support.installed_copy("returns") as database:
        done = subprocess.run(
            [
                support.env("AFTERSALES_PYTHON"),
                *(str(SCRIPT), support.env("AFTERSALES_CONF"), database, str(result)),
            ],
            capture_output=True,
            check=False,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, done.stdout + done.stderr[-5000:]
    return json.loads(result.read_text("utf-8"))


def ratios(figures, count, chain):
    """Queries and seconds of a chain, per one of Odoo's own."""
    core, ours = figures[count]["core"], figures[count][chain]
    return ours[0] / core[0], ours[1] / core[1]


def describe(figures):
    return "\n".join(
        f"{count}, {chain}: {queries} queries, {seconds * 1000:.0f} ms"
        for count in ("one", "hundred")
        for chain, (queries, seconds) in figures[count].items()
    )


@pytest.mark.parametrize(
    ("count", "chain", "limit"),
    [
        ("one", "direct", 1.25),
        ("one", "inspected", 1.55),
        ("hundred", "direct", 1.25),
    ],
)
def test_chain(figures, record_property, count, chain, limit):
    """Proves: authorise → receipt → credit note stays near Odoo's own chain.

    Without inspection a quarter above it, with quarantine and stock transfer 55 %.
    """
    record_property("figures", describe(figures))
    queries, seconds = ratios(figures, count, chain)
    assert queries <= limit
    assert seconds <= limit * NOISE
