"""Measure the service desk beside community add-ons: one process, one database.

Usage: bench_desk.py CONFIGURATION DATABASE ADDONS_PATH RESULT

The database holds our add-ons and the peers; test_benchmark_peers.py makes it, judges the
figures in RESULT and throws it away.
"""

import json
import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from unittest.mock import patch

from bench_client import Screen
from bench_clock import Clock
from bench_history import ROWS, History
from bench_intake import OURS, Intake
from bench_people import BATCH, People
from bench_rows import bulk

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.service import server
from odoo.tools import SQL, config

DUE = 100
NUMBER = "4711"
ESCALATION_INDEX = "aftersales_ticket_next_escalation_idx"
# A round opens each screen once.
ROUNDS = 15 if os.environ.get("AFTERSALES_FULL") else 7


class Bench(People, Intake, History):
    """The desk of one company with its customers, and the peers' desks beside it."""

    def __init__(self, env):
        self.env = env
        self.cr = env.cr
        self.clock = Clock(self.cr)
        self.figures = {}

    # ------------------------------------------------------------
    # MEASURING
    # ------------------------------------------------------------

    def measure(self, function, *args):
        """Return [queries, milliseconds] of a call, with all that it has to write."""
        self.cr.flush()
        self.env.invalidate_all()
        queries, start = self.cr.sql_log_count, self.clock.now()
        function(*args)
        self.cr.flush()
        return [self.cr.sql_log_count - queries, self.clock.now() - start]

    def compare(self, calls):
        """Return ``{name: [[queries, milliseconds] of each round]}`` of reading calls.

        :param dict calls: ``{name: function}``
        """
        names, costs = list(calls), {name: [] for name in calls}
        for name in names:
            calls[name]()
        for _round in range(ROUNDS):
            for name in names:
                costs[name].append(self.measure(calls[name]))
            # Nobody is always the first one.
            names.reverse()
        return costs

    @contextmanager
    def no_mail_leaves(self, name):
        """Count the mails that would be handed to a mail server."""
        with patch(
            "odoo.addons.base.models.ir_mail_server.IrMail_Server.send_email"
        ) as send:
            yield
            self.figures[name] = self.figures.get(name, 0) + send.call_count

    # ------------------------------------------------------------
    # SCREENS
    # ------------------------------------------------------------

    def measure_screens(self):
        """Open list and board and search, at all desks with as many cases."""
        clerk = self.env(user=self.clerk.id)
        screens = {
            OURS: Screen(
                clerk,
                "aftersales.ticket",
                "aftersales_service.aftersales_ticket_action",
            ),
            "fieldservice": Screen(
                clerk, "fsm.order", "fieldservice.action_fsm_dash_order"
            ),
            "repair.order": Screen(
                clerk, "repair.order", "repair.action_repair_order_tree"
            ),
        }
        calls = {
            "list": lambda screen: screen.open_list(),
            "list of all": lambda screen: screen.open_list([]),
            "board": lambda screen: screen.open_board(),
            "search": lambda screen: screen.find(NUMBER),
            "search in all": lambda screen: screen.find(NUMBER, everywhere=True),
        }
        self.figures["rows"] = ROWS
        found = self.figures["screens"] = {}
        for name, call in calls.items():
            # The cards of repairs stand in no columns.
            desks = {
                desk: lambda call=call, screen=screen: call(screen)
                for desk, screen in screens.items()
                if name != "board" or screen.has_columns
            }
            for desk, function in desks.items():
                assert function()["length"], f"{name}: nothing to compare of {desk}"
            found[name] = self.compare(desks)

    # ------------------------------------------------------------
    # ESCALATION
    # ------------------------------------------------------------

    def _measure_job(self):
        """Run the job on the next hundred tickets whose promise is broken."""
        self.cr.execute(
            """
            UPDATE aftersales_ticket
               SET promised_date = now() AT TIME ZONE 'UTC' - interval '10 minutes',
                   next_escalation = now() AT TIME ZONE 'UTC' - interval '10 minutes'
             WHERE id IN (SELECT id FROM aftersales_ticket
                           WHERE name LIKE 'F%%' AND promised_date IS NULL
                           ORDER BY id LIMIT %s)
            """,
            [DUE],
        )
        assert self.cr.rowcount == DUE
        self.cr.commit()  # pylint: disable=invalid-commit
        Ticket = self.env["aftersales.ticket"]
        traces = self.env["aftersales.escalation.trace"].search_count([])
        with self.no_mail_leaves("mails_sent_while_escalating"):
            figures = self.measure(Ticket._cron_escalate)
        assert self.env["aftersales.escalation.trace"].search_count([]) == traces + DUE
        return figures

    def _open_tickets(self, names, index=None):
        """Leave the chosen tickets open, to be escalated in the next weeks."""
        with bulk(self.cr, "aftersales_ticket", index):
            self.cr.execute(
                """
                UPDATE aftersales_ticket
                   SET state = 'open', done_date = NULL, solve_date = NULL,
                       next_escalation = now() AT TIME ZONE 'UTC'
                                       + (1 + random() * 20) * interval '1 day'
                 WHERE name LIKE %s AND promised_date IS NULL
                """,
                [names],
            )
            assert self.cr.rowcount >= BATCH

    def measure_escalation(self, name, repeats):
        """Escalate a hundred tickets, some times over, with those open that there are."""
        self._measure_job()
        runs = [self._measure_job() for _repeat in range(repeats)]
        self.figures[f"escalate_{name}"] = {
            "open": self.env["aftersales.ticket"].search_count(
                [("state", "=", "open")]
            ),
            "queries": max(queries for queries, _ms in runs),
            "ms": median(ms for _queries, ms in runs),
        }

    def explain_escalation(self):
        """Ask PostgreSQL how it finds the tickets that are due."""
        Ticket = self.env["aftersales.ticket"]
        query = Ticket._search(
            Ticket._get_due_escalation_domain(), limit=DUE, order="next_escalation, id"
        )
        self.cr.execute(SQL("EXPLAIN %s", query.select()))
        self.figures["plan"] = "\n".join(line for (line,) in self.cr.fetchall())

    def run(self):
        """Measure all, in an order that needs the least rows to be written."""
        watch = time.perf_counter()
        seconds = self.figures["seconds"] = {}
        for name, step in (
            ("prepare", self.prepare),
            ("intake", self.measure_intake),
            ("few rows", self.grow_few),
            ("few open", lambda: self.measure_escalation("few", 3)),
            ("rows", self.grow),
            ("screens", self.measure_screens),
            ("open all", lambda: self._open_tickets("%", ESCALATION_INDEX)),
            ("many open", lambda: self.measure_escalation("many", 5)),
            ("plan", self.explain_escalation),
        ):
            step()
            now = time.perf_counter()
            seconds[name], watch = round(now - watch, 1), now


def main(configuration, database, addons_path, result):
    config.parse_config(
        ["-c", configuration, "-d", database, "--addons-path", addons_path, "--no-http"]
    )
    server.load_server_wide_modules()
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})
        bench = Bench(env)
        bench.run()
        cr.rollback()
    Path(result).write_text(json.dumps(bench.figures, indent=1), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
