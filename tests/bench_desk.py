"""Measure the service desk beside community add-ons: one process, one database.

Usage: bench_desk.py CONFIGURATION DATABASE ADDONS_PATH RESULT

The database holds our add-on, helpdesk_mgmt_sla and fieldservice; test_benchmark_desk.py
makes it, judges the figures in RESULT and throws it away.
"""

import json
import statistics
import sys
import time
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from unittest.mock import patch

from bench_client import Screen
from bench_rows import SYMPTOMS, bulk, by_share, copy, one_of

from odoo import SUPERUSER_ID, Command, api
from odoo.modules.registry import Registry
from odoo.service import server
from odoo.tools import SQL, config

BATCH = 1000
ROWS = 100_000
CUSTOMERS = 10_000
DUE = 100
NUMBER = "4711"
NAME = "Zhou 47"
REPEATS = 7
# A number from 0 to 99 for row i: the last fifth of the rows draws 80 and more.
LOT = (
    f"CASE WHEN i <= {ROWS} * 0.8 THEN mod(i * 7919, 80) "
    "ELSE 80 + mod(i * 7919, 20) END"
)
ESCALATION_INDEX = "aftersales_ticket_next_escalation_idx"
# A run on a busy machine is judged by a second one before it fails.
ATTEMPTS = 2
GROUP = "aftersales_service.aftersales_service_group_"


class Bench:
    """The desk of one company with its customers, and the peers' desks beside it."""

    def __init__(self, env):
        self.env = env
        self.cr = env.cr
        self.figures = {}

    # ------------------------------------------------------------
    # PEOPLE AND RULES
    # ------------------------------------------------------------

    def prepare(self):
        """Set the desks up: the same person works at all of them."""
        self.boss, self.chief, self.clerk = self.env["res.users"].create(
            [
                {
                    "name": login.title(),
                    "login": login,
                    "email": f"{login}@example.com",
                    "group_ids": [
                        Command.link(self.env.ref(name).id)
                        for name in (
                            GROUP + group,
                            "helpdesk_mgmt.group_helpdesk_user",
                            "fieldservice.group_fsm_dispatcher",
                        )
                    ],
                }
                for login, group in (
                    ("boss", "manager"),
                    ("chief", "supervisor"),
                    ("clerk", "agent"),
                )
            ]
        )
        head = self.env["hr.employee"].create({"name": "Boss", "user_id": self.boss.id})
        self.env["hr.employee"].create(
            {"name": "Chief", "user_id": self.chief.id, "parent_id": head.id}
        )
        self._prepare_desk()
        self._prepare_helpdesk()
        self._prepare_orders()
        self.cr.commit()  # pylint: disable=invalid-commit

    def _prepare_desk(self):
        self.team = self.env["aftersales.team"].search([], limit=1)
        self.team.supervisor_id = self.chief
        self.zones = self.env["aftersales.zone"].create(
            [
                {"name": f"Zone {i}", "arrive_hours": 6 + i, "zip_prefixes": f"10{i}"}
                for i in range(5)
            ]
        )
        self.faults = self.env["aftersales.fault"].create(
            [{"name": symptom} for symptom in SYMPTOMS]
        )
        policy = self.env["aftersales.warranty.policy"].create(
            {
                "name": "Harvesters",
                "start_on": "delivery",
                "term_ids": [
                    Command.create(
                        {
                            "component_id": self.env.ref(
                                f"aftersales_service.aftersales_component_{code}"
                            ).id,
                            "duration": months,
                            "duration_unit": "month",
                        }
                    )
                    for code, months in (("machine", 12), ("main", 24))
                ],
            }
        )
        self.product = self.env["product.product"].create(
            {
                "name": "Harvester",
                "type": "consu",
                "is_storable": True,
                "tracking": "serial",
                "aftersales_policy_id": policy.id,
            }
        )
        self.customers = self.env["res.partner"].create(
            [
                {
                    "name": f"Wang {i}",
                    "phone": f"+86 138 0000 {i:04}",
                    "email": f"wang{i}@example.com",
                    "zip": f"10{i % 5}000",
                    "country_id": self.env.ref("base.cn").id,
                }
                for i in range(BATCH)
            ]
        )
        self.units = self.env["aftersales.equipment"].create(
            [
                {
                    "product_id": self.product.id,
                    "serial": f"W{i:05}",
                    "partner_id": customer.id,
                    "delivery_date": date.today() - timedelta(days=i % 500),
                    "proof_accepted": True,
                }
                for i, customer in enumerate(self.customers)
            ]
        )
        # Repairs that a tenth of the calls repeat.
        self._create_tickets(BATCH, step=10).action_solve()

    def _prepare_helpdesk(self):
        self.sla_team = self.env["helpdesk.ticket.team"].create(
            {
                "name": "Helpdesk",
                "use_sla": True,
                "resource_calendar_id": self.env.company.resource_calendar_id.id,
            }
        )
        self.env["helpdesk.sla"].create(
            {
                "name": "Taken up",
                "team_ids": [Command.link(self.sla_team.id)],
                "hours": 6,
                "stage_id": self.env["helpdesk.ticket.stage"]
                .search([("name", "=", "In Progress")], limit=1)
                .id,
            }
        )

    def _prepare_orders(self):
        self.fsm_team = self.env["fsm.team"].create({"name": "Field"})
        stages = self.env["fsm.stage"]
        self.stages = stages.search([("stage_type", "=", "order")])
        for name, sequence in (("Scheduled", 20), ("Started", 30)):
            # One by one: this model cannot make several at once.
            self.stages += stages.create(
                {"name": name, "stage_type": "order", "sequence": sequence}
            )
        self.persons = self.env["fsm.person"].create(
            [{"name": f"Worker {i}"} for i in range(20)]
        )
        self.location = self.env["fsm.location"].create(
            {"name": "Location", "owner_id": self.customers[0].id}
        )
        self.order = self.env["fsm.order"].create(
            {"location_id": self.location.id, "team_id": self.fsm_team.id}
        )

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
        """Return median milliseconds of two calls that only read, in turns."""
        for function in (ours, theirs):
            function()
        samples = [
            [self.measure(function)[1] * 1000 for function in (ours, theirs)]
            for _repeat in range(REPEATS)
        ]
        return [statistics.median(column) for column in zip(*samples, strict=True)]

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
        for _attempt in range(ATTEMPTS):
            self._compare_intake()
            if figures["create_seconds"] <= figures["peer_seconds"] / 5:
                break

    def _compare_intake(self):
        figures = self.figures
        figures["peer_queries"], figures["peer_seconds"] = self.measure(
            self._create_peers, BATCH
        )
        figures["peer_promises"] = self.env["helpdesk.ticket.sla"].search_count([])
        self.cr.rollback()
        created, solved = [], []
        for _repeat in range(3):
            created.append(self.measure(self._create_tickets, BATCH))
            tickets = self.env["aftersales.ticket"].search(
                [], limit=BATCH, order="id desc"
            )
            self._check_intake(tickets)
            tickets = tickets.with_user(self.clerk)
            with self.no_mail_leaves("mails_sent_while_solving"):
                solved.append(self.measure(tickets.action_solve))
            figures["callbacks"] = self.env["aftersales.callback"].search_count(
                [("ticket_id", "in", tickets.ids), ("state", "=", "planned")]
            )
            self.cr.rollback()
        for name, runs in (("create", created), ("solve", solved)):
            figures[f"{name}_queries"] = max(queries for queries, _seconds in runs)
            figures[f"{name}_seconds"] = statistics.median(s for _q, s in runs)

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
    # MANY ROWS
    # ------------------------------------------------------------

    def grow(self):
        """Give both desks their customers and a hundred thousand cases each."""
        self.cr.execute("SELECT setseed(0.4)")
        self._grow_customers()
        with bulk(self.cr, "aftersales_ticket"):
            self._grow_tickets()
        with bulk(self.cr, "fsm_order"):
            self._grow_orders()
        self.cr.commit()  # pylint: disable=invalid-commit
        self._vacuum()

    def _vacuum(self):
        """Let PostgreSQL look at the new rows, as its own job does after a while."""
        self.cr.commit()  # pylint: disable=invalid-commit
        connection = self.cr.connection
        connection.autocommit = True
        for table in ("res_partner", "aftersales_equipment", "fsm_location"):
            self.cr.execute(f"VACUUM ANALYZE {table}")  # pylint: disable=sql-injection
        for table in ("aftersales_ticket", "fsm_order"):
            self.cr.execute(f"VACUUM ANALYZE {table}")  # pylint: disable=sql-injection
        connection.autocommit = False

    def grow_few(self):
        """Give the desk a thousand open tickets."""
        copy(
            self._create_tickets(1),
            f"generate_series(1, {BATCH}) AS i",
            name="'F' || lpad(i::text, 6, '0')",
            state="'open'",
            repeat_of_id="NULL",
            is_repeat="FALSE",
            repeat_total="0",
            access_token="NULL",
            # The time promised by hand is what will be broken.
            **{
                f"{clock}_{part}": "NULL"
                for clock in ("respond", "arrive", "solve")
                for part in ("deadline", "warning")
            },
        )
        self.cr.commit()  # pylint: disable=invalid-commit
        self._open_tickets("name LIKE 'F%%'")

    def _grow_customers(self):
        copy(
            self.customers[0],
            f"generate_series(1, {CUSTOMERS}) AS i",
            name="'Zhou ' || i",
            complete_name="'Zhou ' || i",
            ref="'bench'",
            phone="'+86 139 0000 ' || i",
            zip="'10' || mod(i, 5) || '000'",
            commercial_partner_id="currval('res_partner_id_seq')",
        )
        copy(
            self.units[0],
            f"""generate_series(1, {2 * CUSTOMERS}) AS i
            JOIN (SELECT id, row_number() OVER () AS n FROM res_partner
                   WHERE ref = 'bench') AS p ON p.n = 1 + mod(i, {CUSTOMERS})""",
            name="'Z' || i",
            serial="'Z' || lpad(i::text, 6, '0')",
            public_code="'bench' || i",
            partner_id="p.id",
        )
        copy(
            self.location,
            """(SELECT id, name, row_number() OVER () AS i FROM res_partner
                 WHERE ref = 'bench') AS p""",
            partner_id="p.id",
            complete_name="p.name",
        )

    def _grow_tickets(self):
        # Most of a register is history: of the last fifth most is open.
        is_open = f"{LOT} >= 82"
        opened = f"now() AT TIME ZONE 'UTC' - ({ROWS} + 1 - i) * interval '10 minutes'"
        due = f"CASE WHEN {is_open} THEN {{}} END"
        ahead = "now() AT TIME ZONE 'UTC' + (random() * 3 - 1) * interval '1 day'"
        copy(
            self._create_tickets(1),
            f"""generate_series(1, {ROWS}) AS i
            JOIN (SELECT e.id, e.serial, p.id AS partner_id, p.name, p.phone,
                         row_number() OVER () AS n
                    FROM aftersales_equipment e JOIN res_partner p ON p.id = e.partner_id
                   WHERE e.public_code LIKE 'bench%%') AS u
              ON u.n = 1 + mod(i * 31, {2 * CUSTOMERS})""",
            name="'T' || lpad(i::text, 6, '0')",
            symptom=f"{one_of(SYMPTOMS)} || ' ' || mod(i, 997)",
            equipment_id="u.id",
            serial="u.serial",
            partner_id="u.partner_id",
            site_id="u.partner_id",
            partner_name="u.name",
            partner_phone="u.phone",
            fault_id=one_of(self.faults.ids),
            zone_id=one_of(self.zones.ids),
            user_id=one_of((self.boss.id, self.chief.id, self.clerk.id)),
            priority=by_share({"0": 85, "1": 12, "2": 3}, "floor(random() * 100)"),
            channel=by_share(
                {"phone": 70, "email": 20, "portal": 10}, "random() * 100"
            ),
            state=by_share(
                {
                    "closed": 72,
                    "cancelled": 4,
                    "solved": 6,
                    "new": 4,
                    "open": 10,
                    "waiting": 4,
                },
                LOT,
            ),
            waiting_reason=f"CASE WHEN {LOT} >= 96 THEN 'parts' END",
            cancel_reason="'Called twice'",
            date_open=opened,
            respond_date=opened,
            done_date=f"CASE WHEN NOT ({is_open}) THEN {ahead} END",
            solve_date=f"CASE WHEN NOT ({is_open}) THEN {ahead} END",
            arrive_deadline=due.format(ahead),
            solve_deadline=due.format(ahead),
            next_deadline=due.format(ahead),
            next_escalation="NULL",
            repeat_of_id="NULL",
            is_repeat="FALSE",
            repeat_total="0",
            access_token="NULL",
        )

    def _grow_orders(self):
        names = {stage.name: stage.id for stage in self.stages}
        copy(
            self.order,
            f"""generate_series(1, {ROWS}) AS i
            JOIN (SELECT id, row_number() OVER () AS n FROM fsm_location) AS l
              ON l.n = 1 + mod(i * 31, {CUSTOMERS})""",
            name="'FSO' || lpad(i::text, 6, '0')",
            location_id="l.id",
            person_id=one_of(self.persons.ids),
            priority=by_share({"0": 85, "1": 12, "2": 3}, "floor(random() * 100)"),
            stage_id=by_share(
                {
                    names["Completed"]: 78,
                    names["Cancelled"]: 4,
                    names["New"]: 4,
                    names["Scheduled"]: 10,
                    names["Started"]: 4,
                },
                LOT,
            )
            + "::int",
            scheduled_date_start="now() - random() * 1000 * interval '1 day'",
        )

    def measure_screens(self):
        """Open list and board and search, here and in field service."""
        clerk = self.env(user=self.clerk.id)
        ours = Screen(
            clerk, "aftersales.ticket", "aftersales_service.aftersales_ticket_action"
        )
        theirs = Screen(clerk, "fsm.order", "fieldservice.action_fsm_dash_order")
        # A number, as people read it out; a name is another field at the peer's.
        calls = {
            "list": lambda screen: screen.open_list(),
            "list of all": lambda screen: screen.open_list([]),
            "board": lambda screen: screen.open_board(),
            "search": lambda screen: screen.find(NUMBER),
            "search in all": lambda screen: screen.find(NUMBER, everywhere=True),
            "name in all": lambda screen: screen.find(
                NAME, "location_id" if screen is theirs else None, everywhere=True
            ),
        }
        for name, call in calls.items():
            for screen in (ours, theirs):
                found = call(screen)
                assert found["length"], f"{name}: nothing to compare"
        self.figures["screens"] = {}
        for name, call in calls.items():
            for _attempt in range(ATTEMPTS):
                pair = self.compare(
                    lambda call=call: call(ours), lambda call=call: call(theirs)
                )
                self.figures["screens"][name] = pair
                if pair[0] <= pair[1]:
                    break

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

    def _open_tickets(self, condition, index=None):
        """Leave the chosen tickets open, to be escalated in the next weeks."""
        with bulk(self.cr, "aftersales_ticket", index):
            self.cr.execute(
                f"""
                UPDATE aftersales_ticket
                   SET state = 'open', done_date = NULL, solve_date = NULL,
                       next_escalation = now() AT TIME ZONE 'UTC'
                                       + (1 + random() * 20) * interval '1 day'
                 WHERE {condition} AND promised_date IS NULL
                """  # pylint: disable=sql-injection
            )
            assert self.cr.rowcount >= BATCH
        self._vacuum()

    def measure_escalation(self, name):
        """Escalate a hundred tickets, some times over, with those open that there are."""
        self._measure_job()
        runs = [self._measure_job() for _repeat in range(3)]
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
            ("few open", lambda: self.measure_escalation("few")),
            ("rows", self.grow),
            ("screens", self.measure_screens),
            ("open all", lambda: self._open_tickets("TRUE", ESCALATION_INDEX)),
            ("many open", lambda: self.measure_escalation("many")),
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
