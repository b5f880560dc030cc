from odoo import Command
from odoo.tests import tagged

from .refund_common import RefundCommon


@tagged("post_install", "-at_install")
class TestRefundMoney(RefundCommon):
    """Proves R48: currency, taxes, discounts, units and analytics of what was paid."""

    def test_foreign_currency_at_the_rate_of_the_invoice(self):
        currency = self.env["res.currency"].create(
            {"name": "FCY", "symbol": "f", "rounding": 0.01}
        )
        rate = self.env["res.currency.rate"]
        rate.create(
            {
                "currency_id": currency.id,
                "name": "2020-01-01",
                "rate": 2.0,
                "company_id": self.company.id,
            }
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Foreign", "currency_id": currency.id}
        )
        for policy, product in self.policies.items():
            with self.subTest(policy=policy):
                owed = self._balance()
                order = self._order((product, 3, None), pricelist_id=pricelist.id)
                self._deliver(order)
                invoice = self._invoice(order)
                self.assertEqual(invoice.currency_id, currency)
                self.assertEqual(invoice.amount_total, 6000)
                self.assertEqual(self._balance() - owed, 3000)
                latest = rate.search([("currency_id", "=", currency.id)], limit=1)
                latest.rate = 4.0
                refund = self._refunded(
                    self._came_back(order.picking_ids.move_ids, 3), post=False
                )
                refund.invoice_date = "2026-01-01"
                refund.action_post()
                self.assertEqual(refund.currency_id, currency)
                self.assertEqual(refund.amount_total, 6000)
                self.assertEqual(self._balance() - owed, 0)
                self.assertEqual(invoice.amount_residual, 0)
                latest.rate = 2.0

    def test_taxes_and_discounts_of_what_was_paid(self):
        added = self._tax("Thirteen", 13)
        inside = self._tax("Thirteen inside", 13, price_include_override="tax_included")
        fixed = self._tax("Fee", 5, amount_type="fixed")
        for taxes, discount, total in (
            (added, 0, 113.0),
            (added + fixed, 0, 118.0),
            (inside, 0, 100.0),
            (inside, 10, 90.0),
            (added, 12.5, 98.88),
        ):
            with self.subTest(taxes=taxes.mapped("name"), discount=discount):
                order = self._order(
                    (
                        self.oil,
                        3,
                        {
                            "price_unit": 100.0,
                            "tax_ids": taxes.ids,
                            "discount": discount,
                        },
                    )
                )
                self._deliver(order)
                invoice = self._invoice(order)
                move = order.picking_ids.move_ids
                first = self._refunded(self._came_back(move, 1))
                self.assertEqual(first.invoice_line_ids.tax_ids, taxes)
                self.assertEqual(first.invoice_line_ids.discount, discount)
                self.assertAlmostEqual(first.amount_total, total)
                self._refunded(self._came_back(move, 1))
                self._refunded(self._came_back(move, 1))
                self.assertEqual(invoice.amount_residual, 0)

    def test_last_credit_note_takes_the_cent(self):
        tax = self._tax("Thirteen", 13)
        order = self._order((self.oil, 3, {"price_unit": 33.33, "tax_ids": tax.ids}))
        self._deliver(order)
        invoice, move = self._invoice(order), order.picking_ids.move_ids
        for _piece in range(3):
            self._refunded(self._came_back(move, 1))
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(self._balance(), 0)

    def test_pieces_of_a_dozen(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        for policy, product in self.policies.items():
            with self.subTest(policy=policy):
                order = self._order(
                    (product, 2, {"product_uom_id": dozen.id, "price_unit": 100.0})
                )
                line = order.order_line
                self._deliver(order)
                invoice = self._invoice(order)
                move = order.picking_ids.move_ids
                owed = self._balance()
                for quantity, price in ((1, 8.33), (6, 50.0), (5, 41.67)):
                    rma = self._came_back(move, quantity)
                    refund = self._refunded(rma)
                    self.assertEqual(rma.line_ids.quantity_refunded, quantity)
                    self.assertAlmostEqual(refund.amount_total, price)
                    self.assertEqual(line.qty_to_invoice, 0, quantity)
                    self.assertNotEqual(line.invoice_status, "to invoice")
                self.assertAlmostEqual(self._balance() - owed, -100.0)
                self._refunded(self._came_back(move, 12))
                self.assertEqual(line.qty_to_invoice, 0)
                self.assertEqual(invoice.amount_residual, 0)

    def test_serial_lot_and_untracked_on_one_return(self):
        lots = self._lots("A-1", "A-2")
        bulk = self._product("Grease", tracking="lot", stock=0)
        lot = self.env["stock.lot"].create(
            {"name": "L-1", "product_id": bulk.id, "company_id": self.company.id}
        )
        self.env["stock.quant"]._update_available_quantity(
            bulk, self.stock, 10, lot_id=lot
        )
        order = self._sell((self.harvester, 2), (bulk, 4), (self.oil, 3))
        picking = order.picking_ids
        picking.action_assign()
        picking.move_ids.picked = True
        picking.button_validate()
        self._invoice(order)
        moves = {move.product_id: move for move in picking.move_ids}
        common = {"remedy": "refund", "inspection_required": False}
        rma = self._rma(
            (moves[self.harvester], 1, {**common, "lot_id": lots[0].id}),
            (moves[bulk], 1.5, common),
            (moves[self.oil], 2, common),
            description="Not needed",
        )
        rma.action_authorise()
        self._received(rma)
        refund = self._refunded(rma)
        self.assertEqual(len(refund), 1)
        self.assertEqual(
            sorted(refund.invoice_line_ids.mapped("quantity")), [1, 1.5, 2]
        )
        for line in order.order_line:
            self.assertEqual(line.qty_invoiced, line.qty_delivered)
            self.assertEqual(line.qty_to_invoice, 0)

    def test_analytic_distribution(self):
        plan = self.env["account.analytic.plan"].create({"name": "Places"})
        account = self.env["account.analytic.account"].create(
            {"name": "North", "plan_id": plan.id, "company_id": self.company.id}
        )
        order = self._order(
            (self.oil, 2, {"analytic_distribution": {str(account.id): 100}})
        )
        self._deliver(order)
        self._invoice(order)
        refund = self._refunded(self._came_back(order.picking_ids.move_ids, 1))
        self.assertEqual(
            refund.invoice_line_ids.analytic_distribution, {str(account.id): 100}
        )

    def test_orders_invoices_and_returns_of_many(self):
        orders = [self._sold(quantity=2) for _i in range(3)]
        rma = self._rma(
            *(
                (
                    order.picking_ids.move_ids,
                    1,
                    {"remedy": "refund", "inspection_required": False},
                )
                for order in orders
            ),
            description="Not needed",
        )
        rma.action_authorise()
        self._received(rma)
        refunds = self._refunded(rma)
        self.assertEqual(
            refunds.reversed_entry_id,
            self.env["account.move"].union(
                *(
                    order.invoice_ids.filtered("invoice_line_ids.sale_line_ids")
                    - refunds
                    for order in orders
                )
            ),
        )

    def test_invoice_of_two_orders(self):
        orders = self._sell((self.oil, 2)) | self._sell((self.oil, 3))
        for order in orders:
            self._deliver(order)
        invoice = orders._create_invoices()
        invoice.action_post()
        rma = self._came_back(orders[1].picking_ids.move_ids, 1)
        refund = self._refunded(rma)
        self.assertEqual(refund.invoice_line_ids.sale_line_ids, orders[1].order_line)
        self.assertEqual(orders[0].order_line.qty_invoiced, 2)

    # ------------------------------------------------------------
    # PRICES
    # ------------------------------------------------------------

    def test_price_rules(self):
        order = self._order((self.oil, 4, {"price_unit": 1000.0, "discount": 10.0}))
        self._deliver(order)
        self._invoice(order)
        move = order.picking_ids.move_ids
        for rule, today, total in (
            ("paid", 800, 900),
            ("original", 800, 1000),
            ("current", 800, 800),
            # Never above what was paid.
            ("current", 1200, 900),
        ):
            with self.subTest(rule=rule, today=today):
                self.oil.list_price = today
                rma = self._came_back(move, 1, price_rule=rule)
                self.assertEqual(self._refunded(rma).amount_total, total)

    def test_down_payment(self):
        for policy, product in self.policies.items():
            with self.subTest(policy=policy):
                owed = self._balance()
                order = self._sell((product, 2))
                wizard = self.env["sale.advance.payment.inv"].create(
                    {
                        "advance_payment_method": "percentage",
                        "amount": 30,
                        "sale_order_ids": [Command.set(order.ids)],
                    }
                )
                wizard._create_invoices(order).action_post()
                self._deliver(order)
                order._create_invoices(final=True).action_post()
                self.assertEqual(self._balance() - owed, 2000)
                self._refunded(self._came_back(order.picking_ids.move_ids, 1))
                self.assertEqual(self._balance() - owed, 1000)
                lines = order.order_line.filtered(lambda line: not line.is_downpayment)
                self.assertEqual(lines.filtered("product_id").qty_to_invoice, 0)
