"""Measure the screens over a register of growing size: one process, one database.

Usage: bench_register.py CONFIGURATION DATABASE RESULT RUNS SIZES

SIZES are numbers of tickets, growing and separated by commas: each has a tenth of
customers and a fifth of units, as a department that grows by customers. The database holds
our add-ons; test_benchmark_register.py makes it, judges the figures in RESULT and throws it
away.
"""

import json
import sys
import time
from pathlib import Path

from bench_client import Screen
from bench_fit import summarise
from bench_form import Form
from bench_meter import Meter
from bench_rows import SYMPTOMS, bulk, by_share, copy, one_of, unchecked
from bench_samples import GROUP, Samples

from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.service import server
from odoo.tools import config

# Rows of the first batch, there at every size: those that are looked for.
NUMBER, SERIAL, PHONE, ORDER = "T0000711", "Z000042", "139000000042", "S000042"
# Of a hundred tickets so many are open; the others are history.
STATES = {
    "closed": 90,
    "cancelled": 3,
    "solved": 3,
    "new": 1,
    "open": 2,
    "waiting": 1,
}
IS_OPEN = "mod(i * 7919, 100) >= 96"
NOW = "(now() AT TIME ZONE 'UTC')"


class Bench(Samples, Meter):
    """A service desk with its register."""

    def __init__(self, env):
        self.env = env
        self.cr = env.cr
        self.count = 0

    def prepare(self):  # pylint: disable=missing-return
        super().prepare()
        self.clerk = self.env["res.users"].create(
            {
                "name": "Clerk",
                "login": "clerk",
                "group_ids": [Command.link(self.env.ref(f"{GROUP}agent").id)],
            }
        )
        self.faults = self.env["aftersales.fault"].create(
            [{"name": symptom} for symptom in SYMPTOMS]
        )

    # ------------------------------------------------------------
    # ROWS
    # ------------------------------------------------------------

    def grow(self, size):
        """Add customers, units and tickets up to this number of tickets."""
        first, count = self.count, size - self.count
        for table, grow, ratio in (
            ("res_partner", self._grow_customers, 10),
            ("aftersales_equipment", self._grow_units, 5),
            ("aftersales_ticket", self._grow_tickets, 1),
        ):
            with bulk(self.cr, table), unchecked(self.cr, table):
                grow(first // ratio, count // ratio)
        self.count = size

    def _grow_customers(self, first, count):
        number = f"({first} + i)"
        copy(
            self.farmer,
            f"generate_series(1, {count}) AS i",
            name=f"'Zhou ' || {number}",
            complete_name=f"'Zhou ' || {number}",
            ref=f"'bench' || {number}",
            phone=f"'+86 139 ' || lpad({number}::text, 9, '0')",
            commercial_partner_id="currval('res_partner_id_seq')",
        )

    def _grow_units(self, first, count):
        number = f"({first} + i)"
        customers = count // 2
        copy(
            self.get_sample("unit"),
            f"""generate_series(1, {count}) AS i JOIN (
                SELECT id, substr(ref, 6)::int - {first // 2} AS n FROM res_partner
                 WHERE ref LIKE 'bench%%' AND substr(ref, 6)::int > {first // 2}
            ) AS p ON p.n = 1 + mod(i, {customers})""",
            name=f"'Z' || {number}",
            serial=f"'Z' || lpad({number}::text, 6, '0')",
            order_ref=f"'S' || lpad({number}::text, 6, '0')",
            public_code=f"'bench' || {number}",
            partner_id="p.id",
            access_token="NULL",
        )

    def _grow_tickets(self, first, count):
        number = f"({first} + i)"
        opened = f"{NOW} - mod({number} * 31, 500000) * interval '3 minutes'"
        ahead = f"{NOW} + (random() * 3 - 1) * interval '1 day'"
        done = f"CASE WHEN NOT ({IS_OPEN}) THEN {opened} + interval '1 day' END"
        due = f"CASE WHEN {IS_OPEN} THEN {ahead} END"
        copy(
            self.get_sample("ticket"),
            f"""generate_series(1, {count}) AS i JOIN (
                SELECT e.id, e.serial, p.id AS partner_id, p.name, p.phone,
                       substr(e.public_code, 6)::int - {first // 5} AS n
                  FROM aftersales_equipment e JOIN res_partner p ON p.id = e.partner_id
                 WHERE e.public_code LIKE 'bench%%'
                   AND substr(e.public_code, 6)::int > {first // 5}
            ) AS u ON u.n = 1 + mod(i * 31, {count // 5})""",
            name=f"'T' || lpad({number}::text, 7, '0')",
            symptom=f"{one_of(SYMPTOMS)} || ' ' || mod(i, 997)",
            equipment_id="u.id",
            serial="u.serial",
            partner_id="u.partner_id",
            site_id="u.partner_id",
            partner_name="u.name",
            partner_phone="u.phone",
            phone_sanitized="regexp_replace(u.phone, '[^0-9+]', '', 'g')",
            phone_key="right(u.phone, 9)",
            fault_id=one_of(self.faults.ids),
            user_id=one_of((self.chief.id, self.clerk.id)),
            priority=by_share({"0": 85, "1": 12, "2": 3}, "mod(i * 31, 100)"),
            state=by_share(STATES, "mod(i * 7919, 100)"),
            waiting_reason="CASE WHEN mod(i * 7919, 100) >= 99 THEN 'parts' END",
            cancel_reason="'Called twice'",
            date_open=opened,
            respond_date=opened,
            done_date=done,
            solve_date=done,
            arrive_deadline=due,
            solve_deadline=due,
            next_deadline=due,
            next_escalation="NULL",
            access_token="NULL",
        )

    # ------------------------------------------------------------
    # SCREENS
    # ------------------------------------------------------------

    def get_screens(self):
        """Return ``{name: function that reads what the web client reads}``."""
        clerk = self.env(user=self.clerk.id)
        screen = Screen(
            clerk, "aftersales.ticket", "aftersales_service.aftersales_ticket_action"
        )
        ticket = screen.model.search([("name", "=", NUMBER)])
        customer = clerk["res.partner"].search([("ref", "=", "bench42")])
        file = Form(customer.browse(), "base.view_partner_form")
        form = Form(ticket.browse(), "aftersales_service.aftersales_ticket_view_form")

        def search(name, text):
            domain = [(name, "ilike", text)]
            return lambda: screen.open_list(domain)

        return {
            "list of open tickets": screen.open_list,
            "list of all tickets": lambda: screen.open_list([]),
            "board of open tickets": screen.open_board,
            "search in all by number": lambda: screen.find(NUMBER, everywhere=True),
            "search in all by serial": search("serial", SERIAL),
            "search in all by phone": search("phone_mobile_search", PHONE),
            "search in all by order": search("equipment_id.order_ref", ORDER),
            "form of a ticket": lambda: form.read(ticket),
            "contact with its after-sales page": lambda: file.read(customer),
        }

    def measure_screens(self, runs):
        figures = {}
        for name, function in self.get_screens().items():
            found = function()
            assert found, f"{name}: nothing to measure"
            if isinstance(found, dict):
                assert found["length"], f"{name}: nothing to measure"
            figures[name] = summarise([self.measure(function) for _run in range(runs)])
        return figures

    def run(self, runs, sizes):
        self.prepare()
        figures, seconds = {}, {}
        for size in sizes:
            start = time.perf_counter()
            self.grow(size)
            built = time.perf_counter()
            for name, found in self.measure_screens(runs).items():
                figures.setdefault(name, {})[size] = found
            measured = time.perf_counter()
            seconds[size] = [round(built - start, 1), round(measured - built, 1)]
        return {"screens": figures, "seconds": seconds}


def main(configuration, database, result, runs, sizes):
    config.parse_config(["-c", configuration, "-d", database, "--no-http"])
    server.load_server_wide_modules()
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})
        figures = Bench(env).run(int(runs), [int(size) for size in sizes.split(",")])
        cr.rollback()
    Path(result).write_text(json.dumps(figures, indent=1), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
