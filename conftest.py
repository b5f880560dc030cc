"""What holds for every run of the tests.

* A skipped test proves nothing: it fails, unless pytest.ini expects it to be skipped.
* Each process of a distributed run has its database and its files for itself.
* What every class of the add-ons' tests starts from is made once.
"""

import os
import shutil
from fnmatch import fnmatchcase
from pathlib import Path
from unittest.mock import patch

import pytest


def pytest_addoption(parser):
    parser.addini(
        "expected_skips",
        "patterns of the ids of tests that may be skipped",
        type="linelist",
        default=[],
    )


# -------------------------------------------------------------------------- skips
def fail_unexpected_skip(config, report):
    if report.outcome != "skipped" or hasattr(report, "wasxfail"):
        return
    patterns = config.getini("expected_skips")
    if any(fnmatchcase(report.nodeid, pattern) for pattern in patterns):
        return
    longrepr = report.longrepr
    reason = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
    report.outcome = "failed"
    report.longrepr = (
        f"{reason}\nThis skip is not expected: make the test run, "
        "or name it in expected_skips of pytest.ini."
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    report = yield
    fail_unexpected_skip(item.config, report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report(collector):
    report = yield
    fail_unexpected_skip(collector.config, report)
    return report


# --------------------------------------------------------------------- processes
@pytest.fixture(scope="session", autouse=True)
def own_filestore(load_registry):
    """Give each process of a distributed run a filestore of its own.

    pytest-odoo lets them share one; but Odoo's tests remove, after each class, the files
    that their own database does not know: those of the other process.
    """
    from odoo.tests.common import get_db_name
    from odoo.tools import config

    if "PYTEST_XDIST_WORKER" not in os.environ:
        yield
        return
    shared = Path(config.filestore(get_db_name()))
    own = shared.with_name(get_db_name())
    shutil.rmtree(own, ignore_errors=True)
    # Files of a filestore are added and removed, never changed: links will do.
    shutil.copytree(shared, own, copy_function=os.link)
    with patch.object(config, "filestore", return_value=str(own)):
        yield
    shutil.rmtree(own, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def scene(request, own_filestore):
    """Commit what the add-ons' tests start from, once for all their classes.

    Only in a database that setup/test throws away; in any other each class makes its own.
    """
    if not os.environ.get("AFTERSALES_RUN_DB") or os.environ.get("AFTERSALES_KEEP"):
        return
    if not any(hasattr(item.cls, "_sold_unit") for item in request.session.items):
        return
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tests.common import get_db_name

    from odoo.addons.aftersales_service.tests.scene import Scene

    with Registry(get_db_name()).cursor() as cr:
        Scene(api.Environment(cr, SUPERUSER_ID, {})).keep()


# ---------------------------------------------------------------------- terminal
class Screen:
    """What the terminal shows beside pytest's own lines, wherever the tests run."""

    def __init__(self, config):
        self.config = config
        self.distributed = config.getoption("dist", "no") != "no"

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_logstart(self):
        # Of tests in other processes the line comes with the result, and one is enough.
        verbose = self.config.option.verbose
        if self.distributed:
            self.config.option.verbose = -1
        try:
            return (yield)
        finally:
            self.config.option.verbose = verbose

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report):
        # The last report of a test holds what all its parts have said.
        if report.when != "teardown":
            return
        terminal = self.config.pluginmanager.get_plugin("terminalreporter")
        for name, text in report.user_properties:
            # Rows of the benchmarks are shown in one table at the end.
            if name != "benchmark":
                terminal.write_line(f"{name}: {text}")
        # log_cli shows the warnings of its own process only.
        if self.distributed and report.caplog:
            terminal.write_line(f"{report.nodeid} logged:")
            terminal.write_line(report.caplog)


def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        from benchmark.table import Board

        config.pluginmanager.register(Screen(config))
        config.pluginmanager.register(Board())
