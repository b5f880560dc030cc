"""Let twenty processes return the same delivery at once.

Usage: returns_storm.py CONFIGURATION DATABASE RESULT

The database holds our add-ons; test_returns_storm.py makes it, judges the answers in RESULT
and throws it away.
"""

import json
import os
import sys
import threading
from pathlib import Path

from odoo import SUPERUSER_ID, api, sql_db
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.service import server
from odoo.service.model import retrying
from odoo.tools import config

PROCESSES = 20
DELIVERED = 7
# What each process asks for: 1 to 3, never the same row of them twice.
WISHES = ((1, 2, 3), (3, 2, 3, 1))


class Storm:
    """One product, sold and delivered, and many who want to bring it back."""

    def __init__(self, env):
        self.env = env

    def prepare(self):
        """Sell and deliver some pieces; return the id of the delivery's move."""
        product = self.env["product.product"].create(
            {"name": "Storm oil", "type": "consu", "is_storable": True}
        )
        warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", self.env.company.id)], limit=1
        )
        self.env["stock.quant"]._update_available_quantity(
            product, warehouse.lot_stock_id, DELIVERED
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.env["res.partner"].create({"name": "Storm"}).id,
                "order_line": [
                    Command.create(
                        {"product_id": product.id, "product_uom_qty": DELIVERED}
                    )
                ],
            }
        )
        order.action_confirm()
        picking = order.picking_ids
        picking.move_ids.quantity = DELIVERED
        picking.move_ids.picked = True
        picking.button_validate()
        assert picking.state == "done"
        return picking.move_ids.id

    def authorise(self, move_id, quantity):
        """Request a return and authorise it."""
        self.env["aftersales.return"].create(
            {
                "line_ids": [
                    Command.create(
                        {"move_id": move_id, "quantity": quantity, "remedy": "refund"}
                    )
                ],
                "description": "Storm",
            }
        ).action_authorise()

    def return_by_core(self, move_id, quantity):
        """Return with Odoo's own wizard."""
        picking = self.env["stock.move"].browse(move_id).picking_id
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=picking.id, active_model="stock.picking")
            .create({})
        )
        wizard.product_return_moves.quantity = quantity
        wizard.action_create_returns()


def play(database, move_id, step, quantity):
    """Do one step in a transaction of its own, repeated as a web request is.

    :return: ``passed``, or the text of the refusal
    """
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})
        try:
            retrying(lambda: getattr(Storm(env), step)(move_id, quantity), env)
        except UserError as error:
            # What was begun is not kept, as in a web request.
            cr.rollback()
            return str(error)
    return "passed"


def spawn(database, move_id, step, quantity, gate):
    """Fork a process that waits at the gate, plays its step and tells the answer."""
    reader, writer = os.pipe()
    if os.fork():
        os.close(writer)
        return reader
    answer = "no answer"
    try:
        os.close(gate[1])
        os.read(gate[0], 1)
        answer = play(database, move_id, step, quantity)
    except BaseException as error:  # told to the parent, which judges it
        answer = f"{type(error).__name__}: {error}"
    finally:
        os.write(writer, answer.encode())
        os._exit(0)


def read(reader):
    with os.fdopen(reader, "rb") as stream:
        return stream.read().decode()


def storm(database, wishes, steps):
    """Play one storm; return what each process asked, how, and its answer."""
    with Registry(database).cursor() as cr:
        move_id = Storm(api.Environment(cr, SUPERUSER_ID, {})).prepare()
    # No child may use a connection of its parent.
    sql_db.close_all()
    gate = os.pipe()
    asked = [
        (steps[number % len(steps)], wishes[number // 2 % len(wishes)])
        for number in range(PROCESSES)
    ]
    readers = [spawn(database, move_id, *wish, gate) for wish in asked]
    # They all begin at once: reading from a closed pipe ends.
    os.close(gate[1])
    answers = [read(reader) for reader in readers]
    os.close(gate[0])
    for _reader in readers:
        os.wait()
    return [
        {"step": step, "quantity": quantity, "answer": answer}
        for (step, quantity), answer in zip(asked, answers, strict=True)
    ]


def main(configuration, database, result):
    config.parse_config(["-c", configuration, "-d", database, "--no-http"])
    server.load_server_wide_modules()
    Registry(database)
    assert threading.active_count() == 1, "a fork copies no other thread"
    storms = [
        storm(database, wishes, steps)
        for wishes in WISHES
        for steps in (("authorise",), ("authorise", "return_by_core"))
    ]
    Path(result).write_text(json.dumps(storms, indent=1), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
