"""Work of a company on Odoo's own documents, in a database with or without our add-ons.

Usage: host_story.py CONFIGURATION DATABASE STEP [NUMBER]

Prints what came of the step as JSON. The tests beside it make the database, judge what is
printed and throw the database away.
"""

# Names of tables and columns are those of the program and of the catalogue.
# pylint: disable=sql-injection

import json
import os
import re
import signal
import sys

from werkzeug.test import Client

from odoo import SUPERUSER_ID, api, http
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.service import server
from odoo.sql_db import Cursor
from odoo.tools import config

# Pumps sold one by one, and how many of them on one order.
REAL, LINES = 100, 50
# What is copied where there are to be many orders, and what must not be the same twice.
COPIED = (
    "stock_lot",
    "sale_order",
    "sale_order_line",
    "stock_picking",
    "stock_move",
    "stock_move_line",
)
NAMED = ("stock_lot", "sale_order", "stock_picking")
APART = 100_000
COLUMNS = """
    SELECT a.attname, f.relname
      FROM pg_attribute a
      LEFT JOIN pg_constraint c
             ON c.conrelid = a.attrelid AND c.contype = 'f' AND c.conkey = ARRAY[a.attnum]
      LEFT JOIN pg_class f ON f.oid = c.confrelid
     WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
"""
PASSWORD = "portal-customer"
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


class Story:
    """A maker of pumps who numbers them, sells, mends and takes them back."""

    def __init__(self, env):
        self.env = env
        self.warehouse = env["stock.warehouse"].search(
            [("company_id", "=", env.company.id)], limit=1
        )

    # ------------------------------------------------------------ sale
    def fill(self, number):
        """Sell, deliver and invoice numbered pumps, each on a line of its own.

        :param int number: how many pumps; beyond some hundreds their rows are copied
        """
        pump, customer = self._make("fill")
        orders = self.env["sale.order"]
        for first in range(0, min(number, REAL), LINES):
            lots = self._put_on_stock(pump, f"OLD-{first}", LINES)
            orders += self._sell(pump, customer, LINES, lines=LINES)
            self._deliver(orders[-1], lots)
        orders._create_invoices(grouped=False).action_post()
        self.env.flush_all()
        copy_rows(self.env.cr, number // REAL - 1)
        self.env.invalidate_all()
        lines = self.env["stock.move.line"].search([("product_id", "=", pump.id)])
        return {
            "delivered": sum(lines.move_id.mapped("quantity")),
            "serials": len(lines.lot_id),
        }

    def sell(self, number):
        """Sell and deliver pumps today, in a warehouse made today."""
        depots = self.env["stock.warehouse"].with_context(active_test=False)
        count = depots.search_count([])
        self.warehouse = depots.create({"name": f"Depot {count}", "code": f"D{count}"})
        pump, customer = self._make("sell")
        lots = self._put_on_stock(pump, "NEW", number)
        order = self._sell(pump, customer, number)
        self._deliver(order, lots)
        return {"delivered": order.order_line.qty_delivered, "order": order.id}

    def flows(self, _number):
        """Lead what Odoo does itself through: sale, invoice, return, credit, repair."""
        pump, customer = self._make("flows")
        self.sell(2)
        self.__init__(self.env)
        lots = self._put_on_stock(pump, "FLOW", 3)
        order = self._sell(pump, customer, 3)
        picking = self._deliver(order, lots)
        invoice = order._create_invoices()
        invoice.action_post()
        self._return(picking, 1)
        credit = self._credit(invoice, 1)
        portal = self._invite(customer)
        found = {
            "delivered": order.order_line.qty_delivered,
            "invoiced": order.order_line.qty_invoiced,
            "credited": credit.amount_untaxed,
            "invoice": invoice.amount_untaxed,
            "rating": self._rate(order, portal),
        }
        if "repair.order" in self.env:
            found["repair"] = self._repair(pump, lots[0], customer)
        return found

    def _make(self, name):
        pump = self.env["product.product"].create(
            {
                "name": f"Pump {name}",
                "type": "consu",
                "is_storable": True,
                "tracking": "serial",
                "invoice_policy": "delivery",
                "list_price": 100.0,
                "taxes_id": [Command.clear()],
            }
        )
        customer = self.env["res.partner"].create(
            {"name": f"Customer {name}", "email": f"{name}@customers.example"}
        )
        return pump, customer

    def _put_on_stock(self, pump, name, number):
        lots = self.env["stock.lot"].create(
            [
                {
                    "name": f"{name}-{index}",
                    "product_id": pump.id,
                    "company_id": self.env.company.id,
                }
                for index in range(number)
            ]
        )
        for lot in lots:
            self.env["stock.quant"]._update_available_quantity(
                pump, self.warehouse.lot_stock_id, 1, lot_id=lot
            )
        return lots

    def _sell(self, pump, customer, number, lines=1):
        order = self.env["sale.order"].create(
            {
                "partner_id": customer.id,
                "warehouse_id": self.warehouse.id,
                "order_line": [
                    Command.create(
                        {"product_id": pump.id, "product_uom_qty": number / lines}
                    )
                    for _line in range(lines)
                ],
            }
        )
        order.action_confirm()
        return order

    def _deliver(self, order, lots):
        picking = order.picking_ids
        picking.action_assign()
        picking.move_ids.picked = True
        picking.button_validate()
        assert picking.state == "done", picking.state
        assert picking.move_ids.move_line_ids.lot_id == lots, lots.mapped("name")
        return picking

    # ---------------------------------------------------------- return
    def _return(self, picking, number):
        wizard = self.env["stock.return.picking"].with_context(
            active_id=picking.id, active_ids=picking.ids, active_model=picking._name
        )
        wizard = wizard.create({})
        wizard.product_return_moves.write({"quantity": number, "to_refund": True})
        back = self.env["stock.picking"].browse(
            wizard.action_create_returns()["res_id"]
        )
        back.action_assign()
        back.move_ids.picked = True
        back.button_validate()
        assert back.state == "done", back.state

    def _credit(self, invoice, number):
        wizard = self.env["account.move.reversal"].with_context(
            active_model=invoice._name, active_ids=invoice.ids
        )
        wizard = wizard.create({"journal_id": invoice.journal_id.id})
        wizard.refund_moves()
        credit = wizard.new_move_ids
        credit.invoice_line_ids.quantity = number
        credit.action_post()
        return credit

    # ---------------------------------------------------- other floors
    def _repair(self, pump, lot, customer):
        repair = self.env["repair.order"].create(
            {"product_id": pump.id, "lot_id": lot.id, "partner_id": customer.id}
        )
        repair.action_validate()
        repair.action_repair_start()
        repair.action_repair_end()
        return repair.state

    def _rate(self, order, portal):
        """Rate a contact, as an add-on with ratings would let a customer do."""
        rating = self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("sale.order"),
                "res_id": order.id,
                "partner_id": portal.partner_id.id,
                "rating": 5,
                "consumed": True,
            }
        )
        return rating.with_user(SUPERUSER_ID).rating_text

    def _invite(self, customer):
        return (
            self.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": customer.name,
                    "login": customer.email,
                    "password": PASSWORD,
                    "partner_id": customer.id,
                    "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
                }
            )
        )

    # ------------------------------------------------- units of the past
    def begin_units(self, batches):
        """Ask for the units of past deliveries, and die within a later batch."""
        self._start_units()
        # As the press of the button does.
        self.env.cr.commit()  # pylint: disable=invalid-commit
        self._die_after(batches)
        self.env["aftersales.backfill"]._cron_run()

    def end_units(self, _number):
        """Let the job go on, and then ask for the same once more."""
        found = {"at the end": self._work_off()}
        self._start_units()
        found["again"] = self._work_off()
        found["errors"] = self.env["aftersales.backfill.error"].search_count([])
        return found

    def _start_units(self):
        self.env["aftersales.backfill"].create({}).action_start()

    def _work_off(self):
        self.env["aftersales.backfill"]._cron_run()
        states = self.env["aftersales.backfill"].search([]).mapped("state")
        assert set(states) == {"done"}, states
        return self.env["aftersales.equipment"].search_count([])

    def _die_after(self, batches):
        commit = Cursor.commit
        commits = 0

        def deadly_commit(cursor):
            nonlocal commits
            commits += 1
            # The first one comes before all batches.
            if commits > batches + 1:
                os.kill(os.getpid(), signal.SIGKILL)
            commit(cursor)

        Cursor.commit = deadly_commit

    # ----------------------------------------------------------- views
    def views(self, _number):
        """Combine every view; return those that cannot be shown, one line each."""
        findings = []
        views = self.env["ir.ui.view"].search([("mode", "=", "primary")])
        for view in views.with_context(load_all_views=True):
            try:
                arch = view._get_combined_arch()
                if view.model in self.env.registry and view.type != "qweb":
                    view.postprocess_and_fields(arch, view.model)
            except Exception as error:  # each is reported by its name
                findings.append(f"{view.xml_id or view.name}: {error}")
        return {"views": len(views), "findings": findings}

    def screens(self, _number):
        """Read every record of ours with all its fields; return what cannot be."""
        findings, records = [], 0
        for name in sorted(self.env.registry):
            model = self.env[name]
            if not name.startswith("aftersales.") or model._abstract:
                continue
            try:
                found = model.with_context(active_test=False).search([], limit=200)
                records += len(found.read())
            except Exception as error:  # each is reported by its name
                findings.append(f"{name}: {error}")
        return {"records": records, "findings": findings}


# ----------------------------------------------------------------- rows
def copy_rows(cr, times):
    """Copy orders, transfers and serial numbers, with the references among them."""
    if times < 1:
        return
    for table in COPIED:
        cr.execute(COLUMNS, [table])
        values = {
            column: f't."{column}" + k * {APART}'
            if column == "id" or target in COPIED
            else "t.name || '-' || k"
            if column == "name" and table in NAMED
            else f't."{column}"'
            for column, target in cr.fetchall()
        }
        columns = ", ".join(f'"{column}"' for column in values)
        cr.execute(
            f"INSERT INTO {table} ({columns}) SELECT {', '.join(values.values())} "
            f"FROM {table} t, generate_series(1, %s) k WHERE t.id < {APART}",
            [times],
        )
        cr.execute(f"SELECT setval('{table}_id_seq', (SELECT MAX(id) FROM {table}))")


# ---------------------------------------------------------------- pages
def look_at_pages(database):
    """Open the portal as a customer; return the status of each page."""
    config["db_name"] = [database]
    client = Client(http.root)
    here = {"REMOTE_ADDR": "127.0.0.1"}
    page = client.get("/web/login", environ_overrides=here)
    token = CSRF.search(page.get_data(as_text=True))[1]
    client.post(
        "/web/login",
        data={
            "login": "flows@customers.example",
            "password": PASSWORD,
            "csrf_token": token,
        },
        environ_overrides=here,
    )
    found = {}
    for page in ("/my/home", "/my/account", "/my/orders", "/my/invoices"):
        found[page] = client.get(page, environ_overrides=here).status_code
    # The first document of each list.
    for page in ("/my/orders", "/my/invoices"):
        text = client.get(page, environ_overrides=here).get_data(as_text=True)
        link = re.search(rf"{page}/\d+", text)[0]
        found[f"{page}/id"] = client.get(
            link, environ_overrides=here, follow_redirects=True
        ).status_code
    return found


def main():
    configuration, database, step, *rest = sys.argv[1:]
    number = int(rest[0]) if rest else 0
    config.parse_config(["-c", configuration, "-d", database, "--no-http"])
    server.load_server_wide_modules()
    registry = Registry(database)
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})
        env = env(user=env.ref("base.user_admin"), su=True)
        found = getattr(Story(env), step)(number)
        env.flush_all()
        cr.commit()  # pylint: disable=invalid-commit
    if step == "flows":
        found["pages"] = look_at_pages(database)
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
