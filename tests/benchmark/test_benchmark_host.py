"""The rest of the company pays nothing for after-sales: two databases asked in turns.

Both hold the same Odoo modules, one of them our add-ons too. Each is open in a process of
its own (bench_host.py); the same buttons are pressed in both, by staff without any
after-sales group, ABBA. Times are those of the processors (bench_clock.py).
"""

import contextlib
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import support
from benchmark.pairs import compare, take_turns
from benchmark.table import Row, judge

SCRIPT = Path(__file__).with_name("bench_host.py")
PAIRS = 30 if support.FULL else 6
OWN_PAIRS = PAIRS if support.FULL else 2
# The tax on the host; with few pairs on a busy machine only a gross one can be told.
MOST = 1.05 if support.FULL else 1.5


@dataclass
class Operation:
    """A button, and its name in the table.

    Queries are counted at two sizes: what is paid once for a document may differ from Odoo
    alone, what is paid for each of its lines may not, unless after-sales is concerned.
    """

    name: str
    word: str
    concerned: bool = False

    @property
    def is_delivery(self):
        return self.name.startswith("deliver")

    @property
    def small(self):
        return 10 if self.is_delivery else 5

    @property
    def large(self):
        if support.FULL:
            return 200 if self.is_delivery else 50
        return 40 if self.is_delivery else 15

    @property
    def size(self):
        return f"{self.large} {'serials' if self.is_delivery else 'lines'}"


OPERATIONS = (
    Operation("confirm", "host: sale order confirmed"),
    Operation("deliver", "host: delivery validated"),
    Operation("deliver_units", "host: delivery validated, makes vouchers", True),
    Operation("post", "host: invoice posted"),
    Operation("receive", "host: receipt validated"),
    Operation("pay", "host: payment registered"),
)


class Side:
    """A database in a process of its own that presses buttons when it is asked to."""

    def __init__(self, database, log):
        sizes = [
            f"{operation.name}={size}"
            for operation in OPERATIONS
            for size in (operation.small, operation.large)
        ]
        self.log = log
        with log.open("w") as stream:
            self.process = subprocess.Popen(
                [
                    support.env("AFTERSALES_PYTHON"),
                    *(str(SCRIPT), support.env("AFTERSALES_CONF"), database, *sizes),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stream,
                text=True,
            )

    def read(self):  # pylint: disable=method-required-super
        line = self.process.stdout.readline()
        assert line, self.log.read_text("utf-8")[-5000:]
        return json.loads(line)

    def ask(self, operation, size):
        self.process.stdin.write(f"{operation.name} {size}\n")
        self.process.stdin.flush()
        return self.read()

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        try:
            self.process.wait(60)
        finally:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="module")
def sides(tmp_path_factory):
    """(with our add-ons, without them), both ready to be asked."""
    folder = tmp_path_factory.mktemp("host")
    with contextlib.ExitStack() as stack:
        found = []
        with_us = stack.enter_context(support.installed_copy("host_with"))
        without = support.temporary_name("host_without")
        stack.callback(support.drop, without)
        host = support.env("AFTERSALES_HOST_DB")
        with support.lock(host):
            support.clone(host, without)
        for database in (with_us, without):
            side = Side(database, folder / f"{database}.log")
            stack.callback(side.close)
            found.append(side)
        for side in found:
            assert side.read() == "ready"
        yield found


@pytest.fixture(scope="module")
def measured(sides):
    """What each operation cost: measured when it is asked for, once."""
    known = {}

    def measure(operation):
        if operation.name not in known:
            known[operation.name] = Measured(operation, *sides)
        return known[operation.name]

    return measure


class Measured:
    """Queries at two sizes, and the pairs of times at the larger one."""

    def __init__(self, operation, ours, theirs):
        for side in (ours, theirs):
            # What is read once for a process is paid before.
            for size in (operation.large, operation.small):
                side.ask(operation, size)
        self.small = [side.ask(operation, operation.small) for side in (ours, theirs)]
        answers = take_turns(
            lambda: ours.ask(operation, operation.large),
            lambda: theirs.ask(operation, operation.large),
            OWN_PAIRS if operation.concerned else PAIRS,
        )
        self.large = answers[-1]
        self.queries = [
            {each["queries"] for each in side} for side in zip(*answers, strict=True)
        ]
        self.pairs = [(mine["ms"], other["ms"]) for mine, other in answers]

    def extra(self, answers):
        """How many queries more we need than Odoo alone."""
        return answers[0]["queries"] - answers[1]["queries"]

    def row(self, operation):
        ours, theirs, ratio, low, high = compare(self.pairs)
        return Row(
            operation.word,
            operation.size,
            ours,
            self.large[0]["queries"],
            "Odoo without us",
            theirs,
            self.large[1]["queries"],
            ratio,
            low,
            high,
            "" if operation.concerned else "≤ 1.05",
            "our own work" if operation.concerned else judge(low <= 1.05),
        )


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_same_queries_each_time(measured, operation):
    """Proves: what is counted is exact: each press asks the same of the database."""
    assert [len(counts) for counts in measured(operation).queries] == [1, 1]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_tax(measured, note, operation):
    """Proves: where after-sales is not concerned a document costs what it did without us.

    Fails only if the whole interval of the ratio lies above the target.
    """
    found = measured(operation)
    row = note(found.row(operation))
    assert found.large[0]["units"] == (operation.large if operation.concerned else 0)
    if not operation.concerned:
        assert row.low <= MOST, found.pairs


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_no_query_grows_with_the_document(measured, operation):
    """Proves: more lines add no query of ours; vouchers are made in batches."""
    found = measured(operation)
    small, large = found.extra(found.small), found.extra(found.large)
    if operation.concerned:
        assert large - small <= 10, (small, large)
    else:
        assert large == small, (found.small, found.large)
