"""Measure the dashboard beside one grouping of the same tickets: one process, one database.

Usage: bench_dashboard.py CONFIGURATION DATABASE ROWS RESULT

The database holds our add-ons; test_benchmark_dashboard.py makes it, judges the figures in
RESULT and throws it away.
"""

import json
import sys
import time
from pathlib import Path

from bench_rows import bulk, copy, one_of, unchecked

from odoo import SUPERUSER_ID, api, fields
from odoo.modules.registry import Registry
from odoo.service import server
from odoo.tools import config

# The work of others only adds to a time: of each its quickest turn counts.
TURNS = 5
MONTHS = 36
MEASURES = ("first_fix", "repeat", "mttr", "promise", "csat", "registered", "solved")


class Bench:
    """Three teams and three years of tickets, visits and cards."""

    def __init__(self, env, rows):
        self.env, self.cr, self.rows = env, env.cr, rows
        self.figures = {"rows": rows}

    # ------------------------------------------------------------
    # ROWS
    # ------------------------------------------------------------

    def prepare(self):
        """Make one of each, as people make them."""
        self.company = self.env.company
        self.teams = self.env["aftersales.team"].create(
            [
                {"name": f"Bench {number}", "hazard_look_required": False}
                for number in range(3)
            ]
        )
        customer = self.env["res.partner"].create({"name": "Bench customer"})
        self.employee = self.env["hr.employee"].create(
            {"name": "Bench technician", "aftersales_technician": True}
        )
        product = self.env["product.product"].create({"name": "Bench machine"})
        self.unit = self.env["aftersales.equipment"].create(
            {"name": "B0", "partner_id": customer.id, "product_id": product.id}
        )
        self.ticket = self.env["aftersales.ticket"].create(
            {
                "symptom": "Belt torn",
                "partner_id": customer.id,
                "equipment_id": self.unit.id,
                "team_id": self.teams[0].id,
                "service_mode": "onsite",
            }
        )
        now = fields.Datetime.now()
        self.visit = self.env["aftersales.dispatch"].create(
            {
                "ticket_id": self.ticket.id,
                "technician_id": self.employee.id,
                "date_start": now,
                "date_end": fields.Datetime.add(now, hours=1),
            }
        )
        self.visit._step(
            {
                "state": "done",
                "result": "solved",
                "assign_date": now,
                "arrive_date": now,
                "finish_date": now,
            }
        )
        self.visit._create_cards()
        self.visit.invalidate_recordset()
        self.card = self.env["rating.rating"].search([("res_id", "=", self.visit.id)])
        assert self.card

    def grow(self):
        """Copy them: a row each few minutes, the last ones of the present day."""
        self.cr.execute("SELECT setseed(0.4)")
        teams = one_of(self.teams.ids)
        minutes = MONTHS * 30 * 24 * 60 / self.rows
        opened = (
            f"now() AT TIME ZONE 'UTC' - interval '2 days' "
            f"- ({self.rows} - i) * interval '{minutes * 60:.3f} seconds'"
        )
        first, second = "b.low + i - 1", "b.low + 2 * (i - 1)"
        with (
            bulk(self.cr, "aftersales_equipment"),
            unchecked(self.cr, "aftersales_equipment"),
        ):
            copy(
                self.unit,
                f"generate_series(1, {self.rows // 20}) AS i",
                name="'B' || i",
                public_code="'bench' || i",
                write_date="'2020-01-01'",
            )
        with (
            bulk(self.cr, "aftersales_ticket"),
            unchecked(self.cr, "aftersales_ticket"),
        ):
            copy(
                self.ticket,
                f"""generate_series(1, {self.rows}) AS i
                CROSS JOIN (SELECT min(id) AS low, count(*) AS n
                              FROM aftersales_equipment
                             WHERE public_code LIKE 'bench%%') AS b""",
                name="'T' || i",
                state="'closed'",
                team_id=teams,
                equipment_id="b.low + mod(i::bigint * 7919, b.n)",
                date_open=opened,
                done_date=f"{opened} + mod(i, 50) * interval '1 hour'",
                solve_date=f"{opened} + mod(i, 50) * interval '1 hour'",
                solve_deadline=f"{opened} + interval '45 hours'",
                access_token="NULL",
                write_date="'2020-01-01'",
            )
        with (
            bulk(self.cr, "aftersales_dispatch"),
            unchecked(self.cr, "aftersales_dispatch"),
        ):
            copy(
                self.visit,
                f"""generate_series(1, {self.rows}) AS i
                CROSS JOIN (SELECT min(id) AS low FROM aftersales_ticket
                             WHERE name LIKE 'T%%' AND write_date = '2020-01-01') AS b
                JOIN aftersales_ticket t ON t.id = {first}""",
                name="'V' || i",
                ticket_id="t.id",
                team_id="t.team_id",
                equipment_id="t.equipment_id",
                date_start="t.date_open",
                date_end="t.date_open + interval '60 hours'",
                assign_date="t.date_open",
                arrive_date="t.date_open",
                finish_date="t.done_date",
                check_out_date="t.done_date",
                access_token="NULL",
                write_date="'2020-01-01'",
            )
        with bulk(self.cr, "rating_rating"), unchecked(self.cr, "rating_rating"):
            copy(
                self.card,
                f"""generate_series(1, {self.rows // 2}) AS i
                CROSS JOIN (SELECT min(id) AS low FROM aftersales_dispatch
                             WHERE write_date = '2020-01-01') AS b
                JOIN aftersales_dispatch d ON d.id = {second}""",
                res_id="d.id",
                aftersales_dispatch_id="d.id",
                access_token="'bench' || i",
                consumed="TRUE",
                aftersales_attitude="'4'",
                aftersales_skill="'4'",
                aftersales_arrival="'3'",
                aftersales_promise="'3'",
                rating="4.3",
                rated_on="d.finish_date",
                aftersales_send_date="d.finish_date",
                write_date="'2020-01-01'",
            )
        self.cr.commit()  # pylint: disable=invalid-commit

    # ------------------------------------------------------------
    # TIMES
    # ------------------------------------------------------------

    def count(self):
        """Count all months once, as the job does at night."""
        begin = time.perf_counter()
        Book = self.env["aftersales.figure.book"]
        Book._refresh(self.company)
        Book._count_older(self.company)
        self.cr.commit()  # pylint: disable=invalid-commit
        self.figures["fill_seconds"] = time.perf_counter() - begin

    def measure(self, name, call, prepare=None):
        """Note the quickest of some turns, none of which remembers the one before."""
        times = []
        for _turn in range(TURNS):
            if prepare:
                prepare()
            self.env.flush_all()
            self.env.invalidate_all()
            self.env.registry.clear_all_caches()
            begin = time.perf_counter()
            result = call()
            times.append(time.perf_counter() - begin)
        self.figures[name] = min(times)
        return result

    def group(self):
        return self.env["aftersales.ticket"].formatted_read_group(
            [("company_id", "=", self.company.id)],
            ["date_open:month", "team_id"],
            ["__count"],
        )

    def open_dashboard(self):
        return self.env["aftersales.dashboard"].dashboard_read(span=12)

    def age(self):
        """Let nothing have changed since the last look, as early in the morning."""
        self.cr.execute(
            "UPDATE aftersales_ticket SET write_date = '2020-01-01' "
            "WHERE write_date > '2020-01-01'"
        )
        for table in ("dispatch", "equipment"):
            self.cr.execute(  # pylint: disable=sql-injection
                f"UPDATE aftersales_{table} SET write_date = '2020-01-01' "
                "WHERE write_date > '2020-01-01'"
            )
        self.cr.execute(
            "UPDATE rating_rating SET write_date = '2020-01-01' "
            "WHERE write_date > '2020-01-01'"
        )

    def touch(self):
        """Change the newest ticket, as somebody does all the time."""
        ticket = self.env["aftersales.ticket"].search([], order="id desc", limit=1)
        self.cr.execute(
            "UPDATE aftersales_ticket SET write_date = now() AT TIME ZONE 'UTC' "
            "WHERE id = %s",
            [ticket.id],
        )

    def check(self):
        """Compare the dashboard with the rows themselves, over the same months."""
        shown = self.open_dashboard()
        end = fields.Date.to_date(shown["month"])
        start = fields.Date.subtract(end, months=11)
        found = self.env["aftersales.measure"]._measure(
            MEASURES, self.company, start, fields.Date.end_of(end, "month")
        )
        tiles = {tile["name"]: tile for tile in shown["tiles"]}
        self.figures["same"] = {
            name: [
                [tiles[name]["numerator"], tiles[name]["denominator"]],
                list(found[name][1:]),
            ]
            for name in MEASURES
        }

    def run(self):
        self.prepare()
        begin = time.perf_counter()
        self.grow()
        self.figures["grow_seconds"] = time.perf_counter() - begin
        self.age()
        self.count()
        self.measure("group_seconds", self.group)
        self.measure("quiet_seconds", self.open_dashboard)
        self.measure("busy_seconds", self.open_dashboard, self.touch)
        self.check()


def main(configuration, database, rows, result):
    config.parse_config(["-c", configuration, "-d", database, "--no-http"])
    server.load_server_wide_modules()
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})
        bench = Bench(env, int(rows))
        bench.run()
        cr.rollback()
    Path(result).write_text(json.dumps(bench.figures, indent=1), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
