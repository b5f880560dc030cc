import base64
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.aftersales_service.tests.dispatch_common import DispatchCommon

from .common import PartsCommon

SIGNATURE = base64.b64encode(
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
        "awAAAABJRU5ErkJggg=="
    )
)


# A Wednesday, 8:30 in Shanghai.
@freeze_time("2026-06-03 00:30:00")
@tagged("post_install", "-at_install")
class TestDeliveryVisit(PartsCommon, DispatchCommon):
    """Proves R54: our people bring, install and hand over what was sold."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.harvester.aftersales_install = True
        cls.team.supervisor_id = cls.supervisor

    def _order(self, *lines, serial="S-9", **kwargs):
        if serial:
            self._lots(serial)
        lines = lines or ((self.harvester, 1),)
        return self._sell(*lines, **kwargs)

    def _visit(self, order):
        return order.picking_ids.aftersales_dispatch_ids

    def _check(self, visit, answer="ok"):
        visit.leaving_check_ids.with_user(self.agent).write(
            {"answer": answer, **({"reason": "Scratch"} if answer != "ok" else {})}
        )

    def _sent(self, order):
        """Return the visit of an order, its technician on site with the goods."""
        return self._send(self._planned(self._visit(order)))

    def _planned(self, visit, **ahead):
        """Plan a visit as the dispatcher does, in an hour or as said."""
        visit = visit.with_user(self.agent)
        start = fields.Datetime.now() + timedelta(**(ahead or {"hours": 1}))
        visit.write(
            {
                "date_start": start,
                "date_end": start + timedelta(hours=2),
                "technician_id": self.chen.id,
            }
        )
        return visit

    def _send(self, visit):
        visit.action_assign()
        self._check(visit)
        visit = visit.with_user(self.technician)
        visit.action_accept()
        visit.action_arrive()
        return visit

    def _finish(self, visit, **values):
        visit = visit.with_user(self.technician)
        visit.write({"signature": SIGNATURE, "signed_by": "Wang", **values})
        for check in visit.checklist_ids.filtered(
            lambda check: check.required and not check.is_answered
        ):
            check.answer = "ok"
        visit.action_finish()

    # ------------------------------------------------------------
    # Planned by the order
    # ------------------------------------------------------------

    def test_order_plans_the_visit(self):
        order = self._order(user=self.salesman)
        visit = self._visit(order)
        self.assertEqual(visit.state, "draft")
        ticket = visit.ticket_id
        self.assertEqual(ticket.sale_order_id, order)
        self.assertEqual(ticket.partner_id, self.farmer)
        self.assertEqual(ticket.service_kind, "internal")
        self.assertEqual(
            visit.job_type_id,
            self.env.ref("aftersales_parts.aftersales_job_type_delivery"),
        )
        self.assertFalse(ticket.to_verify)
        # A delivery is no call that has to be answered in half an hour.
        self.assertFalse(ticket.respond_deadline or ticket.solve_deadline)
        self.assertIn("Harvester", visit.delivery_text)

    def test_delivery_date_is_the_date_of_the_visit(self):
        self._lots("S-8")
        day = fields.Datetime.now().replace(microsecond=0) + timedelta(days=9)
        order = self.env["sale.order"].create(
            {
                "partner_id": self.farmer.id,
                "commitment_date": day,
                "order_line": [Command.create({"product_id": self.harvester.id})],
            }
        )
        order.with_user(self.salesman).sudo().action_confirm()
        visit = self._visit(order)
        self.assertEqual(visit.date_start, day)
        self.assertEqual(visit.ticket_id.arrive_deadline, day)

    def test_planned_once(self):
        order = self._order()
        order.order_line.product_uom_qty = 2
        order.order_line._action_launch_stock_rule()
        self.assertEqual(len(self._visit(order)), 1)

    def test_other_orders_pay_nothing(self):
        self._stock(self.oil, 100)
        counts = []
        for number in (1, 30):
            order = self._order(*[(self.oil, 1)] * number, serial=None)
            self.assertFalse(self._visit(order))
            self.env.flush_all()
            self.env.invalidate_all()
            order.order_line.product_id.mapped("type")
            before = self.env.cr.sql_log_count
            order.order_line._aftersales_plan_visits()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts, [0, 0])

    def test_cancelled_order_cancels_the_visit(self):
        order = self._order()
        visit = self._visit(order)
        order.with_user(self.salesman)._action_cancel()
        self.assertEqual(visit.state, "cancelled")
        self.assertEqual(visit.ticket_id.state, "cancelled")

    def test_warehouse_and_salesman_see_it(self):
        order = self._order(user=self.salesman)
        visit = self._planned(self._visit(order), days=2)
        visit.action_assign()
        picking = order.picking_ids
        self.assertEqual(picking.scheduled_date, visit.date_start)
        seen = picking.with_user(self.warehouse_user).aftersales_visit_text
        self.assertIn("Chen Gang", seen)
        self.assertEqual(seen, order.with_user(self.salesman).aftersales_visit_text)

    def test_desk_plans_for_any_delivery(self):
        self._stock(self.oil, 1)
        order = self._order((self.oil, 1), serial=None)
        picking = order.picking_ids
        with self.assertRaisesRegex(UserError, "the desk plans"):
            picking.with_user(self.warehouse_user).action_aftersales_visit()
        self.agent.group_ids += self.env.ref("stock.group_stock_user")
        picking.with_user(self.agent).action_aftersales_visit()
        self.assertEqual(self._visit(order).picking_id, picking)
        with self.assertRaisesRegex(UserError, "have none"):
            picking.with_user(self.agent).action_aftersales_visit()

    # ------------------------------------------------------------
    # Brought and handed over
    # ------------------------------------------------------------

    def test_unpacked_before_leaving(self):
        visit = self._planned(self._visit(self._order()))
        visit.action_assign()
        mine = visit.with_user(self.technician)
        with self.assertRaisesRegex(UserError, "Check before you leave"):
            mine.action_depart()
        self._check(visit, "not_ok")
        with self.assertRaisesRegex(UserError, "Check before you leave"):
            mine.action_arrive()
        self._check(visit)
        mine.action_depart()
        self.assertTrue(visit.depart_date)

    def test_signature_hands_over(self):
        order = self._order()
        visit = self._sent(order)
        with self.assertRaisesRegex(UserError, "customer's signature"):
            visit.with_user(self.technician).action_finish()
        self._finish(visit)
        picking = order.picking_ids
        self.assertEqual(picking.state, "done")
        self.assertTrue(picking.is_signed)
        self.assertEqual(order.order_line.qty_delivered, 1)
        slip = picking.message_ids.attachment_ids
        self.assertIn("signed_delivery_slip", slip[:1].name)
        self.assertTrue(order.message_ids.attachment_ids)
        unit = self._units(order)
        self.assertEqual(
            unit.installation_date, self.company._aftersales_today(visit.finish_date)
        )
        ticket = visit.sudo().ticket_id
        self.assertEqual((ticket.state, ticket.equipment_id), ("solved", unit))
        visit.with_user(self.technician).action_finish()
        self.assertEqual(order.order_line.qty_delivered, 1)

    def test_rest_gets_a_visit_of_its_own(self):
        order = self._order((self.harvester, 2))
        visit = self._sent(order)
        self._finish(visit)
        self.assertEqual(order.order_line.qty_delivered, 1)
        rest = self._visit(order) - visit
        self.assertEqual((rest.state, rest.ticket_id), ("draft", visit.ticket_id))
        self.assertNotIn(visit.sudo().ticket_id.state, ("solved", "closed"))

    def test_goods_nobody_had_reserved(self):
        order = self._order(serial=None)
        visit = self._sent(order)
        self._finish(visit)
        self.assertEqual(visit.state, "done")
        self.assertEqual(order.picking_ids.activity_ids.user_id, self.supervisor)

    # ------------------------------------------------------------
    # Failed
    # ------------------------------------------------------------

    def test_goods_that_did_not_leave_stay_reserved(self):
        order = self._order()
        visit = self._sent(order)
        visit.with_user(self.technician).action_fail("Nobody there", "absent")
        self.assertEqual(order.picking_ids.state, "assigned")
        self.assertEqual(visit.delivery_failure, "absent")
        to_do = visit.sudo().activity_ids
        self.assertEqual(to_do.user_id, self.supervisor)
        self.assertIn("Nobody there", to_do.note)
        self.assertFalse(order.activity_ids)
        start = fields.Datetime.now().replace(microsecond=0) + timedelta(days=3)
        with self.assertRaisesRegex(UserError, "The desk plans the next delivery"):
            visit.with_user(self.technician).action_rebook(start)
        visit.with_user(self.agent).action_rebook(start)
        again = self._visit(order) - visit
        self.assertEqual((again.state, again.date_start), ("draft", start))
        self.assertFalse(visit.sudo().activity_ids)
        with self.assertRaisesRegex(UserError, "one at a time"):
            visit.with_user(self.agent).action_rebook(start)
        self._finish(self._send(again.with_user(self.agent)))
        self.assertEqual(order.order_line.qty_delivered, 1)

    def test_goods_that_had_left_come_back(self):
        order = self._order()
        first = self._deliver(
            order, lots=self.env["stock.lot"].search([("name", "=", "S-9")])
        )
        visit = self._sent(order)
        visit.with_user(self.technician).action_fail("Gate too low", "no_fit")
        back = order.picking_ids.filtered(lambda p: p.picking_type_code == "incoming")
        self.assertEqual(back.move_ids.origin_returned_move_id, first.move_ids)
        self.assertTrue(back.move_ids.to_refund)
        # The salesperson is told at once.
        self.assertEqual(order.activity_ids.user_id, self.salesman)
        self.assertIn("Gate too low", order.activity_ids.note)
        visit.with_user(self.agent).action_rebook(
            fields.Datetime.now() + timedelta(days=3)
        )
        again = self._visit(order) - visit
        self.assertNotEqual(again.picking_id, first)
        back.move_ids.picked = True
        back.button_validate()
        self.assertEqual(order.order_line.qty_delivered, 0)
        again.picking_id.action_assign()
        self._finish(self._send(again.with_user(self.agent)))
        self.assertEqual(order.order_line.qty_delivered, 1)

    def test_unknown_failure(self):
        visit = self._sent(self._order())
        with self.assertRaisesRegex(UserError, "fails for one of these"):
            visit.action_fail("Rain", "weather")

    # ------------------------------------------------------------
    # Exchanged goods
    # ------------------------------------------------------------

    def test_exchanged_goods_come_back_at_the_same_visit(self):
        self._stock(self.header, 2)
        order = self._sold(self.header)
        move = order.picking_ids.move_ids
        rma = self._rma((move, 1, {"remedy": "exchange"}))
        rma.action_authorise()
        replacement = self.env["stock.picking"].create(
            {
                "partner_id": self.farmer.id,
                "picking_type_id": self.warehouse.out_type_id.id,
                "location_id": self.stock.id,
                "location_dest_id": move.location_dest_id.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.header.id,
                            "product_uom_qty": 1,
                            "location_id": self.stock.id,
                            "location_dest_id": move.location_dest_id.id,
                            "aftersales_return_line_id": rma.line_ids.id,
                        }
                    )
                ],
            }
        )
        replacement.action_confirm()
        replacement.action_assign()
        visit = replacement._aftersales_create_visits().with_user(self.agent)
        self.assertIn("Header", visit.bring_back_text)
        self._send(self._planned(visit))
        with self.assertRaisesRegex(UserError, "exchanged goods come along"):
            self._finish(visit)
        self._finish(visit, brought_back="no")
        self.assertEqual(visit.state, "done")
        self.assertIn("Header", visit.sudo().activity_ids.note)

    def test_lists_open_with_the_same_queries(self):
        Dispatch = self.env["aftersales.dispatch"].with_user(self.agent)
        names = ["delivery_text", "bring_back_text", "picking_state", "can_rebook"]
        counts = []
        for number in (1, 10):
            orders = [
                self._order(serial=f"Q-{number}-{index}") for index in range(number)
            ]
            visits = Dispatch.union(*(self._visit(order) for order in orders))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            visits.with_user(self.agent).read(names)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2, counts)
