"""A skipped test proves nothing: it fails, unless pytest.ini expects it to be skipped."""

from fnmatch import fnmatchcase

import pytest


def pytest_addoption(parser):
    parser.addini(
        "expected_skips",
        "patterns of the ids of tests that may be skipped",
        type="linelist",
        default=[],
    )


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
