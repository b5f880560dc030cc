"""Measure returns beside Odoo's own wizard and reversal, or beside rma_sale: one process.

Usage: bench_returns.py CONFIGURATION DATABASE ADDONS_PATH RESULT

The database holds our add-ons; test_benchmark_peers.py makes it, judges the figures in RESULT
and throws it away. Where rma_sale is installed, it is what ours is compared with: it makes
Odoo's own wizard slower than it is.
"""

import json
import os
import sys
from pathlib import Path

from bench_clock import Clock
from bench_company import Company

from odoo import SUPERUSER_ID, api, sql_db
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.service import server
from odoo.tools import config

LINES = 100
# A round takes one order back in each way.
ROUNDS = {1: 15, LINES: 7} if os.environ.get("AFTERSALES_FULL") else {1: 5, LINES: 1}


class Bench(Company):
    """One company that sells, delivers and invoices, and takes back."""

    def __init__(self, env):
        self.env, self.cr = env, env.cr
        self.clock = Clock(self.cr)

    # ------------------------------------------------------------
    # CHAINS
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
        self.rma = rma = self.env["aftersales.return"].create(
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

    def community_chain(self, order):
        """rma_sale: wizard on the order, receipts, refunds, posted credit notes."""
        action = order.action_create_rma()
        wizard = self.env["sale.order.rma.wizard"].browse(action["res_id"])
        wizard.operation_id = self.env.ref("rma.rma_operation_refund")
        wizard.line_ids.quantity = 1
        rmas = wizard.create_rma()
        rmas.action_confirm()
        self.validate(rmas.reception_move_id.picking_id)
        rmas.action_refund()
        rmas.refund_id.action_post()

    # ------------------------------------------------------------
    # MEASURING
    # ------------------------------------------------------------

    def measure(self, order, chain, *args):
        """Return [queries of all connections, milliseconds] of a chain, and undo it."""
        savepoint = self.cr.savepoint()
        self.env.invalidate_all()
        queries, start = sql_db.sql_counter, self.clock.now()
        chain(order, *args)
        self.cr.flush()
        cost = [sql_db.sql_counter - queries, self.clock.now() - start]
        # All have done the same: one piece of each line back on stock and credited.
        for line in order.order_line:
            assert (line.qty_delivered, line.qty_invoiced) == (1, 1), line.read()
        savepoint.rollback()
        savepoint.close(rollback=False)
        return cost

    def compare(self, count, rounds):
        """Return ``{chain: [[queries, milliseconds] of each round]}``."""
        chains = {
            "direct": (self.our_chain, False),
            "inspected": (self.our_chain, True),
        }
        if "rma" in self.env:
            chains["rma_sale"] = (self.community_chain,)
        else:
            chains["core"] = (self.core_chain,)
        order = self.sell(count)
        names, costs = list(chains), {name: [] for name in chains}
        for _round in range(rounds):
            for name in names:
                costs[name].append(self.measure(order, *chains[name]))
            # Nobody is always the first one.
            names.reverse()
        return costs

    def run(self):
        """Measure one line and a hundred."""
        self.prepare_company(LINES)
        # What is read once for a process is paid before.
        self.compare(1, 1)
        return {count: self.compare(count, rounds) for count, rounds in ROUNDS.items()}


def main(configuration, database, addons_path, result):
    config.parse_config(
        ["-c", configuration, "-d", database, "--addons-path", addons_path, "--no-http"]
    )
    server.load_server_wide_modules()
    with Registry(database).cursor() as cr:
        figures = Bench(api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})).run()
        cr.rollback()
    Path(result).write_text(json.dumps(figures, indent=1), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
