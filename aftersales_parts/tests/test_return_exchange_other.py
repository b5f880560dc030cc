from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.aftersales_service.tests.remedy_common import RemedyCommon

from .exchange_common import EXCHANGE, ExchangeCommon


@tagged("post_install", "-at_install")
class TestExchangeOther(ExchangeCommon):
    """Proves R48: another product on a new order, and the old one credited."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._stock(cls, cls.oil, 100)
        cls.better = cls.env["product.product"].create(
            {
                "name": "Better Oil",
                "type": "consu",
                "is_storable": True,
                "invoice_policy": "delivery",
                "list_price": 1300.0,
            }
        )
        cls._stock(cls, cls.better, 100)

    def _other(self, order, quantity=1):
        return self._exchange_rma(
            order, quantity, replacement_product_id=self.better.id
        )

    def test_new_order_and_credit(self):
        for policy in ("delivery", "order"):
            with self.subTest(policy=policy):
                self.oil.invoice_policy = policy
                order = self._sold(quantity=5)
                rma = self._other(order, 2)
                action = rma.with_user(self.agent).action_exchange()
                self.assertEqual(action["params"]["title"], rma.order_ids.name)
                offer = rma.order_ids
                self.assertEqual(rma.action_exchange()["res_id"], offer.id)
                self.assertEqual(rma.order_ids, offer, "once")
                item = offer.order_line.filtered("product_id")
                self.assertEqual(item.product_id, self.better)
                self.assertEqual(item.product_uom_qty, 2)
                self.assertEqual(offer.partner_id, order.partner_id)
                self.assertEqual(offer.state, "draft", "the customer confirms")
                note = offer.order_line.filtered("display_type")
                self.assertIn(rma.name, note.name)
                self.assertEqual(
                    offer.aftersales_credit_amount, order.amount_total / 5 * 2
                )
                self.assertEqual(
                    offer.aftersales_difference,
                    offer.amount_total - offer.aftersales_credit_amount,
                )
                offer.action_confirm()
                self.assertEqual(
                    offer.picking_ids.move_ids.aftersales_return_line_id,
                    rma.line_ids,
                )
                self._came(rma)
                self.assertTrue(rma.can_refund)
                self._deliver(offer)
                self.assertFalse(rma.line_ids._is_settled(), "not credited yet")
                rma.action_refund()
                rma.refund_ids.action_post()
                self.assertTrue(rma.line_ids._is_settled())
                self.assertEqual(order.order_line.qty_delivered, 3)
                self.assertEqual(order.order_line.qty_to_invoice, 0)
                self._invoice(offer)
                self.assertEqual(item.qty_to_invoice, 0)
                rma.action_done()

    def test_order_not_wanted_leaves_the_credit(self):
        rma = self._other(self._sold(quantity=5))
        rma.action_exchange()
        self._came(rma)
        rma.action_refund()
        rma.refund_ids.action_post()
        self.assertFalse(rma.line_ids._is_settled())
        rma.order_ids._action_cancel()
        self.assertTrue(rma.line_ids._is_settled())

    def test_cancelled_order_is_made_again(self):
        rma = self._other(self._sold(quantity=5))
        rma.action_exchange()
        rma.order_ids._action_cancel()
        rma.action_exchange()
        self.assertEqual(len(rma.order_ids), 2)

    def test_each_order_its_own(self):
        first, second = self._sold(quantity=2), self._sold(quantity=2)
        rma = self._rma(
            *(
                (move, 1, {**EXCHANGE, "replacement_product_id": self.better.id})
                for move in (first + second).picking_ids.move_ids
            )
        )
        rma.action_authorise()
        rma.action_exchange()
        self.assertEqual(len(rma.order_ids), 2)

    def test_instead_of_an_archived_product(self):
        rma = self._exchange_rma(self._sold(quantity=2))
        self._came(rma)
        self.oil.active = False
        rma.line_ids.replacement_product_id = self.better
        rma.action_exchange()
        self.assertTrue(rma.order_ids)

    def test_product_stays_while_it_is_offered(self):
        rma = self._other(self._sold(quantity=2))
        rma.action_exchange()
        with self.assertRaisesRegex(UserError, "cancel its delivery"):
            rma.line_ids.replacement_product_id = False

    def test_links_are_not_typed(self):
        rma = self._other(self._sold(quantity=2))
        rma.action_exchange()
        with self.assertRaises(UserError):
            rma.order_ids.order_line[:1].aftersales_kept = True


@tagged("post_install", "-at_install")
class TestRemedyReturn(RemedyCommon):
    """Proves R17: a granted exchange or refund is carried out by a return."""

    def _granted(self, choice):
        unit = self._unit(
            self.general, fields.Date.to_string(fields.Date.today() - timedelta(3))
        )
        ticket = self.env["aftersales.ticket"].create(
            {"symptom": "Does not work", "equipment_id": unit.id}
        )
        remedy = ticket.remedy_ids[:1]
        remedy.action_approve(choice)
        return remedy

    def test_return_is_made_once_and_done_with_it(self):
        remedy = self._granted("exchange")
        self.assertTrue(remedy.can_return)
        action = remedy.with_user(self.agent).action_return()
        rma = self.env["aftersales.return"].browse(action["res_id"])
        self.assertEqual(rma.ticket_id, remedy.ticket_id)
        self.assertEqual(rma.partner_id, self.farmer)
        self.assertEqual(rma.line_ids.equipment_id, remedy.equipment_id)
        self.assertEqual(rma.line_ids.remedy, "exchange")
        self.assertEqual(remedy.action_return()["res_id"], rma.id)
        remedy.invalidate_recordset()
        self.assertFalse(remedy.can_return)
        rma._step({"state": "inspected"})
        rma.line_ids.cause_id = self.env["aftersales.cause"].create({"name": "Worn"})
        rma.with_user(self.agent).action_done()
        self.assertEqual(remedy.state, "done")

    def test_only_goods_or_money(self):
        remedy = self._granted("repair")
        self.assertFalse(remedy.can_return)
        with self.assertRaisesRegex(UserError, "approved exchange or refund"):
            remedy.action_return()
