from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .performance_common import TODAY, PerformanceCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestPerformanceMoney(PerformanceCommon):
    """Allowance, bonus and commission are reckoned, and nothing is posted (R65)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "aftersales_visit_allowance": 30,
                "aftersales_complaint_bonus": 300,
                "aftersales_complaint_deduction": 100,
            }
        )
        software = cls.env.ref("aftersales_quality.product_category_software")
        cls.belt, cls.update = cls.env["product.product"].create(
            [
                {
                    "name": "Belt",
                    "type": "consu",
                    "standard_price": 60,
                    "list_price": 100,
                    "invoice_policy": "order",
                    "taxes_id": [Command.clear()],
                },
                {
                    "name": "Update",
                    "type": "service",
                    "list_price": 200,
                    "invoice_policy": "order",
                    "taxes_id": [Command.clear()],
                    # Below the category that the rule names.
                    "categ_id": cls.env["product.category"]
                    .create({"name": "Control Units", "parent_id": software.id})
                    .id,
                },
            ]
        )

    def _pays(self, sheet):
        return {
            (pay.kind, pay.commission_id.basis or ""): pay.amount
            for pay in sheet.pay_ids
        }

    def _sold_on(self, visit, product, quantity=1, invoiced="2026-05-06", **values):
        """Sell something on a visit and return its posted invoice."""
        visit = visit.with_env(self.env)
        visit.action_correct("Sold on the way")
        line = self.env["aftersales.ticket.line"].create(
            {
                "ticket_id": visit.ticket_id.id,
                "dispatch_id": visit.id,
                "kind": "part" if product == self.belt else "fee",
                "product_id": product.id,
                "quantity": quantity,
                "state": "used",
                "date_done": visit.finish_date,
                **values,
            }
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.farmer.id,
                "order_line": [
                    Command.create(
                        {"product_id": product.id, "product_uom_qty": quantity}
                    )
                ],
            }
        )
        order.order_line._by_method().write(
            {
                "aftersales_ticket_line_id": line.id,
                "aftersales_payer": "customer",
                "price_unit": product.list_price,
                "discount": 0,
            }
        )
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.invoice_date = invoiced
        invoice.action_post()
        return invoice

    def _pay(self, move, amount, day):
        """Let the customer pay, or give him back, money of an invoice."""
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        wizard.create({"amount": amount, "payment_date": day})._create_payments()

    # ------------------------------------------------------------
    # ALLOWANCE AND BONUS
    # ------------------------------------------------------------

    def test_allowance_needs_a_complete_form(self):
        whole = self._visit("2026-05-05 09:00", crew_ids=self.zhou.ids)
        self._feedback(whole)
        silent = self._visit("2026-05-06 09:00")
        self._feedback(silent, opinion=False)
        unsigned = self._visit("2026-05-07 09:00")
        self._feedback(unsigned)
        unsigned._by_method().write({"signature": False, "signed_on": False})
        sheet = self._sheet()
        self.assertEqual(self._pays(sheet)["allowance", ""], 30)
        self.assertIn("2 visits", sheet.pay_ids[0].note)
        self.assertEqual(
            sheet.pay_ids[0].action_view_records()["domain"], [("id", "in", whole.ids)]
        )
        self._answer(silent, 3, "2026-05-08 10:00")
        sheet.action_recompute()
        self.assertEqual(self._pays(sheet)["allowance", ""], 60)
        # Who went along has his own.
        self.assertEqual(self._pays(self._sheet(self.zhou))["allowance", ""], 30)

    def test_bonus_shrinks_with_complaints(self):
        self._visit("2026-05-05 09:00")
        sheet = self._sheet()
        self.assertEqual(self._pays(sheet)["bonus", ""], 300)
        complaint = self._verified(self.chen, "2026-05-10 10:00")
        sheet.action_recompute()
        self.assertEqual(self._pays(sheet)["bonus", ""], 200)
        bonus = sheet.pay_ids.filtered(lambda pay: pay.kind == "bonus")
        self.assertEqual(
            bonus.action_view_records()["domain"], [("id", "in", complaint.ids)]
        )
        for _number in range(3):
            self._verified(self.chen, "2026-05-11 10:00")
        sheet.action_recompute()
        self.assertEqual(self._pays(sheet)["bonus", ""], 0)
        self.assertEqual(sheet.pay_total, 0)
        self.assertFalse(self._sheet(self.zhou).pay_ids, "he was nowhere")

    # ------------------------------------------------------------
    # COMMISSION
    # ------------------------------------------------------------

    def test_parts_commission_follows_the_money(self):
        visit = self._visit("2026-05-05 09:00")
        invoice = self._sold_on(visit, self.belt, 2)
        sheet = self._sheet()
        key = ("commission", "net_profit")
        self.assertNotIn(key, self._pays(sheet), "not paid yet")
        self._pay(invoice, 50, "2026-05-20")
        sheet.action_recompute()
        # A quarter of 200 less twice 60, and 30 % of it.
        self.assertAlmostEqual(self._pays(sheet)[key], 0.25 * 80 * 0.3)
        self._pay(invoice, 150, "2026-05-31")
        sheet.action_recompute()
        pay = sheet.pay_ids.filtered("commission_id")
        self.assertEqual((pay.quantity, pay.base, pay.rate), (1, 80, 30))
        self.assertAlmostEqual(pay.amount, 24)
        lines = self.env["aftersales.ticket.line"].search(
            pay.action_view_records()["domain"]
        )
        self.assertEqual(lines.dispatch_id, visit)
        self.assertFalse(self._sheet(self.zhou).pay_ids)

    def test_payment_of_another_month_counts_there(self):
        invoice = self._sold_on(self._visit("2026-04-05 09:00"), self.belt)
        self._pay(invoice, 100, "2026-05-02")
        self.assertEqual(
            self._sheet(month="2026-04-01").pay_ids.mapped("kind"),
            ["allowance", "bonus"],
        )
        self.assertAlmostEqual(
            self._pays(self._sheet())["commission", "net_profit"], 12
        )

    def test_software_commission_is_of_cash(self):
        invoice = self._sold_on(self._visit("2026-05-05 09:00"), self.update)
        self._pay(invoice, 200, "2026-05-06")
        self.assertAlmostEqual(self._pays(self._sheet())["commission", "cash"], 80)

    def test_what_is_credited_brings_nothing(self):
        invoice = self._sold_on(self._visit("2026-05-05 09:00"), self.belt)
        refund = self._credit(invoice)
        self.assertEqual(refund.reversed_entry_id, invoice)
        self.assertEqual(invoice.payment_state, "reversed")
        self.assertNotIn(("commission", "net_profit"), self._pays(self._sheet()))

    def test_money_given_back_is_taken_off(self):
        invoice = self._sold_on(self._visit("2026-05-05 09:00"), self.belt)
        self._pay(invoice, 100, "2026-05-06")
        refund = self._credit(invoice)
        self._pay(refund, 100, "2026-05-20")
        key = ("commission", "net_profit")
        self.assertEqual(self._pays(self._sheet())[key], 12)
        # The credit note is of June, so that is when the money went back.
        self.assertEqual(self._pays(self._sheet(month="2026-06-01")), {key: -12})

    def test_a_part_below_its_cost_takes_nothing(self):
        self.belt.list_price = 50
        invoice = self._sold_on(self._visit("2026-05-05 09:00"), self.belt)
        self._pay(invoice, 50, "2026-05-06")
        self.assertEqual(self._pays(self._sheet())["commission", "net_profit"], 0)
