"""What a company pays for everyday work: one database, asked over a pipe.

Usage: bench_host.py CONFIGURATION DATABASE SIZES…

test_benchmark_host.py starts one process for a database with our add-ons and one for the same
database without them, and asks both in turns: a line ``OPERATION SIZE`` on standard input is
answered by a line of JSON on standard output. SIZES are ``OPERATION=SIZE`` to prepare.
"""

import gc
import json
import sys

from bench_clock import Clock
from bench_company import Company

from odoo import SUPERUSER_ID, api, sql_db
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.service import server
from odoo.tools import config

GROUPS = (
    "sales_team.group_sale_salesman_all_leads",
    "stock.group_stock_user",
    "account.group_account_invoice",
)
# Without after-sales there is nothing to say about a product.
NO_VOUCHER = {"aftersales_voucher": "none"}


class Bench(Company):
    """Documents that wait for one press of a button, pressed by ordinary staff.

    Each press is taken back: every repetition finds the database as the first one did.
    """

    def __init__(self, env):
        self.env, self.cr = env, env.cr
        self.clock = Clock(self.cr)
        self.waiting = {}
        self.operations = {
            "confirm": (self._prepare_quotation, self._confirm),
            "deliver": (self._prepare_delivery, self._validate),
            "deliver_units": (self._prepare_units, self._validate),
            "receive": (self._prepare_receipt, self._validate),
            "post": (self._prepare_invoice, self._post),
            "pay": (self._prepare_payment, self._pay),
        }

    def prepare(self, sizes):
        """Make a document for each ``(operation, size)``."""
        self.prepare_company(max(size for _name, size in sizes))
        self.clerk = self.env["res.users"].create(
            {
                "name": "Clerk",
                "login": "bench_clerk",
                "email": "clerk@example.com",
                "company_ids": [Command.set(self.company.ids)],
                "company_id": self.company.id,
                "group_ids": [Command.link(self.env.ref(name).id) for name in GROUPS],
            }
        )
        for name, size in sizes:
            self.waiting[name, size] = self.operations[name][0](size)
        self.env.flush_all()
        self.cr.commit()  # pylint: disable=invalid-commit
        # What stays in memory anyway is not looked through before each press.
        gc.collect()
        gc.freeze()

    # ------------------------------------------------------------
    # DOCUMENTS
    # ------------------------------------------------------------

    def _prepare_quotation(self, size):
        return self.quote(self.products[:size])

    def _prepare_delivery(self, size, values=None):
        """Reserve so many serial numbers of one product."""
        product = self.env["product.product"].create(
            {
                "name": "Bench machine",
                "type": "consu",
                "is_storable": True,
                "tracking": "serial",
                "invoice_policy": "delivery",
            }
        )
        if "aftersales_voucher" in product._fields:
            product.write(NO_VOUCHER if values is None else values)
        lots = self.env["stock.lot"].create(
            [
                {"name": f"{product.id}-{number:04}", "product_id": product.id}
                for number in range(size)
            ]
        )
        for lot in lots:
            self.env["stock.quant"]._update_available_quantity(
                product, self.stock, 1, lot_id=lot
            )
        order = self.quote(product, size)
        order.action_confirm()
        picking = order.picking_ids
        picking.move_ids.picked = True
        assert len(picking.move_line_ids.lot_id) == size
        return picking

    def _prepare_units(self, size):
        return self._prepare_delivery(size, {"aftersales_voucher": "serial"})

    def _prepare_receipt(self, size):
        kind = self.warehouse.in_type_id
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": kind.id,
                "location_id": self.env.ref("stock.stock_location_suppliers").id,
                "location_dest_id": self.stock.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": 2,
                            "product_uom": product.uom_id.id,
                            "location_id": self.env.ref(
                                "stock.stock_location_suppliers"
                            ).id,
                            "location_dest_id": self.stock.id,
                        }
                    )
                    for product in self.products[:size]
                ],
            }
        )
        picking.action_confirm()
        picking.move_ids.picked = True
        return picking

    def _prepare_invoice(self, size):
        order = self.quote(self.products[:size])
        order.action_confirm()
        self.validate(order.picking_ids)
        return order._create_invoices()

    def _prepare_payment(self, size):
        invoice = self._prepare_invoice(size)
        invoice.action_post()
        return invoice

    # ------------------------------------------------------------
    # BUTTONS
    # ------------------------------------------------------------

    def _confirm(self, order):
        order.action_confirm()
        return order.state == "sale"

    def _validate(self, picking):
        picking.button_validate()
        return picking.state == "done"

    def _post(self, invoice):
        invoice.action_post()
        return invoice.state == "posted"

    def _pay(self, invoice):
        self.env["account.payment.register"].with_user(self.clerk).with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({}).action_create_payments()
        return invoice.payment_state in ("in_payment", "paid")

    # ------------------------------------------------------------
    # MEASURING
    # ------------------------------------------------------------

    def measure(self, name, size):
        """Return the queries and milliseconds of one press, with all that it writes."""
        self.env.invalidate_all()
        document = self.waiting[name, size].with_user(self.clerk)
        press = self.operations[name][1]
        gc.collect()
        gc.disable()
        queries, start = sql_db.sql_counter, self.clock.now()
        done = press(document)
        self.cr.flush()
        spent = self.clock.now() - start
        queries = sql_db.sql_counter - queries
        gc.enable()
        assert done, f"{name} {size} has not been done"
        units = 0
        if "aftersales.equipment" in self.env:
            units = self.env["aftersales.equipment"].search_count(
                [("company_id", "=", self.company.id)]
            )
        self.cr.rollback()
        return {"queries": queries, "ms": spent, "units": units}


def answer(values):
    """Send a line through the pipe."""
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


def main(configuration, database, *sizes):
    config.parse_config(["-c", configuration, "-d", database, "--no-http"])
    server.load_server_wide_modules()
    with Registry(database).cursor() as cr:
        bench = Bench(api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"}))
        wanted = [size.split("=") for size in sizes]
        bench.prepare([(name, int(size)) for name, size in wanted])
        answer("ready")
        for line in sys.stdin:
            name, size = line.split()
            answer(bench.measure(name, int(size)))


if __name__ == "__main__":
    main(*sys.argv[1:])
