"""Measure the month sheets of many technicians: one process, one database.

Usage: bench_performance.py CONFIGURATION DATABASE RESULT SIZE…

Each SIZE is TECHNICIANS:TICKETS:EVALUATIONS, in growing order. The database holds our
add-ons; test_benchmark_performance.py makes it, judges the figures in RESULT and throws it
away.
"""

import json
import sys
import time
from datetime import datetime
from pathlib import Path

from bench_rows import copy, maintain, one_of

from odoo import SUPERUSER_ID, api, sql_db
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.service import server
from odoo.tools import config

# A month long past: all of its figures can be told.
MONTH = "2026-03-01"
SPAN = "timestamp '2026-03-01' + interval '{seconds} seconds' * mod(i * 7919, 2670000)"
ANSWER = "(ARRAY['2', '3', '4', '4'])[1 + mod(i, 4)]"


class Bench:
    """A service company of one month."""

    def __init__(self, env):
        self.env = env
        self.cr = env.cr

    def prepare(self):
        """Make the company, with one visit, one card and one report to copy."""
        company = self.env["res.company"].create({"name": "Bench"})
        company.write(
            {
                "aftersales_visit_allowance": 30,
                "aftersales_complaint_bonus": 300,
                "aftersales_complaint_deduction": 100,
            }
        )
        self.env.user.write(
            {"company_ids": [Command.link(company.id)], "company_id": company.id}
        )
        self.env = self.env(
            context={
                "allowed_company_ids": company.ids,
                "lang": "en_US",
                "tracking_disable": True,
            }
        )
        self.company = company.with_env(self.env)
        self.team = self.env["aftersales.team"].create(
            {"name": "Bench", "supervisor_id": self.env.uid}
        )
        self.people = self.env["hr.employee"]
        leader = {"name": "Leader", "user_id": self.env.uid, "company_id": company.id}
        self.env["hr.employee"].create(leader)
        first = self._employ(1)
        moment = datetime(2026, 3, 2, 8)
        self.ticket = self.env["aftersales.ticket"].create(
            {"symptom": "Leaks", "partner_name": "Farmer Wang"}
        )
        self.visit = self.env["aftersales.dispatch"].create(
            {
                "ticket_id": self.ticket.id,
                "technician_id": first.id,
                "date_start": moment,
                "work_done": "Belt changed",
                "signed_by": "Wang",
                "customer_opinion": "All well",
            }
        )
        times = dict.fromkeys(("assign_date", "arrive_date", "signed_on"), moment)
        self.visit._step({"state": "done", **times, "finish_date": moment})
        self.ticket._by_method().write({"state": "closed", "date_open": moment})
        card = self.visit._create_cards() or self.env["rating.rating"].search(
            [("aftersales_dispatch_id", "=", self.visit.id)]
        )
        levels = dict.fromkeys(("attitude", "skill", "arrival", "promise"), 4)
        card._answer_card(levels, moment=moment)
        self.card = card
        self.report = (
            self.env["aftersales.daily.report"]
            ._by_method()
            .create(
                {
                    "kind": "technician",
                    "employee_id": first.id,
                    "date": "2026-03-01",
                    "state": "confirmed",
                    "confirm_date": moment,
                }
            )
        )
        self.tickets = self.cards = 1
        self.cr.commit()  # pylint: disable=invalid-commit

    def _employ(self, count):
        people = self.env["hr.employee"].create(
            [
                {
                    "name": f"Technician {number}",
                    "company_id": self.company.id,
                    "aftersales_technician": True,
                }
                for number in range(count)
            ]
        )
        self.people |= people
        return people

    def grow(self, technicians, tickets, cards):
        """Fill the month up to this size."""
        new = self._employ(technicians - len(self.people))
        more = tickets - self.tickets
        self.env.flush_all()
        copy(
            self.ticket,
            f"generate_series(1, {more}) AS i",
            name=f"'BT/' || i || '/{tickets}'",
            date_open=SPAN.format(seconds=1) + " - interval '5 hours'",
            access_token="md5(random()::text)",
        )
        self.cr.execute("SELECT MAX(id) FROM aftersales_dispatch")
        last = self.cr.fetchone()[0]
        copy(
            self.visit,
            "(SELECT id AS ticket, row_number() OVER (ORDER BY id) AS i "
            f"FROM aftersales_ticket WHERE name LIKE 'BT/%%/{tickets}') made",
            name=f"'BD/' || i || '/{tickets}'",
            ticket_id="ticket",
            technician_id=one_of(self.people.ids),
            date_start=SPAN.format(seconds=1) + " - interval '2 hours'",
            date_end=SPAN.format(seconds=1) + " + interval '1 hour'",
            assign_date=SPAN.format(seconds=1) + " - interval '5 hours'",
            arrive_date=SPAN.format(seconds=1) + " - interval '1 minute' * mod(i, 200)",
            finish_date=SPAN.format(seconds=1) + " + interval '1 hour'",
            access_token="md5(random()::text)",
        )
        copy(
            self.card,
            "(SELECT id AS visit, technician_id AS person, ticket_id AS ticket, "
            "row_number() OVER (ORDER BY id) AS i FROM aftersales_dispatch "
            f"WHERE id > {last} ORDER BY id LIMIT {cards - self.cards}) made",
            res_id="visit",
            aftersales_dispatch_id="visit",
            aftersales_ticket_id="ticket",
            aftersales_technician_id="person",
            aftersales_attitude=ANSWER,
            aftersales_skill=ANSWER,
            rated_on=SPAN.format(seconds=1),
            access_token="md5(random()::text)",
        )
        people = self.people if len(new) == len(self.people) else new
        copy(
            self.report,
            f"(SELECT person, day, row_number() OVER () AS i FROM "
            f"unnest(ARRAY[{','.join(map(str, people.ids))}]) AS person, "
            "generate_series(2, 31) AS day) made",
            employee_id="person",
            date="date '2026-02-28' + day",
            confirm_date="date '2026-03-01' + day - interval '1 hour' * mod(i, 30)",
        )
        self.tickets, self.cards = tickets, cards
        for table in (
            "aftersales_ticket",
            "aftersales_dispatch",
            "rating_rating",
            "aftersales_daily_report",
        ):
            maintain(self.cr, "ANALYZE", table)
        self.env.invalidate_all()

    def measure(self):
        """Return queries and seconds of making all sheets, and what they found."""
        Sheet = self.env["aftersales.performance"]
        self.env.registry.clear_all_caches()
        queries, start = sql_db.sql_counter, time.perf_counter()
        sheets = Sheet._make_month(self.company, datetime.fromisoformat(MONTH).date())
        self.env.flush_all()
        seconds = time.perf_counter() - start
        queries = sql_db.sql_counter - queries
        found = {
            "sheets": len(sheets),
            "queries": queries,
            "seconds": seconds,
            "visits": sum(sheets.mapped("visit_count")),
            "cards": sum(
                sheets.line_ids.filtered(
                    lambda line: line.measure == "card"
                    and line.performance_id.role == "technician"
                ).mapped("denominator")
            ),
        }
        start = time.perf_counter()
        self.env.invalidate_all()
        before = sql_db.sql_counter
        sheets._compose()
        self.env.flush_all()
        found["again_queries"] = sql_db.sql_counter - before
        found["again_seconds"] = time.perf_counter() - start
        sheets.unlink()
        return found

    def run(self, sizes):
        """Measure one size after the other."""
        self.prepare()
        figures = {}
        for size in sizes:
            self.grow(*map(int, size.split(":")))
            figures[size] = self.measure()
        return figures


def main(configuration, database, result, *sizes):
    config.parse_config(["-c", configuration, "-d", database, "--no-http"])
    server.load_server_wide_modules()
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})
        figures = Bench(env).run(sizes)
        cr.rollback()
    Path(result).write_text(json.dumps(figures, indent=1), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
