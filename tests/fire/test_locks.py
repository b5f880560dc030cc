"""Who waits for whom, and how long: locks, commits, mails (real connections and a real,
slow mail server)."""

import ast
import contextlib
import json
import socket
import subprocess
import time
from pathlib import Path

import psycopg2
import pytest
import support
from aiosmtpd.controller import Controller
from psycopg2.errors import LockNotAvailable

PROGRAM = Path(__file__).with_name("slow_mail.py")
SECONDS = 0.3
# Rows that somebody else may want while a mail is on its way.
WANTED = (
    "account_move",
    "aftersales_dispatch",
    "aftersales_equipment",
    "aftersales_registration",
    "aftersales_ticket",
    "hr_employee",
    "res_company",
    "res_partner",
    "sale_order",
    "stock_move",
    "stock_quant",
)
# Where a second cursor is opened outside of scheduled actions, and why.
CURSORS = {
    "aftersales_parts/models/aftersales_return_credit.py": "reads what others committed",
    "aftersales_parts/models/aftersales_return_line_quantity.py": "as above",
    "aftersales_parts/models/aftersales_return_lock.py": "as above",
}
# A PDF is made in the transaction that keeps it, of rows that are no more changed then.
PRINTS = {
    "aftersales_quality/models/aftersales_report_send.py": "a report sent once",
    "aftersales_service/models/aftersales_daily_team.py": "mailed once a day",
    "aftersales_service/models/aftersales_dispatch_money.py": "what was signed",
    "aftersales_service/models/aftersales_edition.py": "a handbook made at night",
}


# --------------------------------------------------------------------- the code
def product_calls():
    """Yield (file, function, call) of every call in the add-ons."""
    for addon in support.addons():
        for path in sorted((support.ROOT / addon).rglob("*.py")):
            if "tests" in path.parts:
                continue
            for function in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(function, ast.FunctionDef):
                    for call in ast.walk(function):
                        if isinstance(call, ast.Call):
                            yield support.relative(path), function.name, call


@pytest.fixture(scope="module")
def calls():
    return list(product_calls())


def test_no_request_commits_or_opens_a_cursor(calls):
    """Proves: what a request does is done as a whole, or not at all."""
    found = {}
    for path, function, call in calls:
        text = ast.unparse(call.func)
        if text.endswith(("cr.commit", "db_connect")):
            support.report([f"{path}: {function}: {text}"], "commits of its own")
        if text.endswith("registry.cursor"):
            found.setdefault(path, function)
    assert found.keys() == CURSORS.keys(), found


def test_mails_are_queued_and_never_sent_inside(calls):
    """Proves: no step waits for a mail server while it holds what it changed."""
    wrong = [
        f"{path}: {function}: {ast.unparse(call)[:80]}"
        for path, function, call in calls
        if any(
            word.arg in ("force_send", "raise_exception")
            and ast.unparse(word.value) == "True"
            for word in call.keywords
        )
        or ast.unparse(call.func).endswith(("mail.mail'].send", "mails.send"))
    ]
    support.report(wrong, "mails that are sent inside a transaction")


def test_pages_are_printed_where_it_is_known(calls):
    """Proves: no other step holds locks while a PDF is made."""
    found = {
        path for path, _name, call in calls
        if ast.unparse(call.func).endswith("_render_qweb_pdf")
    }  # fmt: skip
    assert found == PRINTS.keys()


# -------------------------------------------------------------------- the mails
class SlowServer:
    """Takes its time for each mail, and looks meanwhile which rows are locked."""

    def __init__(self, database):
        self.database = database
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        began = time.monotonic()
        locked = [table for table in WANTED if self._is_locked(table)]
        self.mails.append({"to": envelope.rcpt_tos, "locked": locked})
        time.sleep(max(0.0, SECONDS - (time.monotonic() - began)))
        return "250 OK"

    def _is_locked(self, table):
        with contextlib.closing(psycopg2.connect(dbname=self.database)) as connection:
            with connection.cursor() as cr:
                try:
                    cr.execute(f"SELECT id FROM {table} FOR UPDATE NOWAIT")
                except LockNotAvailable:
                    return True
        return False


@pytest.fixture(scope="module")
def post():
    """Mails that the server took while people worked, and what these were told."""
    with support.installed_copy("mail") as database:
        handler = SlowServer(database)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        controller = Controller(handler, hostname="127.0.0.1", port=port)
        controller.start()
        try:
            done = subprocess.run(
                [
                    support.env("AFTERSALES_PYTHON"),
                    str(PROGRAM),
                    support.env("AFTERSALES_CONF"),
                    database,
                    str(port),
                ],
                capture_output=True,
                check=False,
                text=True,
                timeout=300,
            )
        finally:
            controller.stop()
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-5000:]
    return handler.mails, json.loads(done.stdout.splitlines()[-1])


def test_no_row_is_locked_while_a_mail_is_on_its_way(post):
    """Proves: the mail leaves after the commit, from steps and from scheduled actions."""
    mails, told = post
    assert told == ["answered", "assigned", "refused", "queued"]
    # Two leave after their commits, the refusal by the queue.
    assert len(mails) >= 3
    for mail in mails:
        assert not mail["locked"], mail
