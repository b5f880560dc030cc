"""Twenty processes that return the same delivery at once (R48)."""

import json
import subprocess
from pathlib import Path

import pytest
import support

SCRIPT = Path(__file__).with_name("returns_storm.py")
DELIVERED = 7


@pytest.fixture(scope="module")
def storms(tmp_path_factory):
    """What each process of each storm was told."""
    result = tmp_path_factory.mktemp("storm") / "answers.json"
    with support.installed_copy("storm") as database:
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


def passed(storm):
    return sum(row["quantity"] for row in storm if row["answer"] == "passed")


def test_everybody_is_answered(storms):
    """Proves: who does not pass reads how much can still come back, not an error."""
    for row in (row for storm in storms for row in storm):
        assert row["answer"] == "passed" or "can. What was returned" in row["answer"], (
            row
        )


def test_never_more_than_delivered(storms, record_property):
    """Proves: what passes is never more than was delivered, also beside Odoo's wizard."""
    sums = [passed(storm) for storm in storms]
    record_property("passed of 7", sums)
    assert max(sums) <= DELIVERED


def test_nobody_is_refused_for_nothing(storms):
    """Proves: no refused request would still have fitted."""
    for storm in storms:
        left = DELIVERED - passed(storm)
        refused = [row["quantity"] for row in storm if row["answer"] != "passed"]
        assert not refused or min(refused) > left, (left, refused)


def test_both_ways_take_part(storms):
    """Proves: the storms are of both kinds, and each lets somebody pass."""
    ways = [{row["step"] for row in storm} for storm in storms]
    assert {"authorise", "return_by_core"} in ways
    assert {"authorise"} in ways
    assert all(passed(storm) > 0 for storm in storms)
