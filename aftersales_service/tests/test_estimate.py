from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .estimate_common import EstimateCommon


@tagged("post_install", "-at_install")
class TestEstimate(EstimateCommon):
    """Proves R26, R27: price and consent before the work, again for extra work."""

    # ------------------------------------------------------------
    # OFFER
    # ------------------------------------------------------------

    def test_the_desk_estimates_without_rights_on_sales(self):
        ticket = self.ticket.with_user(self.agent)
        self.assertTrue(ticket.can_estimate)
        with self.assertRaises(AccessError):
            self.env["sale.order"].with_user(self.agent).search([])
        order = self._estimate()
        self.assertEqual(order.aftersales_ticket_id, self.ticket)
        self.assertEqual(self.ticket.order_ids, order)
        self.assertEqual(order.partner_id, self.farmer)
        self.assertEqual(order.state, "draft")
        # The desk sees the result, links included, and no order.
        self.env.invalidate_all()
        self.assertEqual(ticket.read(["order_ids"])[0]["order_ids"], order.ids)
        self.assertEqual(ticket.order_id.id, order.id)
        row = ticket.estimate_ids
        self.assertEqual((row.name, row.amount_untaxed), (order.name, 500))
        self.assertFalse(ticket.can_estimate)
        with self.assertRaisesRegex(UserError, "no other estimate"):
            ticket.action_estimate()

    def test_covered_lines_cost_nothing_and_say_why(self):
        order = self._estimate()
        covered, paid = self._offer(self.covered), self._offer(self.paid)
        self.assertEqual(
            (covered.price_unit, covered.discount, covered.price_subtotal),
            (200, 100, 0),
        )
        self.assertIn("Covered: Main Parts until", covered.name)
        self.assertEqual((paid.product_uom_qty, paid.price_subtotal), (2, 400))
        self.assertIn("Wear Parts not covered", paid.name)
        self.assertEqual(order.amount_untaxed, self.ticket.amount_customer)

    def test_reason_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.farmer.lang = "fr_FR"
        self.wear.with_context(lang="fr_FR").name = "Pièces d'usure"
        self.belt.with_context(lang="fr_FR").name = "Courroie"
        self._estimate()
        name = self._offer(self.paid).name
        self.assertIn("Courroie", name)
        self.assertIn("Pièces d'usure", name)
        self.assertNotIn("V-belt", name)

    def test_finding_is_shown_to_the_customer(self):
        """E11: a refusal shows our expert finding."""
        order = self._estimate()
        self.assertFalse(order.order_line.filtered("display_type"))
        self.ticket.write(
            {"exclusion_id": self.misuse.id, "finding": "Seal cut with a knife"}
        )
        note = order.order_line.filtered("display_type")
        self.assertIn("Seal cut with a knife", note.name)
        self.ticket.finding = "Seal cut with a saw"
        self.assertIn("saw", note.name)
        self.ticket.exclusion_id = False
        self.assertFalse(order.order_line.filtered("display_type"))

    def test_labour_without_product(self):
        """Labour, travel and fees are invoiced as the product made for them."""
        hours = self.env["aftersales.ticket.line"].create(
            {
                "ticket_id": self.ticket.id,
                "kind": "labour",
                "quantity": 2,
                "price_unit": 90,
            }
        )
        product = self.env.ref("aftersales_service.product_product_labour")
        self.assertEqual((hours.product_id, hours.price_unit), (product, 90))
        self._estimate()
        offer = self._offer(hours)
        self.assertEqual(offer.product_id, product)
        self.assertEqual(offer.price_unit, 90)

    def test_line_without_product_is_refused_with_its_name(self):
        self._line(self.ticket, kind="part", name="Odd bolt")
        with self.assertRaisesRegex(UserError, "Odd bolt"):
            self._estimate()

    def test_ticket_without_customer(self):
        ticket = self._ticket(partner_id=False, partner_name="A caller")
        self._line(ticket, self.belt)
        with self.assertRaisesRegex(UserError, "who the customer is"):
            self._estimate(ticket)

    def test_who_may_not(self):
        self.ticket.user_id = self.technician
        with self.assertRaises(UserError):
            self._estimate(user=self.technician)
        with self.assertRaises(AccessError):
            self._estimate(user=self.employee)
        self.ticket.action_cancel("Not needed")
        with self.assertRaises(UserError):
            self._estimate()

    def test_prices_of_the_service_list(self):
        """R26: the company's service list, in its currency; the store's for stores."""
        self.env.ref("base.group_user").write(
            {
                "implied_ids": [
                    Command.link(self.env.ref("product.group_product_pricelist").id)
                ]
            }
        )
        self.company.aftersales_pricelist_id = self._pricelist("Service", 150)
        ticket = self._ticket(equipment_id=self.unit.id)
        line = self._line(ticket, self.belt)
        self.assertEqual((line.price_unit, line.price_list), (150, 150))
        self.assertEqual(self._offer_of(ticket, line).price_unit, 150)
        self.unit._by_method().dealer_id = self.dealer
        self.dealer.property_product_pricelist = self._pricelist("Store", 120)
        ticket = self._ticket(equipment_id=self.unit.id, for_store=True)
        self.assertEqual(self._line(ticket, self.belt).price_unit, 120)

    def test_customer_with_a_list_in_another_currency(self):
        self.env.ref("base.group_user").write(
            {
                "implied_ids": [
                    Command.link(self.env.ref("product.group_product_pricelist").id)
                ]
            }
        )
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {
                "currency_id": euro.id,
                "company_id": self.company.id,
                "name": "2020-01-01",
                "rate": 0.5,
            }
        )
        self.farmer.property_product_pricelist = self._pricelist("Euro", 90, euro)
        ticket = self._ticket(equipment_id=self.unit.id)
        line = self._line(ticket, self.belt)
        # The ticket reckons in the company's money, the customer reads his own.
        self.assertEqual(line.price_unit, 180)
        offer = self._offer_of(ticket, line)
        self.assertEqual((offer.currency_id, offer.price_unit), (euro, 90))
        self.assertFalse(offer.order_id.aftersales_needs_approval)

    def _pricelist(self, name, price, currency=None):
        return self.env["product.pricelist"].create(
            {
                "name": name,
                "currency_id": (currency or self.company.currency_id).id,
                "company_id": self.company.id,
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "0_product_variant",
                            "product_id": self.belt.id,
                            "compute_price": "fixed",
                            "fixed_price": price,
                        }
                    )
                ],
            }
        )

    def _offer_of(self, ticket, line):
        self._estimate(ticket)
        return self._offer(line)

    # ------------------------------------------------------------
    # FOLLOWING
    # ------------------------------------------------------------

    def test_open_estimate_follows_the_decision(self):
        order = self._estimate()
        offer = self._offer(self.covered)
        self.ticket.exclusion_id = self.misuse
        self.assertEqual((offer.discount, offer.price_subtotal), (0, 200))
        self.assertIn("wrong use", offer.name)
        self.covered.with_user(self.supervisor).action_override(
            "goodwill", "Loyal", [70, 30, 0]
        )
        self.assertEqual((offer.discount, offer.price_subtotal), (70, 60))
        self.assertIn("Goodwill: Loyal", offer.name)
        self.paid.with_user(self.agent).quantity = 3
        offer = self._offer(self.paid)
        self.assertEqual((offer.product_uom_qty, offer.price_subtotal), (3, 600))
        self.work.with_user(self.agent).unlink()
        self.assertEqual(len(order.order_line), 2)
        self.paid.with_user(self.agent).action_skip()
        self.assertEqual(order.order_line.aftersales_ticket_line_id, self.covered)

    def test_sales_cannot_turn_who_pays(self):
        """A new quantity or "Update Prices" does not charge what is covered."""
        order = self._estimate()
        offer = self._offer(self.covered)
        offer.product_uom_qty = 3
        self.assertEqual((offer.discount, offer.price_unit), (100, 200))
        order.action_update_prices()
        self.assertEqual((offer.discount, offer.price_unit), (100, 200))
        with self.assertRaises(UserError):
            offer.with_user(self.salesman).aftersales_ticket_line_id = self.paid
        with self.assertRaises(UserError):
            self.env["sale.order.line"].create(
                {
                    "order_id": order.id,
                    "product_id": self.belt.id,
                    "aftersales_ticket_line_id": self.paid.id,
                }
            )

    # ------------------------------------------------------------
    # ANSWER
    # ------------------------------------------------------------

    def test_sending_waits_and_consent_resumes(self):
        self.ticket.action_open()
        order = self._estimate()
        self._shown(order).action_send()
        self.assertEqual(order.state, "sent")
        self.assertIn(self.farmer, order.message_ids.notified_partner_ids)
        self.assertEqual(
            (self.ticket.state, self.ticket.waiting_reason), ("waiting", "customer")
        )
        self.assertTrue(self.ticket.needs_consent)
        ticket = self.ticket.with_user(self.agent)
        for by, note in (("", "on the phone"), ("Wang", " ")):
            with self.assertRaisesRegex(UserError, "who answered"):
                ticket.action_note_consent(by, note)
        ticket.action_note_consent("Mr Wang", "called back 10:30, agrees")
        self.assertEqual((order.state, self.ticket.state), ("sale", "open"))
        self.assertEqual(order.aftersales_consent_by, "Mr Wang")
        bodies = "".join(order.message_ids.mapped("body"))
        self.assertIn("called back 10:30", bodies)
        self.assertFalse(self.ticket.needs_consent)
        with self.assertRaisesRegex(UserError, "No estimate waits"):
            ticket.action_note_consent("Mr Wang", "again")

    def test_customer_without_address(self):
        self.farmer.email = False
        order = self._estimate()
        with self.assertRaisesRegex(UserError, "no email address"):
            self._shown(order).action_send()
        self._shown(order).action_mark_sent()
        self.assertEqual(self.ticket.waiting_reason, "customer")

    def test_refusal_returns_the_ticket(self):
        order = self._estimate()
        order.action_quotation_sent()
        self.ticket.with_user(self.agent).action_note_refusal("Mr Wang", "Too dear")
        self.assertEqual((order.state, self.ticket.state), ("cancel", "open"))
        activity = self.ticket.activity_ids
        self.assertEqual(activity.user_id, self.agent)
        self.assertIn("Too dear", activity.note)
        self.assertFalse(self.ticket.order_id)
        # Another try is possible.
        again = self._estimate()
        self.assertNotEqual(again, order)
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            order.action_draft()

    def test_refusal_reaches_the_supervisor_when_nobody_has_the_ticket(self):
        self.ticket.user_id = False
        self.team.supervisor_id = self.supervisor
        order = self._estimate()
        order.with_user(self.salesman).sudo().action_cancel()
        self.assertEqual(self.ticket.activity_ids.user_id, self.supervisor)

    def test_cancelled_ticket_takes_its_open_estimate_along(self):
        order = self._estimate()
        self.ticket.action_cancel("Customer bought a new one")
        self.assertEqual(order.state, "cancel")
        self.assertFalse(self.ticket.activity_ids)

    # ------------------------------------------------------------
    # CONSENT
    # ------------------------------------------------------------

    def test_extra_work_is_a_second_order_with_its_own_consent(self):
        first = self._estimate()
        first.action_confirm()
        self.assertFalse(self.ticket.can_estimate)
        extra = self._line(self.ticket.with_user(self.agent), self.belt)
        self.assertTrue(self.ticket.with_user(self.agent).can_estimate)
        self.assertTrue(self.ticket.needs_consent)
        second = self._estimate()
        self.assertEqual(second.order_line.aftersales_ticket_line_id, extra)
        self.assertEqual(self.ticket.order_ids, first | second)
        self.assertEqual(self.ticket.order_id, second)
        self.assertEqual((first.state, second.state), ("sale", "draft"))

    def test_agreed_lines_do_not_change(self):
        self._estimate().action_confirm()
        for user in (self.agent, self.supervisor):
            for vals in (
                {"quantity": 3},
                {"price_unit": 250},
                {"kind": "fee"},
                {"product_id": self.panel.id},
            ):
                with (
                    self.subTest(user=user.login, vals=vals),
                    self.assertRaisesRegex(UserError, "extra work is a new line"),
                ):
                    self.paid.with_user(user).write(vals)
        with self.assertRaisesRegex(UserError, "extra work is a new line"):
            self.paid.with_user(self.agent).unlink()
        # What changes nothing is nobody's business.
        self.paid.with_user(self.agent).write({"quantity": 2, "sequence": 5})

    def test_agreed_lines_are_not_decided_anew(self):
        self._estimate().action_confirm()
        self.ticket.exclusion_id = self.misuse
        self.assertEqual(self.covered.coverage, "warranty")
        late = self._line(self.ticket, self.frame_part)
        self.assertEqual(late.coverage, "customer")

    def test_after_the_consent_only_in_favour_of_the_customer(self):
        self._estimate().action_confirm()
        line = self.covered.with_user(self.supervisor)
        with self.assertRaises(UserError):
            line.action_override("customer", "Changed our mind")
        self.assertEqual(line.coverage, "warranty")
        line = self.paid.with_user(self.supervisor)
        line.action_override("goodwill", "Waited too long", [50, 50, 0])
        self.assertEqual(self._offer(self.paid).discount, 50)
        self.assertIn("Waited too long", self._offer(self.paid).name)
        with self.assertRaises(UserError):
            line.action_follow_rules()

    # ------------------------------------------------------------
    # DELIVERY AND INVOICE
    # ------------------------------------------------------------

    def test_work_done_is_delivered_and_invoiced(self):
        order = self._estimate()
        self.ticket.user_id = self.technician
        self.work.with_user(self.technician).action_use()
        self.assertFalse(self._offer(self.work).qty_delivered)
        order.action_confirm()
        # Done before the consent was noted: delivered with the consent.
        self.assertEqual(self._offer(self.work).qty_delivered, 1)
        self.work.with_user(self.supervisor).action_skip()
        self.assertEqual(self._offer(self.work).qty_delivered, 0)
        self.work.with_user(self.supervisor).action_use()
        (self.paid | self.covered).with_user(self.technician).action_use()
        # Goods are delivered by the order's own transfer.
        self.assertFalse(self._offer(self.paid).qty_delivered)
        self._deliver(order)
        self.assertEqual(self._offer(self.paid).qty_delivered, 2)
        invoice = order.with_user(self.accountant)._create_invoices()
        invoice.action_post()
        self.assertEqual(invoice.amount_untaxed, 500)
        lines = {line.product_id: line for line in invoice.invoice_line_ids}
        covered = lines[self.frame_part]
        self.assertEqual((covered.discount, covered.price_subtotal), (100, 0))
        self.assertIn("Covered: Main Parts", covered.name)
        self.assertEqual(self.paid.with_user(self.agent).estimate_state, "invoiced")
        with self.assertRaisesRegex(UserError, "credit note"):
            self.paid.with_user(self.supervisor).action_override("goodwill", "Late")

    def test_closing_delivers_nothing_that_was_not_done(self):
        order = self._estimate()
        order.action_confirm()
        self.work.action_use()
        self.ticket.action_solve()
        self.ticket.action_close()
        self.assertEqual(self.paid.state, "unused")
        self.assertEqual(self._offer(self.work).qty_delivered, 1)

    # ------------------------------------------------------------
    # SALES
    # ------------------------------------------------------------

    def test_salesman_follows_the_ticket_of_his_estimate(self):
        order = self._estimate()
        with self.assertRaises(AccessError):
            self.ticket.with_user(self._colleague()).read(["symptom"])
        order.user_id = colleague = self._colleague()
        self.env.invalidate_all()
        seen = order.with_user(colleague)
        self.assertEqual(seen.aftersales_ticket_id.symptom, "Does not start")
        self.assertEqual(seen.aftersales_net_amount, 500)
        action = seen.action_view_aftersales_estimate_ticket()
        self.assertEqual(action["res_id"], self.ticket.id)
        with self.assertRaises(AccessError):
            self.ticket.with_user(colleague).symptom = "x"

    def _colleague(self):
        user = self.env["res.users"].search([("login", "=", "colleague")])
        return user or self._user("colleague", "sales_team.group_sale_salesman")

    def test_foreign_estimates_are_not_answered(self):
        order = self._estimate()
        shown = self.env["aftersales.estimate"].browse(order.id)
        for user in (self.employee, self.technician, self.salesman):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                shown.with_user(user).action_note_consent("Wang", "said so")
        self.assertEqual(order.state, "draft")

    # ------------------------------------------------------------
    # QUERIES
    # ------------------------------------------------------------

    def _count(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.env.cr.sql_log_count - start

    def _queries_of(self, count):
        """Return what an estimate costs beyond an order that sales types."""
        vals = {"product_id": self.belt.id, "price_unit": 100}
        ticket = self._ticket(equipment_id=self.unit.id)
        self.env["aftersales.ticket.line"].create(
            [{"ticket_id": ticket.id, "kind": "part", **vals}] * count
        )
        order_vals = {
            "partner_id": self.farmer.id,
            "order_line": [Command.create(vals)] * count,
        }
        host = self._count(lambda: self.env["sale.order"].create(order_vals))
        return self._count(ticket.with_user(self.agent).action_estimate) - host

    def test_estimate_of_one_line_and_of_fifty(self):
        self._queries_of(1)
        self.assertLessEqual(self._queries_of(50), self._queries_of(1) + 2)

    def test_redeciding_fifty_lines_of_an_open_estimate(self):
        costs = []
        for count in (1, 1, 50):
            ticket = self._ticket(equipment_id=self.unit.id)
            vals = {"ticket_id": ticket.id, "product_id": self.frame_part.id}
            self.env["aftersales.ticket.line"].create([vals] * count)
            self._estimate(ticket)
            costs.append(
                self._count(
                    lambda ticket=ticket: ticket.write({"exclusion_id": self.misuse.id})
                )
            )
        self.assertLessEqual(costs[2], costs[1] + 5)
