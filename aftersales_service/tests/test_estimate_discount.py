from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .estimate_common import EstimateCommon


@tagged("post_install", "-at_install")
class TestEstimateDiscount(EstimateCommon):
    """Proves R26: a price far below the list is the general manager's to give."""

    def setUp(self):
        super().setUp()
        self.order = self._estimate()
        self.offer = self._offer(self.paid)

    def test_what_others_pay_is_no_discount(self):
        self.assertEqual(self.order.aftersales_list_amount, 500)
        self.assertEqual(self.order.aftersales_net_amount, 500)
        self.assertFalse(self.order.aftersales_needs_approval)
        self.paid.with_user(self.supervisor).action_override("goodwill", "Loyal")
        self.assertEqual(self.order.aftersales_list_amount, 100)
        self.assertFalse(self.order.aftersales_needs_approval)

    def test_ten_per_cent_are_the_limit(self):
        self.offer.price_unit = 175  # 450 of 500
        self.assertAlmostEqual(self.order.aftersales_below_list, 10)
        self.assertFalse(self.order.aftersales_needs_approval)
        self.offer.price_unit = 174.99
        self.assertTrue(self.order.aftersales_needs_approval)
        self.company.aftersales_discount_limit = 20
        self.assertFalse(self.order.aftersales_needs_approval)

    def test_every_way_down_is_seen(self):
        """Price, discount, a discount line, and a low price on the ticket itself."""
        order = self.order
        self.offer.discount = 20
        self.assertTrue(order.aftersales_needs_approval)
        self.offer.discount = 0
        order.write(
            {
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.labour.id,
                            "price_unit": -60,
                            "sequence": 99,
                        }
                    )
                ]
            }
        )
        self.assertTrue(order.aftersales_needs_approval)
        order.order_line[-1].unlink()
        self.assertFalse(order.aftersales_needs_approval)
        self.paid.with_user(self.agent).price_unit = 150
        self.assertEqual(self.offer.price_unit, 150)
        self.assertTrue(order.aftersales_needs_approval)
        # More expensive things beside it do not hide it.
        order.write(
            {
                "order_line": [
                    Command.create({"product_id": self.harvester.id, "price_unit": 900})
                ]
            }
        )
        self.assertTrue(order.aftersales_needs_approval)

    def test_neither_sent_nor_confirmed_without_approval(self):
        self.offer.discount = 30
        order = self.order
        order.user_id = self.salesman
        for step in (
            order.with_user(self.salesman).action_quotation_send,
            order.with_user(self.salesman).action_quotation_sent,
            order.with_user(self.salesman).action_confirm,
            self._shown(order).action_send,
            self._shown(order).action_mark_sent,
            lambda: self._shown(order).action_note_consent("Wang", "said so"),
            lambda: order.with_user(self.salesman).write({"state": "sale"}),
        ):
            with self.assertRaises(UserError) as raised:
                step()
            self.assertIn("24.0 % below", str(raised.exception))
            self.assertIn("more than 10 %", str(raised.exception))
        self.assertEqual(order.state, "draft")

    def test_the_managers_approve_when_no_one_is_named(self):
        self.offer.discount = 30
        self.assertFalse(self._shown(self.order).can_approve)
        with self.assertRaisesRegex(UserError, "an after-sales manager"):
            self._shown(self.order).action_approve()
        row = self._shown(self.order).with_user(self.manager)
        self.assertTrue(row.can_approve)
        row.action_approve()
        order = self.order
        self.assertEqual(order.aftersales_approved_by_id, self.manager)
        self.assertTrue(order.aftersales_approved_on)
        self.assertEqual(order.aftersales_approved_amount, 380)
        self.assertIn("24.0 % below the list", order.message_ids[0].body)
        self._shown(order).action_send()
        self.assertEqual(order.state, "sent")
        with self.assertRaisesRegex(UserError, "needs no approval"):
            row.action_approve()

    def test_the_general_manager_alone_when_named(self):
        boss = self._user("boss", "sales_team.group_sale_manager")
        self.company.aftersales_general_manager_id = boss
        self.offer.discount = 30
        with self.assertRaisesRegex(UserError, "approved by boss"):
            self._shown(self.order).with_user(self.manager).action_approve()
        with self.assertRaises(UserError):
            self.order.with_user(self.manager).sudo().with_user(
                self.env.ref("base.user_root")
            ).action_aftersales_approve()
        self.order.user_id = boss
        self.order.with_user(boss).action_aftersales_approve()
        self.assertEqual(self.order.aftersales_approved_by_id, boss)

    def test_approval_is_void_when_lowered_again(self):
        self.offer.discount = 30
        self._shown(self.order).with_user(self.manager).action_approve()
        self.offer.discount = 25
        self.assertFalse(self.order.aftersales_needs_approval)
        self.offer.discount = 30.5
        self.assertTrue(self.order.aftersales_needs_approval)
        # More work at the same money is a lower price, too.
        self.offer.discount = 30
        self._line(self.ticket, self.belt)
        self.assertFalse(self.order.aftersales_needs_approval)
        self.offer.write({"product_uom_qty": 4, "discount": 65})
        self.assertGreaterEqual(self.order.aftersales_net_amount, 380)
        self.assertTrue(self.order.aftersales_needs_approval)

    def test_approval_cannot_be_typed(self):
        self.order.user_id = self.salesman
        for vals in (
            {"aftersales_approved_by_id": self.salesman.id},
            {"aftersales_approved_amount": 1},
            {"aftersales_approved_below": 100},
            {"aftersales_consent_by": "Wang"},
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                self.order.with_user(self.salesman).write(vals)
        with self.assertRaises(UserError):
            self.env["sale.order"].with_user(self.salesman).create(
                {
                    "partner_id": self.farmer.id,
                    "aftersales_approved_by_id": self.salesman.id,
                }
            )
        with self.assertRaises(UserError):
            self.offer.with_user(self.salesman).aftersales_list_price = 1

    def test_price_is_not_lowered_after_the_consent(self):
        self.order.user_id = self.salesman
        self.order.action_confirm()
        with self.assertRaisesRegex(UserError, "below the service price list"):
            self.offer.with_user(self.salesman).discount = 30

    def test_prices_with_tax_included(self):
        """Both sides are compared before tax."""
        tax = self.env["account.tax"].create(
            {"name": "13 incl", "amount": 13, "price_include_override": "tax_included"}
        )
        self.belt.taxes_id = tax
        ticket = self._ticket(equipment_id=self.unit.id)
        self._line(ticket, self.belt)
        order = self._estimate(ticket)
        self.assertAlmostEqual(order.aftersales_list_amount, order.amount_untaxed)
        self.assertAlmostEqual(order.amount_total, 200)
        order.order_line.price_unit = 181
        self.assertFalse(order.aftersales_needs_approval)
        order.order_line.price_unit = 179
        self.assertTrue(order.aftersales_needs_approval)

    def test_managers_set_the_limits_on_their_page(self):
        setup = self.env["aftersales.setup"].browse(self.company.id)
        with self.assertRaises(AccessError):
            setup.with_user(self.supervisor).discount_limit = 90
        page = setup.with_user(self.manager)
        page.write(
            {
                "discount_limit": 5,
                "goodwill_limit": 750,
                "general_manager_id": self.manager.id,
            }
        )
        self.assertEqual(self.company.aftersales_discount_limit, 5)
        self.assertEqual(self.company.aftersales_goodwill_limit, 750)
        self.assertEqual(self.company.aftersales_general_manager_id, self.manager)
        self.env.invalidate_all()
        self.assertEqual(page.discount_limit, 5)
        self.offer.discount = 8
        self.assertIn("by manager", self.order._aftersales_explain_discount())

    def test_other_orders_have_no_limit(self):
        order = self._sell((self.oil, 1))
        order.order_line.discount = 90
        self.assertFalse(order.aftersales_needs_approval)
        self.assertFalse(order.aftersales_list_amount)
