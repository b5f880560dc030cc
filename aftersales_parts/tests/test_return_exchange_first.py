from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .exchange_common import ExchangeCommon

FIRST = {"exchange_first": True}


@tagged("post_install", "-at_install")
@freeze_time("2026-05-01 04:00:00")
class TestExchangeFirst(ExchangeCommon):
    """Proves R48: the replacement leaves first, and the faulty goods are waited for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._stock(cls, cls.oil, 100)
        cls.company.partner_id.tz = "Asia/Shanghai"
        cls.company.aftersales_due_back_days = 10
        cls.team.supervisor_id = cls.supervisor

    def _sent_first(self, quantity=1, order=None, **values):
        order = order or self._sold(quantity=5)
        rma = self._exchange_rma(order, quantity, **FIRST, **values)
        rma.user_id = self.agent
        rma.action_exchange()
        self._ship(rma)
        return order, rma

    def _remind(self, day):
        """Run the daily job on a day, as if it were committed."""
        Cron = type(self.env["ir.cron"])

        def no_commit(_self, processed=0, *, remaining=None, deactivate=False):
            return 60.0

        with (
            freeze_time(f"{day} 08:00:00"),
            patch.object(Cron, "_commit_progress", no_commit),
        ):
            self.env["aftersales.contract"]._cron_follow_dates()

    # ------------------------------------------------------------
    # WHO DECIDES
    # ------------------------------------------------------------

    def test_supervisor_or_setting_decides(self):
        rma = self._exchange_rma(self._sold(quantity=5), authorise=False)
        line = rma.line_ids
        with self.assertRaisesRegex(UserError, "a supervisor decides"):
            line.with_user(self.agent).exchange_first = True
        line.with_user(self.supervisor).exchange_first = True
        with self.assertRaisesRegex(UserError, "a supervisor decides"):
            line.with_user(self.agent).copy({"exchange_first": True})
        line.exchange_first = False
        self.company.aftersales_exchange_first = True
        line.with_user(self.agent).exchange_first = True

    def test_stays_as_agreed_once_it_left(self):
        _order, rma = self._sent_first()
        with self.assertRaisesRegex(UserError, "on their way already"):
            rma.line_ids.exchange_first = False
        with self.assertRaisesRegex(UserError, "with the customer already"):
            rma.action_cancel("Not wanted")

    def test_decided_after_the_authorisation(self):
        order = self._sold(quantity=5)
        rma = self._exchange_rma(order)
        receipt = rma.line_ids._get_expected_moves()
        self.assertTrue(receipt.to_refund)
        rma.line_ids.exchange_first = True
        self.assertFalse(receipt.to_refund)
        rma.action_exchange()
        self._ship(rma)
        self._came(rma)
        self.assertEqual(self._rest(order), (5, 5, 0))

    # ------------------------------------------------------------
    # ORDER AND INVOICE
    # ------------------------------------------------------------

    def test_order_is_untouched_at_each_step(self):
        for policy in ("delivery", "order"):
            with self.subTest(policy=policy):
                self.oil.invoice_policy = policy
                order, rma = self._sent_first(2)
                line = rma.line_ids
                self.assertEqual(self._rest(order), (5, 5, 0))
                self.assertEqual(len(order.order_line), 1)
                self.assertEqual(line.quantity_replaced, 2)
                self.assertEqual(line.quantity_due_back, 2)
                self.assertFalse(line._is_settled())
                self._came(rma, quantity=1)
                self.assertEqual(line.quantity_due_back, 1)
                self._came(rma)
                self.assertEqual(self._rest(order), (5, 5, 0))
                self.assertEqual(len(order.order_line), 1)
                self.assertEqual(line.quantity_due_back, 0)
                rma.action_exchange()
                self.assertFalse(self._replacement(rma), "opened, not made again")
                rma.action_done()

    def test_faulty_goods_come_before_the_replacement_left(self):
        order = self._sold(quantity=5)
        rma = self._exchange_rma(order, 2, **FIRST)
        rma.action_exchange()
        self._came(rma)
        self.assertEqual(self._rest(order), (5, 5, 0))
        rma.action_exchange()
        self._ship(rma)
        self.assertEqual(rma.line_ids.quantity_replaced, 2)
        self.assertEqual(rma.line_ids.quantity_due_back, 0)
        rma.action_done()

    def test_voucher_is_replaced_when_the_replacement_arrives(self):
        order = self._sold(self.harvester, lots=self._lots("F-1"))
        unit = self._units(order)
        new = self._lots("F-2")
        rma = self._exchange_rma(order, **FIRST)
        rma.action_exchange()
        self._ship(rma, lots=new)
        self.assertEqual(unit.state, "replaced")
        successor = unit.replaced_by_id
        self.assertEqual(successor.lot_id, new)
        self.assertEqual(successor.partner_id, self.farmer)
        self.assertEqual(successor.sale_line_id, order.order_line)
        self.assertEqual(successor.invoice_line_ids, order.invoice_ids.invoice_line_ids)
        pair = rma.line_ids.pair_ids
        self.assertEqual(pair.old_lot_id, unit.lot_id)
        self.assertTrue(pair.is_expected)
        self._came(rma)
        self.assertFalse(pair.is_expected)
        self.assertEqual(unit.state, "replaced")
        self.assertEqual(len(rma.line_ids.pair_ids), 1)
        quant = unit.lot_id.quant_ids.filtered(lambda quant: quant.quantity > 0)
        self.assertEqual(quant.location_id, self.stock)
        self.assertFalse(quant.owner_id, "ours")

    def test_another_machine_of_his_comes_back(self):
        lots = self._lots("G-1", "G-2")
        order = self._sold(self.harvester, 2, lots=lots)
        one, two = self._units(order)
        rma = self._rma(
            (
                order.picking_ids.move_ids,
                1,
                {
                    "remedy": "exchange",
                    "inspection_required": False,
                    "lot_id": one.lot_id.id,
                    **FIRST,
                },
            )
        )
        rma.action_authorise()
        rma.action_exchange()
        self._ship(rma, lots=self._lots("G-3"))
        self.assertEqual((one.state, two.state), ("replaced", "active"))
        self._came(rma, lots=two.lot_id)
        self.assertEqual((one.state, two.state), ("active", "replaced"))
        pair = rma.line_ids.pair_ids
        self.assertEqual(pair.old_lot_id, two.lot_id)
        self.assertEqual(pair.new_equipment_id.replaces_id, two)

    # ------------------------------------------------------------
    # DUE BACK
    # ------------------------------------------------------------

    def test_reminded_once_for_each_due_date(self):
        _order, rma = self._sent_first()
        line = rma.line_ids
        self.assertEqual(line.date_due_back, date(2026, 5, 11))
        self._remind("2026-05-10")
        self.assertFalse(rma.activity_ids)
        self._remind("2026-05-11")
        self._remind("2026-05-11")
        self._remind("2026-05-12")
        activity = rma.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.agent)
        self.assertEqual(activity.summary, "Faulty goods due back")
        line.with_user(self.agent).date_due_back = date(2026, 5, 20)
        self.assertIn("2026-05-20", str(rma.message_ids[:1].body))
        self._remind("2026-05-19")
        self._remind("2026-05-20")
        self.assertEqual(rma.activity_ids.date_deadline, date(2026, 5, 20))
        self._came(rma)
        self.assertFalse(rma.activity_ids, "all is back")

    def test_list_knows_what_is_overdue(self):
        _order, rma = self._sent_first()
        line = rma.line_ids
        found = [("is_back_overdue", "=", True), ("id", "in", line.ids)]
        with freeze_time("2026-05-11 08:00:00"):
            self.assertFalse(line.search(found))
        with freeze_time("2026-05-12 08:00:00"):
            line.invalidate_recordset()
            self.assertEqual(line.search(found), line)
            self.assertTrue(line.is_back_overdue)
            self.assertTrue(rma.can_offer_kept)

    def test_facts_are_not_typed(self):
        _order, rma = self._sent_first()
        for name in ("quantity_due_back", "due_back_reminded", "quantity_replaced"):
            with self.subTest(name=name), self.assertRaises(UserError):
                rma.line_ids[name] = False

    # ------------------------------------------------------------
    # NOT SENT BACK
    # ------------------------------------------------------------

    def test_goods_not_sent_back_are_sold(self):
        for policy in ("delivery", "order"):
            with self.subTest(policy=policy):
                self.oil.invoice_policy = policy
                order, rma = self._sent_first(3)
                self._came(rma, quantity=1)
                with self.assertRaisesRegex(UserError, "overdue"):
                    rma.action_offer_kept()
                with freeze_time("2026-06-01 08:00:00"):
                    rma.invalidate_recordset()
                    rma.line_ids.invalidate_recordset()
                    rma.with_user(self.agent).action_offer_kept()
                    rma.action_offer_kept()
                    offer = rma.order_ids
                    self.assertEqual(len(offer), 1, "once")
                    self.assertEqual(offer.state, "draft")
                    self.assertEqual(offer.partner_id, self.farmer)
                    item = offer.order_line
                    self.assertEqual(item.product_uom_qty, 2)
                    self.assertEqual(item.price_unit, order.order_line.price_unit)
                    self.assertEqual(rma.line_ids.quantity_due_back, 2)
                    offer.action_confirm()
                    self.assertFalse(offer.picking_ids, "he has them")
                    self.assertEqual(item.qty_delivered, 2)
                    self.assertEqual(item.qty_to_invoice, 2)
                    self.assertEqual(rma.line_ids.quantity_due_back, 0)
                    self.assertFalse(rma.line_ids._get_expected_moves())
                    self._invoice(offer)
                    self.assertEqual(item.qty_to_invoice, 0)
                    self.assertEqual(self._rest(order), (5, 5, 0))
                    self.assertIn(rma.state, ("received", "inspected"))
                    rma.action_done()

    def test_nothing_came_and_all_is_kept(self):
        _order, rma = self._sent_first()
        with freeze_time("2026-06-01 08:00:00"):
            rma.line_ids.invalidate_recordset()
            rma.action_offer_kept()
            rma.order_ids.action_confirm()
            self.assertIn(rma.state, ("received", "inspected"))
            rma.action_done()

    def test_customer_does_not_want_them_after_all(self):
        _order, rma = self._sent_first()
        with freeze_time("2026-06-01 08:00:00"):
            rma.line_ids.invalidate_recordset()
            rma.action_offer_kept()
            rma.order_ids.action_confirm()
            rma.order_ids._action_cancel()
            self.assertEqual(rma.line_ids.quantity_due_back, 1)
            rma.action_offer_kept()
            self.assertEqual(len(rma.order_ids), 2)
