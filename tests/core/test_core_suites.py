"""Odoo's own test suites pass with our add-ons installed as they pass without them.

Every class of a suite runs with all modules loaded, also those that Odoo runs before ours are
there: our code stands in the way of each. What fails is run again on a database without us.
"""

import configparser
import os
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
import support

from odoo.modules.module import get_module_path

# setup/test has the time for the small ones.
SUITES = ("rating", "repair")
if support.FULL:
    SUITES += ("hr", "sale_stock", "stock_account", "stock")


class Suites:
    """Runs of Odoo's own tests, each on a database of its own."""

    def __init__(self, folder):
        self.folder = folder
        # Nothing of our pytest.ini and conftest.py holds for them.
        (folder / "pytest.ini").write_text("[pytest]\n")

    def _configuration(self, ours):
        parser = configparser.RawConfigParser()
        parser.read(support.env("AFTERSALES_CONF"))
        options = parser["options"]
        if not ours:
            paths = options["addons_path"].split(",")
            options["addons_path"] = ",".join(
                path for path in paths if Path(path).resolve() != support.ROOT
            )
        path = self.folder / f"odoo_{ours}.conf"
        with path.open("w") as stream:
            parser.write(stream)
        path.chmod(0o600)
        return path

    def run(self, database, tests, ours):
        """Run tests, and return {id: passed, failed or skipped}."""
        result = self.folder / f"{database}.xml"
        done = subprocess.run(
            [
                *(support.env("AFTERSALES_PYTHON"), "-m", "pytest", *tests),
                *("-c", str(self.folder / "pytest.ini")),
                f"--rootdir={self.folder}",
                f"--odoo-config={self._configuration(ours)}",
                *(f"--odoo-database={database}", "--odoo-http"),
                *("--odoo-log-level=critical", "-p", "no:cacheprovider"),
                *("--tb=short", "-q", f"--junitxml={result}"),
                *("-o", "junit_family=xunit1"),
            ],
            capture_output=True,
            check=False,
            cwd=self.folder,
            env={
                name: value
                for name, value in os.environ.items()
                # This run may be a part of a distributed one, those are not.
                if not name.startswith("PYTEST_")
            },
            text=True,
            timeout=5400,
        )
        # 0: all passed, 1: some failed; everything else is no run at all.
        assert done.returncode in (0, 1), done.stdout[-5000:] + done.stderr[-5000:]
        (self.folder / f"{database}.log").write_text(done.stdout)
        return self._outcomes(result)

    def _outcomes(self, result):
        outcomes = {}
        for case in ElementTree.parse(result).iter("testcase"):
            path = os.path.normpath(self.folder / case.get("file"))
            name = f"{path}::{case.get('classname').split('.')[-1]}::{case.get('name')}"
            found = {child.tag for child in case}
            if found & {"failure", "error"}:
                outcomes[name] = "failed"
            elif "skipped" in found:
                outcomes.setdefault(name, "skipped")
            else:
                outcomes.setdefault(name, "passed")
        return outcomes


def failed(outcomes):
    return sorted(name for name, outcome in outcomes.items() if outcome == "failed")


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """What each test said with our add-ons, and those that failed without them."""
    suites = Suites(tmp_path_factory.mktemp("core"))
    with support.installed_copy("core") as database:
        ours = suites.run(
            database, [f"{get_module_path(name)}/tests" for name in SUITES], ours=True
        )
    theirs = {}
    if again := failed(ours):
        database = support.temporary_name("core_host")
        try:
            support.clone(support.env("AFTERSALES_TEMPLATE_DB"), database)
            theirs = suites.run(database, again, ours=False)
        finally:
            support.drop(database)
    return ours, theirs


@pytest.mark.parametrize("suite", SUITES)
def test_suite_runs(outcomes, record_property, suite):
    """Proves: the suite was there, and most of it is not skipped."""
    ours, theirs = outcomes
    found = [said for name, said in ours.items() if f"/{suite}/tests/" in name]
    record_property(
        f"Odoo's {suite}",
        f"{found.count('passed')} passed, {found.count('skipped')} skipped, "
        f"{found.count('failed')} failed",
    )
    assert found.count("passed") > found.count("skipped")


def test_no_new_failure(outcomes):
    """Proves: what fails with our add-ons fails without them, too."""
    ours, theirs = outcomes
    new = [name for name in failed(ours) if theirs.get(name) != "failed"]
    support.report(new, "fails with our add-ons only")
