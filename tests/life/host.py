"""Odoo's own work, done by host_story.py in a process of its own."""

import hashlib
import json
import signal
import subprocess
from pathlib import Path

import support

SCRIPT = Path(__file__).with_name("host_story.py")
ORDERS = 20_000 if support.FULL else 300
KILLED = -signal.SIGKILL
PAGES = 6


def run(database, step, *numbers):
    """Take a step in a database; return the finished process."""
    return subprocess.run(
        [
            support.env("AFTERSALES_PYTHON"),
            *(str(SCRIPT), support.env("AFTERSALES_CONF"), database, step),
            *map(str, numbers),
        ],
        capture_output=True,
        check=False,
        text=True,
        timeout=1800,
    )


def story(database, step, *numbers):
    """Take a step in a database; return what came of it."""
    done = run(database, step, *numbers)
    assert done.returncode == 0, f"{step}: {done.stdout[-500:]}{done.stderr[-5000:]}"
    return json.loads(done.stdout.splitlines()[-1])


def assert_works(found):
    """Judge what Odoo's own work came to."""
    # Three sold, one of them taken back and credited.
    assert (found["delivered"], found["invoiced"]) == (2, 2)
    assert (found["invoice"], found["credited"]) == (300, 100)
    # Where workshops are installed.
    assert found.get("repair", "done") == "done"
    assert found["rating"] == "top"
    assert set(found["pages"].values()) == {200}, found["pages"]
    assert len(found["pages"]) == PAGES


def past_deliveries(database):
    """Make units of the deliveries before us, killed once; return what was counted."""
    found = {"after install": units(database)}
    found["killed"] = run(database, "begin_units", 1).returncode
    found["after the kill"] = units(database)
    found |= story(database, "end_units")
    [(found["serials"],)] = support.rows(
        database, "SELECT COUNT(DISTINCT lot_id) FROM aftersales_equipment"
    )
    return found


def demo_base():
    """Database with demo data and the lowest floor's host modules, kept between runs."""
    modules = sorted(support.host_depends(support.FLOORS[0]))
    key = hashlib.sha256(repr(modules).encode()).hexdigest()[:8]
    name = f"{support.env('AFTERSALES_TEMPLATE_DB')}_demo_{key}"
    with support.lock(name):
        if not support.database_exists(name):
            draft = support.temporary_name("demo_base")
            support.server(draft, "-i", ",".join(modules), "--with-demo").check()
            support.clone(draft, name)
            support.drop(draft)
    return name


def units(database):
    [(count,)] = support.rows(database, "SELECT COUNT(*) FROM aftersales_equipment")
    return count
