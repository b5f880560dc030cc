"""Each job in two processes at once, each job and action killed: the result is the same.

The small size is a part of the works, killed twice. The full size adds the demonstration
data, so that every job has something to do, and kills each work ten times.
"""

import json
import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest
import support
from server_pair import RETRIED

FOLDER = Path(__file__).parent
SIZE = "full" if support.FULL else "small"
# Debian's wkhtmltopdf says so of every report.
HARMLESS = ("wkhtmltopdf",)


def evening():
    """An evening in the middle of a week, when the last month is over."""
    first = (date.today().replace(day=1) + timedelta(days=40)).replace(day=1)
    wednesday = first + timedelta(days=(2 - first.weekday()) % 7 + 7)
    return f"{wednesday} 14:30:00"


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What the gauntlet tells of each work."""
    result = tmp_path_factory.mktemp("gauntlet") / "told.json"
    copy = support.temporary_name("gauntlet_kept")
    with support.installed_copy("gauntlet") as database:
        if support.FULL:
            support.odoo("module", "force-demo", "-d", database, timeout=1800).check()
        try:
            done = subprocess.run(
                [
                    *(support.env("AFTERSALES_PYTHON"), str(FOLDER / "gauntlet.py")),
                    *(support.env("AFTERSALES_CONF"), database, evening()),
                    *(SIZE, str(result)),
                ],
                capture_output=True,
                check=False,
                text=True,
                timeout=3600,
            )
        finally:
            support.drop(copy)
        assert done.returncode == 0, done.stdout + done.stderr[-5000:]
    return json.loads(result.read_text("utf-8"))


def sentences(rows, what):
    return [f"{name}: {line}" for name, row in rows.items() for line in row[what]]


def logged(rows, retried=False):
    """What was logged, but for what Odoo does again by itself."""
    return [
        line
        for line in sentences(rows, "log")
        if not any(word in line for word in HARMLESS)
        and not (retried and RETRIED.search(line))
    ]


def test_every_job_has_work(told):
    """Proves: no job is proved by doing nothing; a new one needs a scene."""
    idle = [name for name, row in told["undisturbed"].items() if not row["effect"]]
    support.report(idle, "nothing to do")


def test_undisturbed(told):
    """Proves: each job and action ends well, and once more changes nothing."""
    rows = told["undisturbed"]
    failed = [
        f"{name}: {row['answers']}"
        for name, row in rows.items()
        if not {"None", "fully done"}.issuperset(row["answers"])
    ]
    support.report(failed, "not done")
    support.report(logged(rows), "logged")
    support.report(sentences(rows, "again"), "changed by doing it again")


def test_nothing_doubled_nothing_lost(told):
    """Proves: in two processes at once past ir.cron's lock, killed anywhere: all once."""
    for way, rows in told["replays"].items():
        support.report(sentences(rows, "differences"), f"{way}: not as undisturbed")


def test_invariants(told):
    """Proves: whatever happens, what the modules promise holds."""
    for way, rows in told["replays"].items():
        support.report(sentences(rows, "broken"), f"{way}: broken promises")
        support.report(logged(rows, retried=True), f"{way}: logged")
    support.report(told["files"], "files that the database knows and nobody has")


def test_invariants_notice(told):
    """Proves: where a promise is broken on purpose, its invariant says so."""
    support.report(told["unheard"], "broken and not noticed")


def test_killed_indeed(told, record_property):
    """Proves: processes died, in each of the works that were to be killed."""
    [rows] = [rows for way, rows in told["replays"].items() if "killed" in way]
    deaths = sum(row["deaths"] for row in rows.values())
    record_property("killed", f"{deaths} processes of {len(rows)} works")
    assert deaths >= len(rows)


def test_stored_amounts(told):
    """Proves: after all that, each stored number is what its formula says."""
    support.report(told["stale"], "stale")
