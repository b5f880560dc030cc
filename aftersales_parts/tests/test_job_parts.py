from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .job_common import TODAY, TODAY_NAIVE, JobCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestJobParts(JobCommon):
    """Proves B: parts on a job are goods, reserved, booked out once, and given back."""

    def _moves(self, line, *states):
        moves = line.sudo().stock_move_ids
        return moves.filtered(lambda m: not states or m.state in states)

    def _on_site(self, visit):
        visit.action_arrive()
        return visit

    # ------------------------------------------------------------
    # Vans
    # ------------------------------------------------------------

    def test_van_is_neither_free_in_the_depot_nor_reserved_for_orders(self):
        self._stock(self.belt, 5, self.van)
        belt = self.belt.with_context(warehouse_id=self.warehouse.id)
        self.assertEqual(belt.free_qty, 0)
        self.assertEqual(self.belt.free_qty, 0)
        order = self._sell((self.belt, 1))
        self.assertEqual(order.picking_ids.move_ids.state, "confirmed")
        self.assertEqual(self._here(self.van), (5, 0))
        self.assertTrue(self.van._should_be_valued())

    def test_van_is_made_by_supervisors_for_technicians(self):
        li = self._create_technician("Li Na")
        with self.assertRaisesRegex(UserError, "has no van yet"):
            li.with_user(self.agent).action_aftersales_van()
        person = self.env["hr.employee.public"].browse(li.id)
        person.with_user(self.supervisor).action_aftersales_van()
        van = li.aftersales_van_ids
        self.assertEqual(van.aftersales_depot_id, self.warehouse)
        person.with_user(self.supervisor).action_aftersales_van()
        self.assertEqual(len(li.aftersales_van_ids), 1)
        li.aftersales_technician = False
        with self.assertRaisesRegex(UserError, "no service technician"):
            li._aftersales_create_van()

    def test_van_is_refilled_from_its_depot(self):
        self._stock(self.belt, 20)
        point = self.env["stock.warehouse.orderpoint"].create(
            {
                "product_id": self.belt.id,
                "location_id": self.van.id,
                "product_min_qty": 2,
                "product_max_qty": 6,
            }
        )
        self.assertEqual(point.warehouse_id, self.warehouse)
        row = self.env["aftersales.van.stock"].search(
            [("location_id", "=", self.van.id)]
        )
        self.assertEqual((row.free, row.minimum, row.to_refill), (0, 2, 6))
        point.action_replenish()
        move = self.env["stock.move"].search([("location_dest_id", "=", self.van.id)])
        self.assertEqual((move.location_id, move.product_qty), (self.stock, 6))
        self._validate(move.picking_id)
        self.assertEqual(self._here(self.van), (6, 0))

    # ------------------------------------------------------------
    # Reserved, used, not used
    # ------------------------------------------------------------

    def test_part_is_reserved_in_the_van_and_booked_out_when_used(self):
        self._stock(self.belt, 3, self.van)
        self._stock(self.belt, 3)
        visit, line = self._visit_with(2)
        self.assertEqual(line.stock_state, "reserved")
        self.assertEqual(line.source_location_id, self.van)
        self.assertEqual(self._here(self.van), (3, 2))
        self._on_site(visit.with_user(self.technician))
        line.with_user(self.technician).action_use()
        self.assertEqual(line.stock_state, "booked")
        self.assertEqual(self._here(self.van), (1, 0))
        move = self._moves(line, "done")
        self.assertEqual(move.location_dest_id.usage, "customer")
        self.assertEqual(move.value, 80)
        # Said twice, or swept up by a later step: once.
        line._sync_stock()
        line.with_user(self.supervisor).action_override("goodwill", "Our fault")
        visit.with_user(self.technician).action_finish()
        self.assertEqual(self._here(self.van), (1, 0))
        # A part without a voucher makes none.
        self.assertFalse(
            self.env["aftersales.equipment"].search([("product_id", "=", self.belt.id)])
        )

    def test_what_is_not_in_the_van_comes_from_the_depot(self):
        self._stock(self.belt, 1, self.van)
        self._stock(self.belt, 5)
        visit, line = self._visit_with(2)
        self.assertEqual(line.source_location_id, self.stock)
        self.assertEqual(self._here(self.stock), (5, 2))
        picking = self._moves(line).picking_id
        self.assertEqual(picking.picking_type_id, self.warehouse.aftersales_job_type_id)
        self.assertEqual(picking.aftersales_visit_id.id, visit.id)

    def test_part_that_was_not_needed_is_free_again(self):
        self._stock(self.belt, 3, self.van)
        visit, line = self._visit_with(2)
        self._on_site(visit)
        line.action_skip()
        self.assertEqual(self._here(self.van), (3, 0))
        self.assertFalse(line.stock_state)

    def test_what_was_booked_out_by_mistake_goes_back(self):
        self._stock(self.belt, 3, self.van)
        visit, line = self._visit_with(3)
        self._on_site(visit)
        line.action_use()
        self.assertEqual(self._here(self.van), (0, 0))
        line.with_user(self.supervisor).quantity = 1
        self.assertEqual(self._here(self.van), (2, 0))
        line.with_user(self.supervisor).state = "unused"
        self.assertEqual(self._here(self.van), (3, 0))
        line.with_user(self.supervisor).state = "used"
        self.assertEqual(self._here(self.van), (2, 0))

    def test_lines_noted_on_site_are_booked_in_one_transfer(self):
        self._stock(self.belt, 3, self.van)
        self._stock(self.oil, 3, self.van)
        visit = self._assigned()
        self._on_site(visit)
        lines = (
            self.env["aftersales.ticket.line"]
            .with_user(self.technician)
            .create(
                [
                    {
                        "ticket_id": visit.ticket_id.id,
                        "dispatch_id": visit.id,
                        "kind": "part",
                        "product_id": product.id,
                        "state": "used",
                    }
                    for product in (self.belt, self.oil)
                ]
            )
        )
        self.assertEqual(set(lines.mapped("stock_state")), {"booked"})
        self.assertEqual(len(self._moves(lines).picking_id), 1)

    # ------------------------------------------------------------
    # Changes
    # ------------------------------------------------------------

    def test_reservation_follows_the_plan(self):
        self._stock(self.belt, 5, self.van)
        self._stock(self.belt, 5, self.other_van)
        visit, line = self._visit_with(2)
        line.quantity = 3
        self.assertEqual(self._here(self.van), (5, 3))
        visit.technician_id = self.zhou
        self.assertEqual(self._here(self.van), (5, 0))
        self.assertEqual(self._here(self.other_van), (5, 3))
        self.assertEqual(line.source_location_id, self.other_van)
        visit.action_reschedule(reason="He is away", requested_by="customer")
        self.assertEqual(self._here(self.other_van), (5, 0))
        visit.date_start = "2026-06-03 02:00:00"
        visit.action_assign()
        self.assertEqual(self._here(self.other_van), (5, 3))
        visit.action_cancel("Not needed")
        self.assertEqual(self._here(self.other_van), (5, 0))

    def test_line_or_ticket_that_goes_frees_its_goods(self):
        self._stock(self.belt, 5, self.van)
        visit, line = self._visit_with(2)
        other = self._part(visit.ticket_id, dispatch_id=visit.id)
        self.assertEqual(self._here(self.van), (5, 3))
        other.unlink()
        self.assertEqual(self._here(self.van), (5, 2))
        visit.ticket_id.action_cancel("Repaired by himself")
        self.assertEqual(self._here(self.van), (5, 0))
        self.assertFalse(line.stock_state)

    def test_other_product_is_another_line_once_booked_out(self):
        self._stock(self.belt, 5, self.van)
        visit, line = self._visit_with(2)
        line.product_id = self.oil
        self.assertEqual(self._here(self.van), (5, 0))
        line.product_id = self.belt
        self._on_site(visit)
        line.action_use()
        with self.assertRaisesRegex(UserError, "have left our stock"):
            line.with_user(self.supervisor).product_id = self.oil

    # ------------------------------------------------------------
    # Nothing there
    # ------------------------------------------------------------

    def test_missing_part_is_said_and_never_goes_below_nothing(self):
        visit, line = self._visit_with(2)
        self.assertEqual(line.stock_state, "missing")
        self._on_site(visit)
        action = line.with_user(self.technician).action_use()
        self.assertIn("Belt", action["params"]["message"])
        self.assertEqual(line.state, "used")
        self.assertEqual(line.stock_state, "missing")
        missing = self.env["aftersales.ticket.line"].with_user(self.agent)
        missing = missing.search([("stock_state", "=", "missing")])
        self.assertIn(line.id, missing.ids)
        self.assertEqual(self._here(self.van)[0], 0)
        self._stock(self.belt, 5, self.van)
        line.with_user(self.technician).action_book_stock()
        self.assertEqual(line.stock_state, "booked")
        self.assertEqual(self._here(self.van), (3, 0))

    def test_last_piece_goes_to_one_of_two(self):
        self._stock(self.belt, 1)
        first, one = self._visit_with()
        second, two = self._visit_with(technician=self.zhou)
        self.assertEqual(one.stock_state, "reserved")
        self.assertEqual(two.stock_state, "missing")
        self._on_site(second)
        two.action_use()
        self.assertEqual(self._here(self.stock), (1, 1))
        self._on_site(first)
        one.action_use()
        self.assertEqual(self._here(self.stock), (0, 0))
        self.assertEqual(two.stock_state, "missing")

    def test_part_planned_waits_for_the_refill_of_the_van(self):
        visit, line = self._visit_with(2)
        self.assertEqual(line.stock_state, "missing")
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.int_type_id.id,
                "location_id": self.stock.id,
                "location_dest_id": self.van.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.belt.id,
                            "product_uom_qty": 4,
                            "location_id": self.stock.id,
                            "location_dest_id": self.van.id,
                        }
                    )
                ],
            }
        )
        self._stock(self.belt, 4)
        picking.action_confirm()
        self._validate(picking)
        self.assertEqual(line.source_location_id, self.van)
        self.assertEqual(line.stock_state, "reserved")
        self.assertEqual(self._here(self.van), (4, 2))
        self.assertEqual(visit.state, "assigned")

    def test_used_part_is_booked_out_once_the_depot_has_it(self):
        visit, line = self._visit_with(2)
        self._on_site(visit)
        line.action_use()
        self.assertEqual(line.stock_state, "missing")
        vendors = self.env.ref("stock.stock_location_suppliers")
        receipt = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.in_type_id.id,
                "location_id": vendors.id,
                "location_dest_id": self.stock.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.belt.id,
                            "product_uom_qty": 5,
                            "location_id": vendors.id,
                            "location_dest_id": self.stock.id,
                        }
                    )
                ],
            }
        )
        receipt.action_confirm()
        self._validate(receipt)
        self.assertEqual(line.stock_state, "booked")
        self.assertEqual(self._here(self.stock), (3, 0))

    def test_archived_product_is_booked_all_the_same(self):
        self._stock(self.belt, 1, self.van)
        visit, line = self._visit_with()
        self.belt.active = False
        self._on_site(visit)
        line.action_use()
        self.assertEqual(line.stock_state, "booked")

    # ------------------------------------------------------------
    # Serials
    # ------------------------------------------------------------

    def test_serial_that_was_built_in_is_the_one_booked_out(self):
        motor = self.env["product.product"].create(
            {
                "name": "Motor",
                "type": "consu",
                "is_storable": True,
                "tracking": "serial",
                "aftersales_voucher": "none",
            }
        )
        first, second, third = self._lots("M-1", "M-2", "M-3", product=motor)
        for lot in (first, second):
            self.env["stock.quant"]._update_available_quantity(
                motor, self.stock, -1, lot_id=lot
            )
            self.env["stock.quant"]._update_available_quantity(
                motor, self.van, 1, lot_id=lot
            )
        visit, line = self._visit_with(product=motor)
        self.assertEqual(line.source_location_id, self.van)
        self._on_site(visit)
        line.new_lot_id = second
        line.action_use()
        move = self._moves(line, "done")
        self.assertEqual(move.lot_ids, second)
        # Noted by nobody: the one that was taken.
        other = self._part(visit.ticket_id, motor, dispatch_id=visit.id, state="used")
        self.assertEqual(other.new_lot_id, first)
        self.assertEqual(third.location_id, self.stock)

    # ------------------------------------------------------------
    # Orders
    # ------------------------------------------------------------

    def _agree(self, line):
        line.ticket_id.with_user(self.agent).action_estimate()
        order = line.ticket_id.sudo().order_id.sudo(False).with_env(self.env)
        order.action_confirm()
        return order

    def test_order_delivers_from_the_van_and_nobody_besides(self):
        self._stock(self.belt, 5, self.van)
        self._stock(self.belt, 5)
        visit, line = self._visit_with(2)
        order = self._agree(line)
        self.assertEqual(self._here(self.van), (5, 2))
        self.assertEqual(self._here(self.stock), (5, 0))
        move = self._moves(line, "assigned")
        self.assertEqual(len(move), 1)
        self.assertEqual(move.sale_line_id.order_id, order)
        self.assertEqual(order.picking_ids, move.picking_id)
        self._on_site(visit)
        line.action_use()
        self.assertEqual(self._here(self.van), (3, 0))
        self.assertEqual(order.order_line.qty_delivered, 2)
        self.assertFalse(self._moves(line, "confirmed", "assigned"))
        line._sync_stock()
        self.assertEqual(self._here(self.van), (3, 0))

    def test_order_agreed_before_the_visit_is_taken_from_the_van(self):
        self._stock(self.belt, 5, self.van)
        self._stock(self.belt, 5)
        ticket = self._visit_ticket()
        line = self._part(ticket, quantity=2)
        order = self._agree(line)
        self.assertEqual(self._here(self.stock), (5, 2))
        visit = self._assigned(ticket=ticket)
        self.assertEqual(self._here(self.stock), (5, 0))
        self.assertEqual(self._here(self.van), (5, 2))
        self.assertEqual(order.picking_ids.location_id, self.van)
        self._on_site(visit)
        line.action_skip()
        self.assertEqual(self._here(self.van), (5, 0))
        self.assertEqual(order.order_line.qty_delivered, 0)

    def test_order_agreed_after_the_use_delivers_nothing_more(self):
        self._stock(self.belt, 5, self.van)
        visit, line = self._visit_with(2)
        self._on_site(visit)
        line.action_use()
        order = self._agree(line)
        self.assertEqual(order.order_line.qty_delivered, 2)
        self.assertEqual(self._here(self.van), (3, 0))
        self.assertFalse(self._moves(line, "confirmed", "assigned", "waiting"))
        self.assertEqual(order.picking_ids, self._moves(line).picking_id)
        invoice = self._invoice(order)
        self.assertEqual(invoice.invoice_line_ids.quantity, 2)

    # ------------------------------------------------------------
    # Preparation and cost
    # ------------------------------------------------------------

    def test_preparation_counts_the_van_and_what_is_reserved(self):
        self._stock(self.belt, 2, self.van)
        self._stock(self.belt, 1, self.other_van)
        visit, line = self._visit_with(2)
        item = visit.item_ids.filtered(lambda x: x.line_id == line)
        self.assertEqual(item.available_quantity, 2)
        self.assertFalse(item.is_missing)

    def test_tickets_with_planned_parts_cost_no_stock(self):
        ticket = self._visit_ticket()
        self.env.flush_all()
        line = self._part(ticket)
        self.env.flush_all()
        self.assertFalse(self._moves(line))

    def test_fifty_lines_cost_little_more_than_one(self):
        self._stock(self.belt, 200, self.van)
        counts = []
        for size in (1, 50):
            visit = self._assigned(start=TODAY_NAIVE + timedelta(days=size // 50))
            values = [
                {
                    "ticket_id": visit.ticket_id.id,
                    "dispatch_id": visit.id,
                    "kind": "part",
                    "product_id": self.belt.id,
                }
                for _index in range(size)
            ]
            lines = self.env["aftersales.ticket.line"].create(values)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["aftersales.ticket.line"].search_fetch(
                [("id", "in", lines.ids)]
            ).mapped("stock_state")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)
