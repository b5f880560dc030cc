from odoo.exceptions import UserError
from odoo.tests import tagged

from .estimate_common import EstimateCommon


@tagged("post_install", "-at_install")
class TestThirdParty(EstimateCommon):
    """Proves R21, R84: who else bears a share is billed; the maker's promise applies."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Partner = cls.env["res.partner"]
        cls.builder = Partner.create({"name": "Builder", "email": "b@example.com"})
        cls.carrier = Partner.create({"name": "Carrier"})
        cls.maker = Partner.create({"name": "Motor Works", "email": "m@example.com"})

    def _share(self, line, partner, shares):
        line.with_user(self.supervisor).action_override(
            "customer", "Agreed on the spot", shares, third_party_id=partner.id
        )

    # ------------------------------------------------------------
    # SHARES
    # ------------------------------------------------------------

    def test_everybody_gets_his_part(self):
        order = self._estimate()
        self._share(self.paid, self.builder, [30, 50, 20])
        self._share(self.work, self.carrier, [0, 0, 100])
        self.assertEqual(self._offer(self.paid).price_subtotal, 200)
        self.assertEqual(self._offer(self.work).price_subtotal, 0)
        self.assertIn("Agreed on the spot", self._offer(self.paid).name)
        self.assertEqual(order.amount_untaxed, 200)
        self.assertFalse(order.aftersales_needs_approval)
        ticket = self.ticket.with_user(self.agent)
        ticket.action_bill_third_party()
        bills = self.ticket.order_ids - order
        self.assertEqual(
            {bill.partner_id: bill.amount_untaxed for bill in bills},
            {self.builder: 80, self.carrier: 100},
        )
        self.assertEqual(set(bills.mapped("state")), {"draft"})
        self.assertEqual(
            bills.order_line.aftersales_ticket_line_id, self.paid | self.work
        )
        # The part itself goes to the customer, not to who shares its cost.
        self.assertEqual(set(bills.order_line.product_id.mapped("type")), {"service"})
        self.assertEqual(self.ticket.order_id, order)
        self.assertFalse(ticket.can_bill_third_party)
        with self.assertRaisesRegex(UserError, "no bill of yet"):
            ticket.action_bill_third_party()

    def test_bill_follows_the_shares_until_it_is_confirmed(self):
        self._share(self.paid, self.builder, [30, 50, 20])
        self.ticket.with_user(self.agent).action_bill_third_party()
        bill = self.ticket.order_ids
        self._share(self.paid, self.builder, [20, 50, 30])
        self.assertEqual(bill.amount_untaxed, 120)
        self.assertIn("30 %", bill.order_line.name)
        self._share(self.paid, self.carrier, [20, 50, 30])
        self.assertFalse(bill.order_line)

    def test_bill_is_delivered_by_the_work_and_invoiced(self):
        self._share(self.paid, self.builder, [30, 50, 20])
        self.ticket.with_user(self.agent).action_bill_third_party()
        bill = self.ticket.order_ids
        bill.action_confirm()
        self.assertFalse(bill.picking_ids)
        self.assertFalse(bill.order_line.qty_delivered)
        # The customer's ticket does not wait for the third party.
        self.assertEqual(self.ticket.state, "new")
        self.paid.with_user(self.agent).action_use()
        self.assertEqual(bill.order_line.qty_delivered, 1)
        invoice = bill.with_user(self.accountant)._create_invoices()
        self.assertEqual(invoice.amount_untaxed, 80)
        self.assertEqual(invoice.partner_id, self.builder)

    def test_third_party_refusing_is_not_the_customers_refusal(self):
        self.ticket.action_open()
        self._share(self.paid, self.builder, [30, 50, 20])
        self.ticket.with_user(self.agent).action_bill_third_party()
        bill = self.ticket.order_ids
        bill._action_cancel()
        self.assertFalse(self.ticket.activity_ids)
        self.assertTrue(self.ticket.with_user(self.agent).can_bill_third_party)
        row = self._shown(bill)
        with self.assertRaises(UserError):
            row.action_note_consent("Builder", "yes")

    # ------------------------------------------------------------
    # MAKER
    # ------------------------------------------------------------

    def _foreign(self):
        """Return a ticket for goods of another maker."""
        self.harvester.write(
            {
                "aftersales_maker_id": self.maker.id,
                "aftersales_maker_promise": "Two years, 400 800 1234",
            }
        )
        return self._ticket(equipment_id=self.unit.id)

    def test_the_makers_promise_is_shown_and_our_help_is_paid(self):
        ticket = self._foreign().with_user(self.agent)
        self.assertEqual(ticket.maker_id, self.maker)
        self.assertEqual(ticket.maker_promise, "Two years, 400 800 1234")
        line = self._line(ticket, self.panel)
        self.assertEqual(
            (line.coverage, line.coverage_code), ("customer", "third_party")
        )
        self.assertIn("Motor Works", line.coverage_reason)
        self.assertFalse(self.ticket.copy().maker_date)

    def test_job_is_sent_to_the_maker_once(self):
        ticket = self._foreign().with_user(self.agent)
        ticket.site_id = self.farmer
        self.farmer.street = "Field Road 7"
        ticket.action_route_to_maker()
        self.assertEqual((ticket.state, ticket.waiting_reason), ("waiting", "supplier"))
        mail = ticket.message_ids.filtered(
            lambda message: self.maker in message.notified_partner_ids
        )
        self.assertEqual(len(mail), 1)
        for text in ("Harvester", "S-1", "Does not start", "Field Road 7"):
            self.assertIn(text, mail.body)
        with self.assertRaisesRegex(UserError, "say why it is sent again"):
            ticket.action_route_to_maker(" ")
        ticket.action_route_to_maker("He lost it")
        self.assertIn("He lost it", "".join(ticket.message_ids.mapped("body")))
        self.assertTrue(ticket.maker_date)
        with self.assertRaises(UserError):
            ticket.maker_date = False

    def test_what_cannot_be_routed(self):
        with self.assertRaisesRegex(UserError, "goods that are not ours"):
            self.ticket.with_user(self.agent).action_route_to_maker()
        ticket = self._foreign()
        self.maker.email = False
        with self.assertRaisesRegex(UserError, "no email address"):
            ticket.with_user(self.agent).action_route_to_maker()
        ticket.user_id = self.technician
        with self.assertRaises(UserError):
            ticket.with_user(self.technician).action_route_to_maker()
