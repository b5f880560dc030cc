from itertools import product as combine

from odoo import Command
from odoo.tests import tagged

from .common import PartsCommon

SOLD, BACK = 5, 2
PRICE, DISCOUNT = 33.33, 10


@tagged("post_install", "-at_install")
class TestChain(PartsCommon):
    """Proves R48, R52: order → delivery → invoice → return → receipt → inspection →
    refund, exchange or repair: goods and money are right at each step.

    For serial, lot and untracked goods, invoiced on ordered or delivered quantities, in
    the company's currency and another.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.foreign = cls.env["res.currency"].create(
            {"name": "FRX", "symbol": "F", "rounding": 0.01, "decimal_places": 2}
        )
        cls.env["res.currency.rate"].create(
            {
                "currency_id": cls.foreign.id,
                "company_id": cls.company.id,
                "name": "2020-01-01",
                "rate": 0.137,
            }
        )
        cls.pricelists = cls.env["product.pricelist"].create(
            [
                {"name": currency.name, "currency_id": currency.id}
                for currency in (cls.company.currency_id, cls.foreign)
            ]
        )
        cls.tax = cls.env["account.tax"].create(
            {"name": "13 %", "amount": 13, "company_id": cls.company.id}
        )
        cls.goods = cls.env["product.product"].create(
            [
                {
                    "name": f"Gearbox {tracking} {policy}",
                    "type": "consu",
                    "is_storable": True,
                    "tracking": tracking,
                    "invoice_policy": policy,
                    "list_price": PRICE,
                    "aftersales_voucher": "none" if tracking == "none" else "serial",
                    "taxes_id": [Command.set(cls.tax.ids)],
                }
                for tracking, policy in combine(
                    ("serial", "lot", "none"), ("order", "delivery")
                )
            ]
        )
        cls.lots = {}
        for goods in cls.goods:
            count = {"serial": 2 * SOLD, "lot": 2, "none": 0}[goods.tracking]
            lots = cls.env["stock.lot"].create(
                [
                    {
                        "name": f"{goods.id}-{number}",
                        "product_id": goods.id,
                        "company_id": cls.company.id,
                    }
                    for number in range(count)
                ]
            )
            cls.lots[goods] = lots
            for lot in lots or [None]:
                quantity = 1 if goods.tracking == "serial" else 2 * SOLD
                cls.env["stock.quant"]._update_available_quantity(
                    goods, cls.stock, quantity, lot_id=lot
                )

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def _sell_all(self, pricelist):
        """Sell, deliver and invoice five of each product, at a discount."""
        order = self.env["sale.order"].create(
            {
                "partner_id": self.farmer.id,
                "pricelist_id": pricelist.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": goods.id,
                            "product_uom_qty": SOLD,
                            "price_unit": PRICE,
                            "discount": DISCOUNT,
                        }
                    )
                    for goods in self.goods
                ],
            }
        )
        order.action_confirm()
        picking = order.picking_ids
        picking.action_assign()
        picking.move_ids.picked = True
        picking.button_validate()
        self.assertEqual(picking.state, "done")
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertEqual(invoice.currency_id, pricelist.currency_id)
        self._see(order, delivered=SOLD, invoiced=SOLD)
        return order

    def _bring_back(self, order, remedy):
        """Return two of each product: one line for each serial."""
        lines = []
        for move in order.picking_ids.move_ids:
            lots = move.move_line_ids.lot_id
            if move.product_id.tracking == "serial":
                lines += [
                    (move, 1, {"remedy": remedy, "lot_id": lot.id})
                    for lot in lots[:BACK]
                ]
            else:
                lines.append((move, BACK, {"remedy": remedy, "lot_id": lots[:1].id}))
        return self._rma(*lines)

    def _inspected(self, rma):
        rma.line_ids.inspection = "resaleable"
        rma.action_inspect()

    # ------------------------------------------------------------
    # WHAT IS TRUE
    # ------------------------------------------------------------

    def _free(self):
        """Return what each product's warehouse may promise."""
        self.env.invalidate_all()
        return {
            goods: goods.with_context(warehouse_id=self.warehouse.id).free_qty
            for goods in self.goods
        }

    def _balance(self):
        """Return what the customer owes, in the company's currency."""
        lines = self.env["account.move.line"].search(
            [
                ("partner_id", "=", self.farmer.id),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
            ]
        )
        return sum(lines.mapped("balance"))

    def _see(self, order, delivered, invoiced, to_invoice=0):
        """Check the quantities of the order as its screen shows them.

        :param invoiced: with drafts, as Odoo counts them
        :param to_invoice: a number, or one by invoicing policy
        """
        self.env.invalidate_all()
        for line in order.order_line:
            with self.subTest(product=line.product_id.name):
                self.assertEqual(line.qty_delivered, delivered)
                self.assertEqual(line.qty_invoiced, invoiced)
                wanted = to_invoice
                if isinstance(wanted, dict):
                    wanted = wanted[line.product_id.invoice_policy]
                self.assertEqual(line.qty_to_invoice, wanted)

    def _assert_cents(self, found, wanted):
        self.assertEqual(round(found, 2), round(wanted, 2))

    # ------------------------------------------------------------
    # CHAINS
    # ------------------------------------------------------------

    def test_refund(self):
        for pricelist in self.pricelists:
            with self.subTest(currency=pricelist.currency_id.name):
                self._check_refund(pricelist)

    def _check_refund(self, pricelist):
        before, free = self._balance(), self._free()
        order = self._sell_all(pricelist)
        invoice = order.invoice_ids
        owed = self._balance() - before
        rma = self._bring_back(order, "refund")
        rma.action_authorise()
        self._see(order, delivered=SOLD, invoiced=SOLD)
        self._received(rma)
        less = {"order": 0, "delivery": -BACK}
        self._see(order, delivered=SOLD - BACK, invoiced=SOLD, to_invoice=less)
        for goods, quantity in self._free().items():
            self.assertEqual(quantity, free[goods] - SOLD, "promised from quarantine")
        self._inspected(rma)
        for goods, quantity in self._free().items():
            self.assertEqual(quantity, free[goods] - SOLD + BACK)
        rma.action_refund()
        refund = rma.refund_ids
        self.assertEqual(refund.reversed_entry_id, invoice)
        self.assertEqual(refund.state, "draft")
        self.assertEqual(rma.state, "inspected")
        self.assertFalse(any(rma.line_ids.mapped("quantity_refunded")))
        self._assert_cents(self._balance() - before, owed)
        refund.action_post()
        self.assertEqual(set(rma.line_ids.mapped(lambda x: x._is_settled())), {True})
        self._see(order, delivered=SOLD - BACK, invoiced=SOLD - BACK)
        # In the invoice's own currency, by the lines: to the cent.
        self.assertEqual(refund.currency_id, invoice.currency_id)
        for line in invoice.invoice_line_ids:
            own = refund.invoice_line_ids.filtered(
                lambda item, line=line: item.product_id == line.product_id
            )
            self.assertEqual(sum(own.mapped("quantity")), BACK)
            self.assertEqual(set(own.mapped("price_unit")), {line.price_unit})
            self.assertEqual(set(own.mapped("discount")), {DISCOUNT})
            self.assertEqual(own.tax_ids, self.tax)
        net = refund.currency_id.round(PRICE * (1 - DISCOUNT / 100) * BACK)
        lines = len(self.goods)
        self.assertAlmostEqual(refund.amount_untaxed, net * lines, delta=0.01 * lines)
        self._assert_cents(self._balance() - before, owed + refund.amount_total_signed)
        self.assertEqual(order.invoice_status, "invoiced")
        rma.line_ids.cause_id = self.cause
        rma.action_done()
        self.assertEqual(rma.state, "done")

    def test_exchange(self):
        before, free = self._balance(), self._free()
        order = self._sell_all(self.pricelists[1])
        owed = self._balance() - before
        rma = self._bring_back(order, "exchange")
        rma.action_authorise()
        self._received(rma)
        self._inspected(rma)
        rma.action_exchange()
        pickings = order.picking_ids.filtered(
            lambda picking: picking.state not in ("done", "cancel")
        )
        for picking in pickings.sorted("id"):
            self._validate(picking)
        self._see(order, delivered=SOLD, invoiced=SOLD)
        self._assert_cents(self._balance() - before, owed)
        self.assertEqual(set(rma.line_ids.mapped(lambda x: x._is_settled())), {True})
        for goods, quantity in self._free().items():
            self.assertEqual(quantity, free[goods] - SOLD)
        self.assertEqual(order.invoice_status, "invoiced")

    def test_repair(self):
        self.company.aftersales_repair_check = False
        before, free = self._balance(), self._free()
        order = self._sell_all(self.pricelists[0])
        owed = self._balance() - before
        rma = self._bring_back(order, "repair")
        rma.action_authorise()
        self._received(rma)
        rma.action_repair()
        self.assertEqual(sum(rma.repair_ids.mapped("product_qty")), BACK * 6)
        for repair in rma.repair_ids:
            self.assertEqual(repair.partner_id, self.farmer)
            repair.action_validate()
            repair.action_repair_start()
            repair.action_repair_end()
        self.assertEqual(set(rma.repair_ids.mapped("state")), {"done"})
        self._see(order, delivered=SOLD, invoiced=SOLD)
        self._assert_cents(self._balance() - before, owed)
        for goods, quantity in self._free().items():
            self.assertEqual(quantity, free[goods] - SOLD, "the customer's own goods")
        place = self.warehouse.aftersales_customer_goods_id
        quants = self.env["stock.quant"].search([("location_id", "=", place.id)])
        self.assertEqual(quants.owner_id, self.farmer)
        self.assertEqual(sum(quants.mapped("quantity")), BACK * len(self.goods))
        rma.action_hand_over(signed_by="Wang", tracking_ref="SF 1")
        self._see(order, delivered=SOLD, invoiced=SOLD)
        self.assertEqual(set(rma.line_ids.mapped(lambda x: x._is_settled())), {True})
        self.env.invalidate_all()
        self.assertFalse(sum(quants.exists().mapped("quantity")))
        self.assertEqual(order.invoice_status, "invoiced")
