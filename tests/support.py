"""Helpers shared by the tests that span the repository.

They find Odoo and its databases in the environment variables that ``setup/test`` exports and
describes.
"""

import ast
import configparser
import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest

ROOT = Path(__file__).resolve().parents[1]
AUTHOR = "After-sales Suite Contributors"
# The sizes and repetitions of setup/proof; otherwise those that CI has the time for.
FULL = bool(os.environ.get("AFTERSALES_FULL"))
FLOORS = ("aftersales_service", "aftersales_parts", "aftersales_quality")
ALLOWLIST = ROOT / "tests" / "log_allowlist.txt"
LOG_HEADER = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ (?P<level>[A-Z]+) (?P<db>\S+) (?P<text>\S+: .*)$"
)
BAD_LEVELS = ("WARNING", "ERROR", "CRITICAL")


def addons():
    """Names of the add-ons present, the lowest floor first."""
    found = [path.parent.name for path in ROOT.glob("aftersales_*/__manifest__.py")]
    return sorted(
        found,
        key=lambda name: (
            FLOORS.index(name) if name in FLOORS else len(FLOORS),
            name,
        ),
    )


def manifest(addon):
    return ast.literal_eval((ROOT / addon / "__manifest__.py").read_text("utf-8"))


def host_depends(addon):
    """Host modules named by the add-on and by the floors below it."""
    ours = set(addons())
    names = set()
    for name in manifest(addon)["depends"]:
        names |= host_depends(name) if name in ours else {name}
    return names


def report(findings, rule):
    """Fail with one line per finding."""
    if findings := list(findings):
        pytest.fail("\n".join([f"{rule}: {len(findings)}", *findings]), pytrace=False)


def relative(path):
    return str(Path(path).relative_to(ROOT))


# ---------------------------------------------------------------- environment
def env(name):
    """Value of a variable of ``setup/test``; a run without it is an error, not a skip."""
    value = os.environ.get(name)
    if not value:
        raise AssertionError(f"{name} is not set: run the tests through setup/test")
    return value


def filestore(database):
    return Path(env("AFTERSALES_FILESTORE"), database)


def rows(database, query, params=None):
    """Result of a query of plain PostgreSQL, outside Odoo."""
    with contextlib.closing(psycopg2.connect(dbname=database)) as connection:
        with connection.cursor() as cr:
            cr.execute(query, params)
            return cr.fetchall()


def database_exists(database):
    return bool(
        rows("postgres", "SELECT 1 FROM pg_database WHERE datname = %s", [database])
    )


def drop(database):
    command = ["dropdb", "--if-exists", "--force", database]
    for _attempt in range(30):
        # PostgreSQL's own cleaning ends by itself and can be ended by nobody else.
        if subprocess.run(command, capture_output=True).returncode == 0:
            break
        time.sleep(1)
    else:
        subprocess.run(command, check=True)
    shutil.rmtree(filestore(database), ignore_errors=True)


def clone(source, database):
    """Copy a database and its filestore (hard links: the store is append-only)."""
    drop(database)
    if filestore(source).is_dir():
        shutil.copytree(filestore(source), filestore(database), copy_function=os.link)
    # Last, so that a database that exists is whole.
    subprocess.run(["createdb", f"--template={source}", database], check=True)
    return database


@contextlib.contextmanager
def lock(name):
    """Keep other runs on the same PostgreSQL server out."""
    with contextlib.closing(psycopg2.connect(dbname="postgres")) as connection:
        with connection.cursor() as cr:
            cr.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
        yield


def temporary_name(label):
    """Name of a database that ``setup/test`` drops at the end, whatever happens here."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return f"{env('AFTERSALES_RUN_DB')}_{worker}_{label}"


@contextlib.contextmanager
def installed_copy(label):
    """A database with all our add-ons for one test alone, dropped afterwards."""
    database = temporary_name(label)
    try:
        # PostgreSQL copies a database for one at a time.
        with lock(env("AFTERSALES_CLEAN_DB")):
            clone(env("AFTERSALES_CLEAN_DB"), database)
        yield database
    finally:
        drop(database)


# ------------------------------------------------------------------------ CLI
@dataclass
class Run:
    """Outcome of one odoo command."""

    command: str
    returncode: int
    log: str

    def check(self):
        assert self.returncode == 0, (
            f"{self.command}: exit code {self.returncode}\n{self.log[-5000:]}"
        )
        return self

    @property
    def bad(self):
        return bad_records(self.log)


def odoo(*args, timeout=600):
    """Run the odoo command, with its own log file, at level info.

    A copy of the configuration without log and database settings is used, so that
    nothing in it can hide a warning or reach another database.
    """
    command = args[:2] if args[0] in ("db", "module", "i18n") else args[:1]
    rest = args[len(command) :]
    with tempfile.TemporaryDirectory(prefix="aftersales-") as folder:
        logfile = Path(folder, "odoo.log")
        parser = configparser.RawConfigParser()
        parser.read(env("AFTERSALES_CONF"))
        if not parser.has_section("options"):
            parser.add_section("options")
        for name in (
            "dbfilter",
            "db_name",
            "log_db",
            "log_handler",
            "log_level",
            "syslog",
            "without_demo",
            "with_demo",
        ):
            parser.remove_option("options", name)
        parser.set("options", "logfile", str(logfile))
        parser.set("options", "max_cron_threads", "0")
        conf = Path(folder, "odoo.conf")
        with conf.open("w") as stream:
            parser.write(stream)
        conf.chmod(0o600)
        line = [env("AFTERSALES_ODOO_BIN"), *command, "-c", str(conf), *rest]
        done = subprocess.run(
            line,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            cwd=ROOT,
            text=True,
            timeout=timeout,
        )
        log = logfile.read_text("utf-8", "replace") if logfile.exists() else ""
    return Run(" ".join(args), done.returncode, log + done.stdout + done.stderr)


def server(database, *args):
    """Start, do the work given by ``args`` (-i, -u…) and stop."""
    return odoo("server", "-d", database, "--stop-after-init", "--no-http", *args)


def in_parallel(*functions):
    """Run functions at the same time; return their results, raise their first error."""
    results, errors = [None] * len(functions), []

    def call(index, function):
        try:
            results[index] = function()
        except BaseException as error:  # handed over to the caller below
            errors.append(error)

    threads = [
        threading.Thread(target=call, args=item) for item in enumerate(functions)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


# ------------------------------------------------------------------------ log
def allowlist():
    lines = ALLOWLIST.read_text("utf-8").splitlines()
    return [re.compile(line) for line in lines if line and not line.startswith("#")]


def log_records(log):
    """Records of an Odoo log as (level, text); lines without header belong to the one above."""
    records = []
    for line in log.splitlines():
        if match := LOG_HEADER.match(line):
            records.append([match["level"], match["text"]])
        elif records:
            records[-1][1] += "\n" + line
    return [tuple(record) for record in records]


def bad_records(log):
    """WARNING, ERROR and CRITICAL records that no line of the allow-list explains."""
    allowed = allowlist()
    return [
        f"{level} {text}"
        for level, text in log_records(log)
        if level in BAD_LEVELS and not any(regex.search(text) for regex in allowed)
    ]
