from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .workshop_common import WorkshopCommon


@tagged("post_install", "-at_install")
class TestHandBack(WorkshopCommon):
    """Proves R28, R51: nothing leaves unsigned, unrepaired, or unpaid where it is due."""

    def _repaired(self, **values):
        """Return the return of a repaired harvester, its pump paid by the customer."""
        rma = self._machine_here(**values)
        rma.action_repair()
        self._part(rma.repair_ids, self.pump)
        return rma

    def _estimate(self, rma, confirm=True):
        ticket = rma.repair_ids.aftersales_ticket_id
        ticket.action_estimate()
        order = ticket.order_id
        if confirm:
            order.action_confirm()
        return order

    def _pay(self, invoice):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({})._create_payments()

    # ------------------------------------------------------------
    # SIGNATURE
    # ------------------------------------------------------------

    def test_nobody_leaves_unsigned(self):
        rma = self._machine_here(remedy="send_back")
        with self.assertRaisesRegex(UserError, "nobody signed"):
            rma.action_hand_over()
        with self.assertRaisesRegex(UserError, "nobody signed"):
            rma.action_hand_over(signature=self.signature)
        rma.action_prepare_hand_back()
        picking = rma.picking_ids.filtered("aftersales_is_hand_back")
        self.assertEqual(
            picking.move_ids.origin_returned_move_id.picking_id.state, "done"
        )
        self.assertFalse(picking.move_ids.to_refund)
        self.assertEqual(picking.move_line_ids.lot_id, self.lot)
        self.assertEqual(picking.move_line_ids.owner_id, self.farmer)
        keeper = picking.with_user(self.warehouse_user)
        with self.assertRaisesRegex(UserError, "nobody signed"):
            keeper.button_validate()
        keeper.aftersales_tracking_ref = "SF 123"
        keeper.button_validate()
        self.assertEqual(picking.state, "done")
        item = rma.line_ids.custody_ids
        self.assertEqual((item.state, item.signed_by), ("back", "SF 123"))
        self.assertEqual(self.order.order_line.qty_delivered, 1)
        rma.action_done()

    def test_counter_hands_back_without_rights_on_stock(self):
        rma = self._machine_here(remedy="send_back")
        action = rma.with_user(self.agent).action_hand_back()
        wizard = self.env["aftersales.hand.back"].browse(action["res_id"])
        wizard = wizard.with_user(self.agent)
        self.assertIn("S-1", wizard.custody_ids.display_name)
        wizard.write({"signed_by": "Wang", "signature": self.signature})
        wizard.action_apply()
        item = rma.line_ids.custody_ids
        self.assertEqual(item.signed_by, "Wang")
        self.assertTrue(item.picking_out_id.signature)
        self.assertEqual(self.unit.state, "active")
        with self.assertRaisesRegex(UserError, "are here"):
            rma.action_hand_back()

    def test_transfer_is_made_once(self):
        rma = self._machine_here(remedy="send_back")
        rma.action_prepare_hand_back()
        rma.action_prepare_hand_back()
        self.assertEqual(len(rma.picking_ids.filtered("aftersales_is_hand_back")), 1)

    def test_register_is_not_struck_out_by_hand(self):
        rma = self._machine_here()
        item = rma.line_ids.custody_ids
        for step in (
            item.action_hand_back,
            lambda: item.write({"date_out": item.date_in}),
            lambda: item.write({"signed_by": "Nobody"}),
        ):
            with self.assertRaises(UserError):
                step()
        action = item.ticket_id.action_hand_back()
        self.assertEqual(action["res_model"], "aftersales.hand.back")

    def test_goods_of_customers_leave_by_their_return_alone(self):
        self._machine_here()
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.out_type_id.id,
                "location_id": self.customer_goods.id,
                "location_dest_id": self.env.ref("stock.stock_location_customers").id,
                "move_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": self.harvester.id,
                            "product_uom_qty": 1,
                            "location_id": self.customer_goods.id,
                            "location_dest_id": self.env.ref(
                                "stock.stock_location_customers"
                            ).id,
                        },
                    )
                ],
            }
        )
        picking.action_confirm()
        self._take_lots(picking.move_ids, self.lot)
        picking.move_ids.picked = True
        with self.assertRaisesRegex(UserError, "press Hand Back"):
            picking.button_validate()

    # ------------------------------------------------------------
    # MONEY
    # ------------------------------------------------------------

    def test_customer_is_asked_and_pays_first(self):
        rma = self._repaired()
        repair = rma.repair_ids
        self._through(repair)
        with self.assertRaisesRegex(UserError, "make the estimate"):
            rma.action_hand_over(signed_by="Wang", signature=self.signature)
        order = self._estimate(rma, confirm=False)
        with self.assertRaisesRegex(UserError, "customer's answer"):
            rma.action_hand_over(signed_by="Wang", signature=self.signature)
        order.action_confirm()
        with self.assertRaisesRegex(UserError, "to be paid"):
            rma.action_hand_over(signed_by="Wang", signature=self.signature)
        invoice = self._invoice(order)
        self.assertEqual(invoice.amount_total, order.amount_total)
        with self.assertRaisesRegex(UserError, "to be paid"):
            rma.action_hand_over(signed_by="Wang", signature=self.signature)
        self._pay(invoice)
        rma.action_hand_over(signed_by="Wang", signature=self.signature)
        self.assertEqual(rma.line_ids.quantity_given_back, 1)

    def test_parts_are_delivered_once(self):
        rma = self._repaired()
        order = self._estimate(rma)
        repair = rma.repair_ids
        part = order.order_line.filtered(lambda line: line.product_id == self.pump)
        self.assertEqual(part.move_ids, repair.move_ids)
        self.assertFalse(order.picking_ids)
        self._through(repair)
        self.assertEqual(part.qty_delivered, 1)
        self.assertEqual(self.pump.qty_available, 9)
        self.assertFalse(order.picking_ids)
        self.assertFalse(repair.sale_order_id)
        self.assertEqual(self._invoice(order).amount_total, order.amount_total)
        self.assertEqual(part.qty_to_invoice, 0)

    def test_quotation_of_odoo_is_the_estimate(self):
        rma = self._repaired()
        rma.repair_ids.action_create_sale_order()
        ticket = rma.repair_ids.aftersales_ticket_id
        self.assertTrue(ticket.order_id)
        self.assertFalse(rma.repair_ids.sale_order_id)

    def test_covered_part_costs_nothing(self):
        self.env["aftersales.coverage"].create(
            {
                "equipment_id": self.unit.id,
                "component_id": self.env["aftersales.component"]
                .search([("parent_id", "=", False)], limit=1)
                .id,
                "date_start": "2020-01-01",
                "date_end": "2040-01-01",
                "reason": "Given",
            }
        )
        self._invoice(self.order)
        rma = self._repaired()
        line = rma.repair_ids.move_ids.aftersales_ticket_line_id
        self.assertEqual(line.coverage, "warranty")
        self.assertIn("Covered", line.coverage_reason)
        self._through(rma.repair_ids)
        rma.action_hand_over(signed_by="Wang", signature=self.signature)
        self.assertEqual(rma.line_ids.quantity_given_back, 1)

    def test_customer_with_terms_pays_later(self):
        self.farmer.property_payment_term_id = self.env.ref(
            "account.account_payment_term_30days"
        )
        rma = self._repaired()
        order = self._estimate(rma)
        self._through(rma.repair_ids)
        rma.action_hand_over(signed_by="Wang", signature=self.signature)
        self.assertEqual(order.state, "sale")

    def test_supervisor_lets_go_with_a_reason(self):
        rma = self._repaired()
        self._estimate(rma)
        self._through(rma.repair_ids)
        with self.assertRaisesRegex(UserError, "Only a supervisor"):
            rma.with_user(self.agent).action_release("Please")
        with self.assertRaisesRegex(UserError, "Say why"):
            rma.with_user(self.supervisor).action_release()
        with self.assertRaises(UserError):
            rma.release_reason = "By hand"
        self._hand_over_unpaid(rma)
        self.assertEqual(rma.released_by_id, self.supervisor)
        self.assertEqual(rma.line_ids.quantity_given_back, 1)

    def test_invoice_of_a_paid_repair_is_drafted_when_it_is_done(self):
        rma = self._repaired()
        order = self._estimate(rma)
        self.assertFalse(order._aftersales_is_settled())
        self._through(rma.repair_ids)
        self.assertTrue(order._aftersales_is_settled())

    # ------------------------------------------------------------
    # DEADLINE
    # ------------------------------------------------------------

    def test_promise_stands_still_until_paid(self):
        self._create_calendar("Week", 5, [(8, 12), (13, 17)])
        # The sale lies before the days of this test.
        self.unit._by_method().delivery_date = date(2026, 1, 5)
        with freeze_time("2026-03-02 04:00:00"):
            rma = self._repaired()
            self.assertEqual(rma.deadline, date(2026, 3, 9))
        with freeze_time("2026-03-03 04:00:00"):
            order = self._estimate(rma)
            self.assertTrue(rma.is_paused)
            self._through(rma.repair_ids)
            invoice = self._invoice(order)
        with freeze_time("2026-03-10 04:00:00"):
            self._run_deadlines()
            rma.invalidate_recordset()
            self.assertFalse(rma.is_overdue)
            self.assertEqual(rma.deadline, date(2026, 3, 16))
        with freeze_time("2026-03-11 04:00:00"):
            self._pay(invoice)
            self.assertFalse(rma.is_paused)
            self.assertEqual(rma.deadline, date(2026, 3, 17))
        with freeze_time("2026-03-18 04:00:00"):
            rma.invalidate_recordset()
            self.assertTrue(rma.is_overdue)
            self.assertIn(
                rma, self.env["aftersales.return"].search([("is_overdue", "=", True)])
            )

    def test_supervisor_is_told_once_before_the_promise_ends(self):
        self._create_calendar("Week", 5, [(8, 12), (13, 17)])
        self.team.supervisor_id = self.supervisor
        self.unit._by_method().delivery_date = date(2026, 1, 5)
        with freeze_time("2026-03-02 04:00:00"):
            rma = self._machine_here()
        for moment, expected in (
            ("2026-03-05 04:00:00", 0),
            ("2026-03-06 04:00:00", 1),
            ("2026-03-06 05:00:00", 1),
        ):
            with freeze_time(moment):
                self._run_deadlines()
                told = rma.activity_ids.filtered(
                    lambda activity: activity.user_id == self.supervisor
                )
                self.assertEqual(len(told), expected, moment)
        with freeze_time("2026-03-06 06:00:00"):
            rma.with_user(self.agent).action_report_late("The pump is not here")
        self.assertEqual(len(rma.activity_ids), 2)

    def test_own_team_and_lots(self):
        self._create_calendar("Week", 5, [(8, 12), (13, 17)])
        self.unit._by_method().delivery_date = date(2026, 1, 5)
        with freeze_time("2026-03-02 04:00:00"):
            rma = self._machine_here()
            rma.handling = "team"
            self.assertEqual(rma.deadline, date(2026, 3, 5))
            self.assertEqual(rma.deadline_max, date(2026, 3, 11))
            rma.handling = "lot"
            self.assertEqual(rma.deadline, date(2026, 3, 3))

    def test_unclaimed_goods_are_found(self):
        self.unit._by_method().delivery_date = date(2026, 1, 5)
        with freeze_time("2026-03-02 04:00:00"):
            rma = self._machine_here()
            rma.action_repair()
            self._through(rma.repair_ids)
        item = rma.line_ids.custody_ids
        Custody = self.env["aftersales.custody"]
        for moment, expected in (
            ("2026-03-20 04:00", False),
            ("2026-04-20 04:00", True),
        ):
            with freeze_time(moment):
                item.invalidate_recordset()
                self.assertEqual(item.is_unclaimed, expected)
                found = Custody.search([("is_unclaimed", "=", True)])
                self.assertEqual(item in found, expected)
        # Its clock stands since it is ready: the wait is the customer's own.
        self.assertEqual(item.state, "stopped")
