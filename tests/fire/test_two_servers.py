"""Two servers on one database, one of them killed, and clients who go on all the time.

Only in the full size: it starts two servers with workers.
"""

import time
from datetime import datetime, timedelta

import invariants
import psycopg2
import pytest
import support
from server_pair import Client, Server

CLIENTS = 6
ROUNDS = 12
DELIVERED = 20
# Where a refusal of the product itself comes from; anything else is a defect.
REFUSALS = {
    "odoo.exceptions.UserError",
    "odoo.exceptions.ValidationError",
    "odoo.exceptions.LockError",
}


class Scene:
    """What the clients fight for, made through the first server."""

    def __init__(self, server):
        self.server = server
        self.team_id = self._create("aftersales.team", name="Two servers")
        self.partner_id = self._create("res.partner", name="Between two servers")
        self.technician_id = self._create(
            "hr.employee", name="Wanted by all", aftersales_technician=True
        )
        self.move_id = self._deliver()
        self.ticket_ids = [self._ticket(number) for number in range(CLIENTS)]

    def _create(self, model, **values):
        [record_id] = self.server.call(model, "create", [values])
        return record_id

    def _ticket(self, number):
        return self._create(
            "aftersales.ticket",
            symptom=f"Contested {number}",
            partner_id=self.partner_id,
            team_id=self.team_id,
            service_mode="onsite",
        )

    def _deliver(self):
        call = self.server.call
        product_id = self._create(
            "product.product", name="Contested", type="consu", is_storable=True
        )
        [warehouse] = call("stock.warehouse", "search_read", [], ["lot_stock_id"])[:1]
        quant_id = self._create(
            "stock.quant",
            product_id=product_id,
            location_id=warehouse["lot_stock_id"][0],
            inventory_quantity=DELIVERED,
        )
        call("stock.quant", "action_apply_inventory", [quant_id])
        line = {"product_id": product_id, "product_uom_qty": DELIVERED}
        order_id = self._create(
            "sale.order", partner_id=self.partner_id, order_line=[(0, 0, line)]
        )
        call("sale.order", "action_confirm", [order_id])
        [order] = call("sale.order", "read", [order_id], ["picking_ids"])
        [move] = call(
            "stock.move",
            "search_read",
            [("picking_id", "in", order["picking_ids"])],
            ["picking_id"],
        )
        call(
            "stock.move", "write", [move["id"]], {"quantity": DELIVERED, "picked": True}
        )
        call("stock.picking", "button_validate", [move["picking_id"][0]])
        return move["id"]


def play(scene, servers, number):
    """What one client does, round after round."""
    client = Client(servers)
    start = datetime.now().replace(microsecond=0, minute=0) + timedelta(days=3)
    for turn in range(ROUNDS):
        name = f"client {number} turn {turn}"
        client.wish(
            ("ticket", name),
            *("aftersales.ticket", "create"),
            [{"symptom": name, "partner_name": name, "team_id": scene.team_id}],
        )
        contested = scene.ticket_ids[turn % len(scene.ticket_ids)]
        client.wish(
            ("take", contested), "aftersales.ticket", "action_take", [contested]
        )
        moment = start + timedelta(hours=2 * turn)
        visit = client.wish(
            ("visit", turn),
            *("aftersales.dispatch", "create"),
            [
                {
                    "ticket_id": contested,
                    "technician_id": scene.technician_id,
                    "date_start": str(moment),
                    "date_end": str(moment + timedelta(hours=1)),
                }
            ],
        )
        if visit:
            client.wish(("book", turn), "aftersales.dispatch", "action_assign", visit)
        line = {"move_id": scene.move_id, "quantity": 1, "remedy": "refund"}
        rma = client.wish(
            ("return", name),
            *("aftersales.return", "create"),
            [{"line_ids": [(0, 0, line)], "description": name}],
        )
        if rma:
            client.wish(
                ("authorise", name), "aftersales.return", "action_authorise", rma
            )
    return client


def make_jobs_due(database):
    """All our jobs are due at once, on both servers."""
    with psycopg2.connect(dbname=database) as connection, connection.cursor() as cr:
        cr.execute(
            "UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' WHERE id IN ("
            "SELECT res_id FROM ir_model_data WHERE model = 'ir.cron' "
            "AND module LIKE 'aftersales%')"
        )
    connection.close()


def disturb(database, victim):
    """Make the jobs due, and kill one server in the middle of it all."""
    make_jobs_due(database)
    time.sleep(8)
    victim.kill()
    make_jobs_due(database)
    victim.start()
    make_jobs_due(database)


@pytest.fixture(scope="module")
def battle(tmp_path_factory):
    """The database after it, the servers, and what each client was told."""
    folder = tmp_path_factory.mktemp("servers")
    with support.installed_copy("servers") as database:
        servers = [Server(database, folder, name) for name in ("first", "second")]
        try:
            for server in servers:
                server.start()
            scene = Scene(servers[0])
            *clients, _none = support.in_parallel(
                *(
                    lambda n=number: play(scene, servers[:: 1 - 2 * (n % 2)], n)
                    for number in range(CLIENTS)
                ),
                lambda: disturb(database, servers[1]),
            )
        finally:
            for server in servers:
                server.stop()
        yield database, scene, servers, clients


if support.FULL:

    def test_everybody_is_answered(battle, record_property):
        """Proves: who is refused reads why; only a killed server owes an answer."""
        _database, _scene, _servers, clients = battle
        record_property(
            "wishes",
            {
                name: sum(len(getattr(client, name)) for client in clients)
                for name in ("passed", "refused", "unknown")
            },
        )
        assert any(client.unknown for client in clients), "nobody noticed the crash"
        for client in clients:
            for refusal in client.refused:
                assert refusal[1] in REFUSALS, refusal

    def test_what_was_acknowledged_is_there_once(battle):
        """Proves: an answer is never lost, and nothing is done twice."""
        database, _scene, _servers, clients = battle
        kept = [
            name
            for (name,) in support.rows(
                database,
                "SELECT symptom FROM aftersales_ticket WHERE symptom LIKE 'client %'",
            )
        ]
        acknowledged = {
            what[1]
            for client in clients
            for what, _result in client.passed
            if what[0] == "ticket"
        }
        unknown = {what[1] for client in clients for what in client.unknown}
        assert len(kept) == len(set(kept))
        assert acknowledged <= set(kept) <= acknowledged | unknown

    def test_nobody_at_two_places(battle):
        """Proves: of all who book the same hour of a technician, one has it."""
        database, scene, _servers, clients = battle
        booked = [
            what[1]
            for client in clients
            for what, _result in client.passed
            if what[0] == "book"
        ]
        assert booked and len(booked) == len(set(booked))
        slots = support.rows(
            database,
            "SELECT count(*), count(DISTINCT date_start) FROM aftersales_dispatch_slot "
            "WHERE employee_id = %s",
            [scene.technician_id],
        )
        assert slots[0][0] == slots[0][1] >= len(booked)

    def test_never_more_than_delivered(battle):
        """Proves: returns passed on two servers are never more than was delivered."""
        database, scene, _servers, _clients = battle
        [(authorised,)] = support.rows(
            database,
            "SELECT sum(l.quantity) FROM aftersales_return_line l "
            "JOIN aftersales_return r ON r.id = l.return_id "
            "WHERE l.move_id = %s AND r.state NOT IN ('draft', 'refused', 'cancelled')",
            [scene.move_id],
        )
        assert 0 < authorised <= DELIVERED

    def test_invariants(battle):
        """Proves: after a crash of one of two servers every promise holds."""
        database, _scene, _servers, _clients = battle
        with psycopg2.connect(dbname=database) as connection:
            support.report(invariants.broken(connection.cursor()), "broken promises")
        connection.close()

    def test_logs(battle):
        """Proves: the servers log no error but of transactions that are repeated."""
        _database, _scene, servers, _clients = battle
        for server in servers:
            assert server.jobs(), f"{server.log.name}: no job"
            support.report(server.errors(), server.log.name)
