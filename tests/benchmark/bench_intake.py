"""A batch of calls taken in and closed, at our desk and at all the desks beside it."""

import os
from datetime import timedelta

from bench_people import BATCH
from bench_rows import SYMPTOMS

from odoo import fields

FULL = bool(os.environ.get("AFTERSALES_FULL"))
# A round measures every desk once; how many there are for each number of calls.
ROUNDS = {1: 15, 100: 7, BATCH: 6} if FULL else {1: 5, 100: 2, BATCH: 1}
# Beside us all work record by record, at the same cost each: where time is short, some of
# theirs tell of all.
MOST_OF_PEERS = BATCH if FULL else 100
OURS = "ours"


class Intake:
    """Part of the bench: who takes calls in, and what it costs him."""

    # ------------------------------------------------------------
    # DESKS
    # ------------------------------------------------------------

    def _prepare_core(self):
        """Give Odoo's own modules what they need to take a call in."""
        self.project = self.env["project.project"].create({"name": "Service"})
        self.machines = self.env["maintenance.equipment"].create(
            [{"name": f"Machine {i}"} for i in range(10)]
        )
        self.repair = self._create_repairs(1)

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

    def _create(self, model, count, values):
        """Create as many records for as many customers, as the clerk does.

        :param values: function of number and customer that returns a dict
        """
        customers = self.customers[:count]
        return (
            self.env[model]
            .with_user(self.clerk)
            .create([values(*each) for each in enumerate(customers)])
        )

    def _create_helpdesk(self, count, team):
        return self._create(
            "helpdesk.ticket",
            count,
            lambda i, customer: {
                "name": SYMPTOMS[i % 10],
                "description": SYMPTOMS[i % 10],
                "partner_id": customer.id,
                "team_id": team.id,
            },
        )

    def _create_orders(self, count):
        return self._create(
            "fsm.order",
            count,
            lambda i, _customer: {
                "description": SYMPTOMS[i % 10],
                "location_id": self.location.id,
                "team_id": self.fsm_team.id,
            },
        )

    def _create_tasks(self, count):
        return self._create(
            "project.task",
            count,
            lambda i, customer: {
                "name": SYMPTOMS[i % 10],
                "description": SYMPTOMS[i % 10],
                "partner_id": customer.id,
                "project_id": self.project.id,
            },
        )

    def _create_requests(self, count):
        return self._create(
            "maintenance.request",
            count,
            lambda i, _customer: {
                "name": SYMPTOMS[i % 10],
                "description": SYMPTOMS[i % 10],
                "equipment_id": self.machines[i % 10].id,
            },
        )

    def _create_repairs(self, count):
        return self._create(
            "repair.order",
            count,
            lambda i, customer: {
                "internal_notes": SYMPTOMS[i % 10],
                "product_id": self.product.id,
                "partner_id": customer.id,
                "schedule_date": fields.Datetime.now() + timedelta(hours=6),
            },
        )

    def _get_desks(self):
        """Return ``{name: (create so many, close them)}``, ours first."""
        stage = self.env["helpdesk.ticket.stage"].search(
            [("name", "=", "Done")], limit=1
        )
        repaired = self.env["maintenance.stage"].search([("done", "=", True)], limit=1)
        return {
            OURS: (self._create_tickets, lambda tickets: tickets.action_solve()),
            "helpdesk_mgmt_sla": (
                lambda count: self._create_helpdesk(count, self.sla_team),
                lambda tickets: tickets.write({"stage_id": stage.id}),
            ),
            "helpdesk_mgmt": (
                lambda count: self._create_helpdesk(count, self.plain_team),
                lambda tickets: tickets.write({"stage_id": stage.id}),
            ),
            "fieldservice": (
                self._create_orders,
                lambda orders: orders.action_complete(),
            ),
            "repair.order": (self._create_repairs, None),
            "project.task": (
                self._create_tasks,
                lambda tasks: tasks.write({"state": "1_done"}),
            ),
            "maintenance.request": (
                self._create_requests,
                lambda requests: requests.write({"stage_id": repaired.id}),
            ),
        }

    # ------------------------------------------------------------
    # MEASURING
    # ------------------------------------------------------------

    def measure_intake(self):
        """Note ``{size: {desk: [[queries, milliseconds] of each round]}}``."""
        desks = self._get_desks()
        created = self.figures["create"] = {}
        closed = self.figures["close"] = {name: [] for name in desks}
        # What is read once for a process is paid before.
        for create, close in desks.values():
            records = create(5)
            if close:
                close(records)
            self.cr.flush()
            self.cr.rollback()
        for size, rounds in ROUNDS.items():
            costs = created[size] = {name: [] for name in desks}
            names = list(desks)
            for _round in range(rounds):
                for name in names:
                    self._measure_desk(name, desks[name], size, costs, closed)
                # Nobody is always the first one.
                names.reverse()

    def _measure_desk(self, name, desk, size, costs, closed):
        create, close = desk
        count = size if name == OURS else min(size, MOST_OF_PEERS)
        records, cost = self._time(create, count, size // count)
        costs[name].append(cost)
        assert len(records) == count
        if name == OURS and size == BATCH:
            self._check_intake(records)
        if close and size == BATCH:
            with self.no_mail_leaves(f"mails_sent_by_{name}"):
                _result, cost = self._time(close, records, size // count)
            closed[name].append(cost)
        if name == OURS and size == BATCH:
            self.figures["callbacks"] = self.env["aftersales.callback"].search_count(
                [("ticket_id", "in", records.ids), ("state", "=", "planned")]
            )
        if name == "helpdesk_mgmt_sla" and size == BATCH:
            promises = self.env["helpdesk.ticket.sla"].search_count([])
            self.figures["peer_promises"] = promises / count
        self.cr.rollback()

    def _time(self, function, argument, scale):
        """Return what a call returns, and its cost with all that it has to write."""
        self.cr.flush()
        self.env.invalidate_all()
        queries, start = self.cr.sql_log_count, self.clock.now()
        result = function(argument)
        self.cr.flush()
        spent = self.clock.now() - start
        queries = self.cr.sql_log_count - queries
        return result, [queries * scale, spent * scale]

    def _check_intake(self, tickets):
        """Count what the batch was measured with, so that nothing is left out."""
        tickets = tickets.sudo()
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
