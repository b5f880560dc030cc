"""Measure returns beside Odoo's own wizard and reversal: one process, one database.

Usage: bench_returns.py CONFIGURATION DATABASE RESULT

The database holds our add-ons; test_benchmark_returns.py makes it, judges the figures in
RESULT and throws it away.
"""

import json
import sys
import time
from pathlib import Path

from odoo import SUPERUSER_ID, api, sql_db
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.service import server
from odoo.tools import config

# The work of others only adds to a time: of each chain its quickest run counts.
TURNS = 7
LONG_TURNS = 3
LINES = 100


class Bench:
    """One company that sells, delivers and invoices, and takes back."""

    def __init__(self, env):
        self.env = env

    # ------------------------------------------------------------
    # WHAT WENT OUT
    # ------------------------------------------------------------

    def prepare(self):
        """Make a company with its chart of accounts, and what it sells."""
        company = self.env["res.company"].create({"name": "Bench"})
        self.env["account.chart.template"].try_loading(
            "generic_coa", company=company, install_demo=False
        )
        self.env = self.env(
            context={
                **self.env.context,
                "allowed_company_ids": company.ids,
                "mail_auto_subscribe_no_notify": True,
            }
        )
        warehouses = self.env["stock.warehouse"]
        warehouse = warehouses.search([("company_id", "=", company.id)], limit=1)
        # Only a second company in the same process comes with its own.
        warehouse = warehouse or warehouses.create(
            {"name": "Bench", "code": "BENCH", "company_id": company.id}
        )
        self.stock = warehouse.lot_stock_id
        self.customer = self.env["res.partner"].create(
            {
                "name": "Bench customer",
                "street": "8 Field Road",
                "phone": "138 0013 8000",
            }
        )
        self.products = self.env["product.product"].create(
            [
                {
                    "name": f"Bench part {number}",
                    "type": "consu",
                    "is_storable": True,
                    "invoice_policy": "delivery",
                    "list_price": 100.0,
                }
                for number in range(LINES)
            ]
        )
        for product in self.products:
            self.env["stock.quant"]._update_available_quantity(
                product, self.stock, 10_000
            )

    def sell(self, count):
        """Sell, deliver and invoice lines of two pieces."""
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [
                    Command.create({"product_id": product.id, "product_uom_qty": 2})
                    for product in self.products[:count]
                ],
            }
        )
        order.action_confirm()
        picking = order.picking_ids
        picking.move_ids.picked = True
        picking.button_validate()
        invoice = order._create_invoices()
        invoice.action_post()
        return order

    # ------------------------------------------------------------
    # TWO CHAINS
    # ------------------------------------------------------------

    def core_chain(self, order):
        """Odoo's own: return wizard, receipt, reversal, posted credit note."""
        picking = order.picking_ids
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=picking.id, active_model="stock.picking")
            .create({})
        )
        for line in wizard.product_return_moves:
            line.quantity = 1
        action = wizard.action_create_returns()
        receipt = self.env["stock.picking"].browse(action["res_id"])
        self.validate(receipt)
        invoice = order.invoice_ids
        reversal = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id})
        )
        reversal.refund_moves()
        credit_note = reversal.new_move_ids
        for line in credit_note.invoice_line_ids:
            line.quantity = 1
        credit_note.action_post()

    def our_chain(self, order, inspected):
        """Ours: authorised return, receipt, inspection, posted credit note."""
        rma = self.env["aftersales.return"].create(
            {
                "description": "Not needed",
                "line_ids": [
                    Command.create(
                        {
                            "move_id": move.id,
                            "quantity": 1,
                            "remedy": "refund",
                            "inspection_required": inspected,
                            "note": "Not needed",
                        }
                    )
                    for move in order.picking_ids.move_ids
                ],
            }
        )
        rma.action_authorise()
        self.validate(rma.picking_ids)
        if inspected:
            rma.line_ids.inspection = "resaleable"
            rma.action_inspect()
        rma.action_refund()
        rma.refund_ids.action_post()
        self.rma = rma

    def validate(self, pickings):
        pickings.move_ids.picked = True
        pickings.button_validate()
        assert set(pickings.mapped("state")) == {"done"}

    # ------------------------------------------------------------
    # MEASURING
    # ------------------------------------------------------------

    def measure(self, chain, count, *args):
        """Return (queries of all connections, seconds) of a chain on a new order."""
        order = self.sell(count)
        self.env.flush_all()
        self.env.invalidate_all()
        queries, start = sql_db.sql_counter, time.perf_counter()
        chain(order, *args)
        self.env.flush_all()
        cost = sql_db.sql_counter - queries, time.perf_counter() - start
        line = order.order_line[:1]
        # Both have done the same: one piece back on stock and credited.
        assert (line.qty_delivered, line.qty_invoiced) == (1, 1), line.read()
        return cost

    def compare(self, count, turns):
        """Return the least queries and seconds of the three chains, run in turns."""
        chains = {
            "core": (self.core_chain, count),
            "direct": (self.our_chain, count, False),
            "inspected": (self.our_chain, count, True),
        }
        least = {name: [float("inf")] * 2 for name in chains}
        for _turn in range(turns):
            for name, chain in chains.items():
                cost = self.measure(*chain)
                least[name] = [
                    min(pair) for pair in zip(least[name], cost, strict=True)
                ]
        return least

    def run(self):
        """Measure one line and a hundred."""
        self.prepare()
        # What is read once for a process is paid before.
        self.compare(1, 1)
        figures = {
            "one": self.compare(1, TURNS),
            "hundred": self.compare(LINES, LONG_TURNS),
        }
        figures["stock"] = self.rma.picking_ids.mapped("location_dest_id.usage")
        figures["on_stock"] = self.env["stock.quant"]._get_available_quantity(
            self.products[:1], self.stock
        )
        return figures


def main(configuration, database, result):
    config.parse_config(["-c", configuration, "-d", database, "--no-http"])
    server.load_server_wide_modules()
    with Registry(database).cursor() as cr:
        figures = Bench(api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})).run()
        cr.rollback()
    Path(result).write_text(json.dumps(figures, indent=1), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
