from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .clock_common import local
from .dispatch_common import DispatchCommon

# A Tuesday, nine in the morning in Shanghai.
TODAY = local("2026-06-02 09:00")
# A small white picture: what a finger leaves on glass.
INK = (
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmM"
    b"IQAAAABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestVisitMoney(DispatchCommon):
    """Proves R26, R27 on site: price, consent, collection, invoice, cost."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tax = cls.env["account.tax"].create(
            {"name": "VAT 13 %", "amount": 13, "company_id": cls.company.id}
        )
        common = {"company_id": cls.company.id, "taxes_id": [Command.set(cls.tax.ids)]}
        cls.hours, cls.way = cls.env["product.product"].create(
            [
                {
                    **common,
                    "name": name,
                    "type": "service",
                    "invoice_policy": "delivery",
                    "list_price": price,
                }
                for name, price in (("Work", 100), ("Way", 50))
            ]
        )
        cls.chen.hourly_cost = 40
        cls.cash = cls.env["account.journal"].create(
            {
                "name": "Cash",
                "type": "cash",
                "code": "CASH",
                "company_id": cls.company.id,
            }
        )

    def setUp(self):
        super().setUp()
        self.dispatch = self._assigned()
        self.ticket = self.dispatch.ticket_id
        self.own = self.dispatch.with_user(self.technician)
        self.work = self._add(self.hours, 2)

    def _add(self, product, quantity=1.0, kind="labour", dispatch=None, **values):
        """Note work on a visit, as its technician."""
        dispatch = dispatch or self.dispatch
        return (
            self.env["aftersales.ticket.line"]
            .with_user(self.technician)
            .create(
                {
                    "ticket_id": dispatch.ticket_id.id,
                    "dispatch_id": dispatch.id,
                    "kind": kind,
                    "product_id": product.id,
                    "quantity": quantity,
                    **values,
                }
            )
        )

    def _arrive(self):
        self.own.action_arrive()

    def _agreed(self):
        """Let the customer sign on site, and return the order."""
        self._arrive()
        self.own.action_estimate_on_site()
        self.own.action_sign_estimate(INK, "Wang Jianguo")
        return self.ticket.sudo().sale_ids

    def _finish(self):
        self.own.line_ids.filtered(lambda line: line.state == "planned").action_use()
        self.own.hazard_look = "none"
        self.own.action_finish()

    def _run(self):
        """Run the job of the invoices; a test is one transaction."""
        Cron = self.env.registry["ir.cron"]
        with patch.object(Cron, "_commit_progress", lambda *args, **kwargs: 60.0):
            self.env["aftersales.dispatch"]._cron_invoice()

    def _payments(self):
        return self.dispatch._get_collections()

    # ------------------------------------------------------------
    # PRICE AND CONSENT
    # ------------------------------------------------------------

    def test_price_is_shown_before_the_work(self):
        """R26: work, parts and travel by the list, with tax, before any estimate."""
        self._add(self.way, kind="travel")
        self.assertEqual(len(self.own.price_line_ids), 2)
        self.assertAlmostEqual(self.own.customer_total, 282.5)
        self.assertAlmostEqual(self.own.awaited_total, 282.5)
        self._agreed()
        self.own.invalidate_recordset()
        self.assertAlmostEqual(self.own.customer_total, 282.5)
        self.assertFalse(self.own.awaited_total)

    def test_signature_on_glass_confirms_as_the_portal_does(self):
        order = self._agreed()
        self.assertEqual(
            (order.state, order.signed_by, order.signed_on),
            ("sale", "Wang Jianguo", TODAY),
        )
        self.assertTrue(order.signature)
        story = order.message_ids.filtered(
            lambda message: "Signed on site by Wang Jianguo" in message.body
        )
        self.assertIn(f"{order.name}.pdf", story.attachment_ids.mapped("name"))
        self.assertEqual(self.work.estimate_state, "agreed")
        # Pressed twice: the first time stays.
        with freeze_time(TODAY + timedelta(minutes=1)):
            self.own.action_sign_estimate(INK, "Wang Jianguo")
        self.assertEqual(order.signed_on, TODAY)
        with self.assertRaises(AccessError):
            order.with_user(self.technician).read(["name"])

    def test_signature_needs_somebody_on_site_and_what_he_saw(self):
        self.own.action_estimate_on_site()
        with self.assertRaisesRegex(UserError, "signs on site"):
            self.own.action_sign_estimate(INK, "Wang")
        self._arrive()
        for ink, name in ((False, "Wang"), (INK, " ")):
            with self.assertRaisesRegex(UserError, "Let the customer sign"):
                self.own.action_sign_estimate(ink, name)
        self.work.quantity = 3
        with self.assertRaisesRegex(UserError, "has changed"):
            self.own.action_sign_estimate(INK, "Wang", 226)
        self.own.action_sign_estimate(INK, "Wang", 339)

    def test_extra_work_is_a_second_order(self):
        first = self._agreed()
        extra = self._add(self.way, kind="travel")
        self.assertTrue(self.own.can_estimate_on_site)
        self.own.action_estimate_on_site()
        self.own.action_estimate_on_site()  # not made twice
        second = self.ticket.sudo().sale_ids - first
        self.assertEqual(second.order_line.aftersales_ticket_line_id, extra)
        self.own.action_sign_estimate(INK, "Wang Jianguo")
        self.assertEqual(second.state, "sale")

    def test_word_by_phone(self):
        self.own.action_estimate_on_site()
        with self.assertRaisesRegex(UserError, "who answered"):
            self.own.action_note_consent("Wang", " ")
        self.own.action_note_consent("Mr Wang", "138…, 10:30, agrees")
        order = self.ticket.sudo().sale_ids
        self.assertEqual(
            (order.state, order.aftersales_consent_by), ("sale", "Mr Wang")
        )
        self.assertEqual(order.aftersales_consent_on, TODAY)
        self.assertIn(self.technician.name, "".join(order.message_ids.mapped("body")))

    def test_refusal(self):
        self._arrive()
        self.own.action_estimate_on_site()
        self.own.action_note_refusal("Mr Wang", "Too dear")
        order = self.ticket.sudo().sale_ids
        self.assertEqual(order.state, "cancel")
        self.work.action_skip()
        self._finish()
        self.assertEqual(self.dispatch.state, "done")

    def test_low_price_needs_the_general_manager(self):
        self.work.price_unit = 80
        self._arrive()
        self.own.action_estimate_on_site()
        with self.assertRaisesRegex(UserError, "below the service price list"):
            self.own.action_sign_estimate(INK, "Wang")

    def test_no_finish_without_consent(self):
        """R27: work that the customer pays for has his consent."""
        self._arrive()
        self.work.action_use()
        self.own.hazard_look = "none"
        with self.assertRaisesRegex(UserError, "consent: he pays for Work"):
            self.own.action_finish()
        self.own.action_estimate_on_site()
        self.own.action_sign_estimate(INK, "Wang")
        self.own.action_finish()

    def test_free_work_needs_no_consent(self):
        self._arrive()
        self.work.price_unit = 0
        self._finish()
        self.assertEqual(self.dispatch.state, "done")

    # ------------------------------------------------------------
    # COLLECTION
    # ------------------------------------------------------------

    def test_collected_until_handed_in(self):
        """R26: a draft payment, open until accounting confirms it."""
        order = self._agreed()
        self.assertEqual(self.own.amount_due, 226)
        self.own.action_collect(226, key="one")
        self.own.action_collect(226, key="one")
        payment = self._payments()
        self.assertEqual(len(payment), 1)
        self.assertEqual(
            (
                payment.state,
                payment.amount,
                payment.partner_id,
                payment.journal_id.type,
            ),
            ("draft", 226, self.farmer, "cash"),
        )
        self.assertRegex(payment.aftersales_receipt, r"^CR/2026/\d{5}$")
        self.assertEqual(payment.aftersales_technician_id, self.chen)
        self.assertIn(order.name, payment.memo)
        row = self.own.collection_ids
        self.assertEqual((row.state, row.amount), ("open", 226))
        with self.assertRaisesRegex(UserError, "owes nothing"):
            self.own.action_collect(1)
        self._finish()
        receipt, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "aftersales_service.report_aftersales_dispatch_receipt", self.dispatch.ids
        )
        self.assertIn(payment.aftersales_receipt, receipt.decode())
        self._run()
        invoice = order.invoice_ids
        invoice.with_user(self.accountant).action_post()
        payment.with_user(self.accountant).action_post()
        row.invalidate_recordset()
        self.assertEqual(row.state, "handed_in")
        self.assertTrue(payment.aftersales_handed_in)
        self.assertEqual(payment.aftersales_handed_in_by_id, self.accountant)
        # Accounting reconciles it as any payment.
        credit = payment.move_id.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        invoice.with_user(self.accountant).js_assign_outstanding_line(credit.id)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertFalse(self.ticket._get_owed()[order.currency_id])

    def test_amounts_that_are_not_collected(self):
        self._agreed()
        for amount in (0, -5, 0.001):
            with self.assertRaisesRegex(UserError, "above zero"):
                self.own.action_collect(amount)
        with self.assertRaisesRegex(UserError, "more than that"):
            self.own.action_collect(226.01)
        with self.assertRaisesRegex(UserError, "no journal"):
            self.own.action_collect(5, "mobile")
        with self.assertRaisesRegex(UserError, "in cash or"):
            self.own.action_collect(5, "gold")
        self.company.aftersales_collection_limit = 200
        self.own.action_collect(150)
        with self.assertRaisesRegex(UserError, "invoiced the same day"):
            self.own.action_collect(60)
        self.assertEqual(self.own.amount_due, 76)

    def test_who_collects(self):
        self._agreed()
        other = self._assigned(
            technician=self.zhou, start=TODAY + timedelta(hours=5), ticket=None
        )
        with self.assertRaises(AccessError):
            other.with_user(self.technician).action_collect(5)
        for user in (self.accountant, self.employee, self.salesman):
            with self.assertRaises(AccessError):
                self.dispatch.with_user(user).action_collect(5)
        with self.assertRaises(AccessError):
            self.env["account.payment"].with_user(self.technician).create({"amount": 5})
        foreign = self.env["res.company"].create({"name": "Other Works"})
        self.technician.write(
            {"company_ids": [Command.set(foreign.ids)], "company_id": foreign.id}
        )
        with self.assertRaises(AccessError):
            self.own.with_context(allowed_company_ids=foreign.ids).action_collect(5)

    def test_when_nothing_is_collected(self):
        with self.assertRaisesRegex(UserError, "collects money on site"):
            self.own.action_collect(5)
        self._arrive()
        with self.assertRaisesRegex(UserError, "owes nothing"):
            self.own.action_collect(5)
        self.own.action_estimate_on_site()
        self.own.action_sign_estimate(INK, "Wang")
        self._finish()
        self.ticket.with_user(self.agent).action_close()
        with self.assertRaisesRegex(UserError, "collects money on site"):
            self.own.action_collect(5)

    def test_collected_money_is_cancelled_with_a_reason(self):
        self._agreed()
        self.own.action_collect(100)
        payment, row = self._payments(), self.own.collection_ids
        books = payment.with_user(self.accountant)
        with self.assertRaisesRegex(UserError, "has a receipt"):
            books.unlink()
        with self.assertRaisesRegex(UserError, "has a receipt"):
            books.amount = 50
        with self.assertRaisesRegex(UserError, "cannot be typed"):
            books.aftersales_technician_id = self.zhou
        with self.assertRaisesRegex(UserError, "Say why"):
            books.action_cancel()
        with self.assertRaisesRegex(UserError, "Say why"):
            row.action_cancel(" ")
        row.action_cancel("Noted twice")
        self.assertEqual((payment.state, row.state), ("canceled", "cancelled"))
        self.assertEqual(payment.aftersales_cancelled_by_id, self.technician)
        self.assertEqual(self.own.amount_due, 226)
        self.own.action_collect(90)
        second = self.own.collection_ids - row
        self._finish()
        with self.assertRaisesRegex(UserError, "afterwards by the supervisor"):
            second.action_cancel("Later")
        second.with_user(self.supervisor).action_cancel("Given back")
        self.assertEqual(second.state, "cancelled")

    def test_rows_of_the_list(self):
        self._agreed()
        self.own.action_collect(100)
        Row = self.env["aftersales.collection"]
        for user, count in (
            (self.technician, 1),
            (self.agent, 1),
            (self.supervisor, 1),
        ):
            self.assertEqual(Row.with_user(user).search_count([]), count)
        with self.assertRaises(AccessError):
            Row.with_user(self.employee).search([])
        groups = Row.with_user(self.supervisor).formatted_read_group(
            [("state", "=", "open")], ["technician_id"], ["amount_company:sum"]
        )
        self.assertEqual(groups[0]["amount_company:sum"], 100)
        payments = self.env["account.payment"].with_user(self.accountant)
        payments.formatted_read_group(
            [("aftersales_dispatch_id", "!=", False)],
            ["aftersales_technician_id"],
            ["amount_company_currency_signed:sum"],
        )
        self.assertEqual(
            payments.search([("aftersales_handed_in", "=", False)])
            & (self._payments()),
            self._payments(),
        )

    def test_supervisor_is_reminded(self):
        self.ticket.team_id.sudo().supervisor_id = self.supervisor
        self._agreed()
        self.own.action_collect(100)
        Payment = self.env["account.payment"]

        def due():
            return Payment.search(Payment._aftersales_get_overdue_domain(self.company))

        self.assertFalse(due())
        Contract = self.env["aftersales.contract"]
        with freeze_time(TODAY + timedelta(days=3)):
            self.assertEqual(due(), self._payments())
            for model, domain, method in Contract._get_date_jobs():
                if model._name == "account.payment":
                    getattr(model.search(domain), method)()
            self.assertFalse(due())
        todo = self.dispatch.sudo().activity_ids.filtered(
            lambda activity: activity.user_id == self.supervisor
        )
        self.assertIn("Chen Gang has not handed in", todo.summary)
        self._payments().with_user(self.accountant).action_post()
        self.assertFalse(todo.exists().filtered("active"))

    # ------------------------------------------------------------
    # INVOICE
    # ------------------------------------------------------------

    def test_invoiced_the_same_day(self):
        """R26: drafted by the visit, posted by accounting."""
        order = self._agreed()
        self._finish()
        self.assertEqual(order.order_line.qty_delivered, 2)
        late = self.env["aftersales.dispatch"].with_user(self.supervisor)
        self.assertEqual(late.search([("invoice_open", "=", True)]), self.dispatch)
        self._run()
        self._run()
        invoice = order.invoice_ids
        self.assertEqual((invoice.state, invoice.amount_total), ("draft", 226))
        todo = invoice.activity_ids
        self.assertEqual(
            (todo.user_id, todo.date_deadline),
            (self.company._aftersales_poster(), self.company._aftersales_today()),
        )
        self.assertFalse(late.search([("invoice_open", "=", True)]))
        with self.assertRaises(AccessError):
            invoice.with_user(self.supervisor).read(["name"])
        self.assertTrue(self.dispatch.with_user(self.supervisor).invoice_text)

    def test_work_not_needed_is_not_charged(self):
        self._add(self.way, kind="travel")
        order = self._agreed()
        self.own.line_ids[-1].action_skip()
        self.assertEqual(self.own.amount_due, 226)
        self._finish()
        self._run()
        self.assertEqual(order.invoice_ids.amount_total, 226)

    def test_part_not_needed_is_not_charged(self):
        part = self.env["product.product"].create(
            {"name": "Belt", "type": "consu", "list_price": 80, "taxes_id": False}
        )
        line = self._add(part, kind="part")
        order = self._agreed()
        offer = order.order_line.filtered(lambda offer: offer.product_id == part)
        self.assertEqual(self.own.amount_due, 306)
        line.action_skip()
        self.assertEqual((offer.product_uom_qty, offer.qty_to_invoice), (0, 0))
        self._finish()
        self._run()
        self.assertEqual(order.invoice_ids.amount_total, 226)

    def test_item_in_the_workshop_is_invoiced_at_hand_back(self):
        order = self._agreed()
        custody = self.env["aftersales.custody"].create(
            {"ticket_id": self.ticket.id, "date_in": TODAY}
        )
        self._finish()
        self._run()
        self.assertFalse(order.invoice_ids)
        custody.write({"date_out": TODAY})
        self._run()
        self.assertTrue(order.invoice_ids)

    def test_lines_of_other_visits_wait(self):
        later = self._assigned(start=TODAY + timedelta(days=1), ticket=self.ticket)
        self._add(self.way, kind="travel", dispatch=later)
        order = self._agreed()
        self.own.result = "follow_up"
        self._finish()
        by_product = {line.product_id: line for line in order.order_line}
        self.assertEqual(by_product[self.hours].qty_delivered, 2)
        self.assertEqual(by_product[self.way].qty_delivered, 0)
        self._run()
        self.assertFalse(order.invoice_ids)
        with freeze_time(TODAY + timedelta(days=1)):
            own = later.with_user(self.technician)
            own.action_arrive()
            own.line_ids.action_use()
            own.hazard_look = "none"
            own.action_finish()
            self._run()
        self.assertAlmostEqual(order.invoice_ids.amount_total, 282.5)

    def test_covered_work_has_no_invoice(self):
        self.work.with_user(self.supervisor).action_override("goodwill", "Loyal")
        order = self._agreed()
        self._finish()
        self._run()
        self.assertFalse(order.invoice_ids)
        self.assertTrue(self.dispatch.sudo().invoice_settled)

    def test_one_that_cannot_be_invoiced_says_why(self):
        order = self._agreed()
        self._finish()
        order.company_id.account_sale_tax_id = False
        with patch.object(
            type(order), "_create_invoices", side_effect=UserError("No journal")
        ):
            self._run()
        visit = self.dispatch.with_user(self.supervisor)
        self.assertEqual(visit.invoice_obstacle, "No journal")
        self._run()
        self.assertTrue(order.invoice_ids)
        self.assertFalse(visit.invoice_obstacle)

    # ------------------------------------------------------------
    # COST
    # ------------------------------------------------------------

    def test_cost_of_the_visit_is_for_supervisors(self):
        self.work.with_user(self.supervisor).action_override(
            "goodwill", "Loyal", [50, 50, 0]
        )
        self._agreed()
        self._finish()
        lead = self.dispatch.with_user(self.supervisor)
        self.assertEqual((lead.cost_total, lead.cost_company), (80, 40))
        self.assertEqual((lead.amount_customer, lead.amount_company), (100, 100))
        for field in ("cost_total", "cost_company"):
            with self.assertRaises(AccessError):
                self.own.read([field])

    # ------------------------------------------------------------
    # QUERIES
    # ------------------------------------------------------------

    def _visits_to_finish(self, count):
        """Return visits at their end, each with work that the customer agreed to."""
        tickets = self.env["aftersales.ticket"].create(
            [
                {
                    "symptom": "Noise",
                    "partner_id": self.farmer.id,
                    "service_mode": "onsite",
                    "line_ids": [
                        Command.create(
                            {"kind": "travel", "product_id": self.way.id, "quantity": 1}
                        )
                    ],
                }
                for _number in range(count)
            ]
        )
        tickets.action_estimate()
        tickets.sudo().sale_ids.action_confirm()
        visits = self.env["aftersales.dispatch"].create(
            [
                {
                    "ticket_id": ticket.id,
                    "technician_id": self.chen.id,
                    "date_start": TODAY,
                }
                for ticket in tickets
            ]
        )
        tickets.line_ids.write({"state": "used"})
        visits._step({"state": "on_site", "assign_date": TODAY, "arrive_date": TODAY})
        return visits

    def _count(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.env.cr.sql_log_count - start

    def test_costs_of_one_and_of_fifty(self):
        """What money hangs on a visit costs the same for one and for fifty."""
        visits = {count: self._visits_to_finish(count) for count in (1, 50)}
        checks = {
            count: self._count(lambda found=found: found.mapped("unagreed_line_ids"))
            for count, found in visits.items()
        }
        self.assertLessEqual(checks[50], checks[1] + 2, checks)
        lists = {}
        for count, found in visits.items():
            found.sudo()._step({"state": "done", "finish_date": TODAY})
            seen = found.with_user(self.supervisor)
            fields_shown = ["amount_customer", "amount_company", "cost_company"]
            fields_shown += ["invoice_text", "invoice_open"]
            lists[count] = self._count(
                lambda seen=seen, names=fields_shown: seen.read(names)
            )
        self.assertLessEqual(lists[50], lists[1] + 2, lists)
        runs = {
            count: self._count(found.with_user(self.env.uid)._draft_invoices)
            for count, found in visits.items()
        }
        self.assertLess(runs[50] / 50, runs[1] / 4, runs)
