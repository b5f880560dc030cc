from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .workshop_common import WorkshopCommon


@tagged("post_install", "-at_install")
class TestWorkshop(WorkshopCommon):
    """Proves R28, R67: a customer's item in the workshop, from receipt to hand-back."""

    # ------------------------------------------------------------
    # IN
    # ------------------------------------------------------------

    def test_receipt_opens_custody_and_repair_is_made_once(self):
        rma = self._machine_here()
        line = rma.line_ids
        item = line.custody_ids
        self.assertLess(
            abs((item.date_in - rma.picking_ids.date_done).total_seconds()), 5
        )
        self.assertEqual(item.lot_id, self.lot)
        self.assertEqual(item.equipment_id, self.unit)
        self.assertEqual(item.ticket_id.service_mode, "workshop")
        self.assertIn("Cover missing", item.note)
        rma.action_repair()
        repair = rma.repair_ids
        self.assertEqual(repair.lot_id, self.lot)
        self.assertEqual(repair.partner_id, self.farmer)
        self.assertEqual(repair.picking_id, rma.picking_ids)
        self.assertEqual(repair.aftersales_ticket_id, item.ticket_id)
        self.assertEqual(repair.product_location_src_id, self.customer_goods)
        self.assertEqual(repair.location_id, self.stock)
        action = rma.action_repair()
        self.assertEqual(action["res_id"], repair.id)
        self.assertEqual(len(rma.repair_ids), 1)

    def test_nothing_is_repaired_that_is_not_here(self):
        rma = self._rma((self.move, 1, {"remedy": "repair", "lot_id": self.lot.id}))
        rma.action_authorise()
        with self.assertRaisesRegex(UserError, "validates the receipt"):
            rma.action_repair()

    def test_one_repair_for_each_serial(self):
        lots = self._lots("S-7", "S-8")
        order = self._sell((self.harvester, 2))
        self._deliver(order, lots=lots)
        move = order.picking_ids.move_ids
        rma = self._rma((move, 2, {"remedy": "repair"}))
        rma.action_authorise()
        self._received(rma)
        rma.action_repair()
        self.assertEqual(rma.repair_ids.lot_id, lots)
        self.assertEqual(len(rma.repair_ids.aftersales_ticket_id), 2)
        self.assertEqual(set(rma.repair_ids.mapped("product_qty")), {1})

    def test_untracked_goods_are_one_repair(self):
        self._stock(self.oil, 10)
        order = self._sold(quantity=5)
        rma = self._rma((order.picking_ids.move_ids, 3, {"remedy": "repair"}))
        rma.action_authorise()
        self._received(rma)
        rma.action_repair()
        self.assertEqual(rma.repair_ids.product_qty, 3)
        self._through(rma.repair_ids)
        rma.action_hand_over(signed_by="Wang", signature=self.signature)
        self.assertEqual(rma.line_ids.quantity_given_back, 3)
        self.assertEqual(order.order_line.qty_delivered, 5)
        rma.action_done()

    def test_handed_in_at_the_counter_first(self):
        ticket = self._ticket(equipment_id=self.unit.id, service_mode="workshop")
        ticket.action_hand_in("With key")
        item = ticket.custody_id
        rma = self._rma((self.move, 1, {"remedy": "repair", "lot_id": self.lot.id}))
        rma.action_authorise()
        self._received(rma)
        self.assertEqual(rma.line_ids.custody_ids, item)
        rma.action_repair()
        self.assertEqual(rma.repair_ids.aftersales_ticket_id, ticket)

    def test_from_the_ticket(self):
        ticket = self._ticket(equipment_id=self.unit.id, service_mode="workshop")
        self.assertTrue(ticket.can_workshop)
        ticket.with_user(self.agent).action_workshop()
        rma = self.env["aftersales.return"].search([("ticket_id", "=", ticket.id)])
        self.assertEqual(rma.state, "authorised")
        self.assertFalse(ticket.can_workshop)
        with self.assertRaisesRegex(UserError, "once"):
            ticket.action_workshop()
        self._received(rma)
        rma.with_user(self.agent).action_repair()
        self.assertEqual(ticket.repair_ids, rma.repair_ids)
        with self.assertRaisesRegex(UserError, "not finished"):
            ticket.action_solve()

    def test_unit_sold_before_go_live(self):
        lot = self.env["stock.lot"].create(
            {
                "name": "OLD-1",
                "product_id": self.harvester.id,
                "company_id": self.company.id,
            }
        )
        unit = self.env["aftersales.equipment"].create(
            {
                "product_id": self.harvester.id,
                "lot_id": lot.id,
                "partner_id": self.farmer.id,
                "delivery_date": "2024-05-01",
            }
        )
        ticket = self._ticket(equipment_id=unit.id, service_mode="workshop")
        ticket.action_workshop()
        rma = self.env["aftersales.return"].search([("ticket_id", "=", ticket.id)])
        self._received(rma)
        rma.action_repair()
        self._through(rma.repair_ids)
        rma.action_hand_over(signed_by="Wang", signature=self.signature)
        self.assertEqual(unit.state, "active")
        self.assertEqual(
            self.env["aftersales.equipment"].search_count([("lot_id", "=", lot.id)]), 1
        )

    # ------------------------------------------------------------
    # OWNER
    # ------------------------------------------------------------

    def test_item_stays_its_owners_and_worth_nothing(self):
        rma = self._machine_here()
        self.assertEqual(self._quants(), [(self.customer_goods, self.farmer, 1)])
        rma.action_repair()
        repair = rma.repair_ids
        self._through(repair)
        self.assertEqual(repair.state, "done")
        self.assertEqual(repair.move_id.move_line_ids.owner_id, self.farmer)
        self.assertEqual(self._quants(), [(self.customer_goods, self.farmer, 1)])
        quant = self.env["stock.quant"].search(
            [("lot_id", "=", self.lot.id), ("location_id", "=", self.customer_goods.id)]
        )
        self.assertEqual(quant.value, 0)
        self.assertEqual(repair.move_id.value, 0)
        rma.action_hand_over(signed_by="Wang", signature=self.signature)
        self.assertEqual(self._quants(), [])
        self.assertEqual(self.unit.state, "active")
        self.assertEqual(self.order.order_line.qty_delivered, 1)

    def test_scrapped_item_is_not_repaired(self):
        rma = self._machine_here()
        rma.action_repair()
        repair = rma.repair_ids
        repair.action_repair_start()
        self.env["stock.quant"]._update_available_quantity(
            self.harvester,
            self.customer_goods,
            -1,
            lot_id=self.lot,
            owner_id=self.farmer,
        )
        repair.action_aftersales_finish()
        with self.assertRaisesRegex(UserError, "scrapped, moved"):
            self._check(repair)
        repair.action_repair_cancel()
        self.assertEqual(repair.state, "cancel")

    # ------------------------------------------------------------
    # WORK
    # ------------------------------------------------------------

    def test_times_and_hours(self):
        rma = self._machine_here()
        rma.action_repair()
        repair = rma.repair_ids
        self._create_calendar("Week", 5, [(8, 12), (13, 17)])
        with freeze_time("2026-03-04 01:00:00"):  # nine in Shanghai
            repair.with_user(self.warehouse_user).action_repair_start()
        with freeze_time("2026-03-04 06:30:00"):
            repair.with_user(self.warehouse_user).action_repair_end()
        self.assertEqual(
            fields.Datetime.to_string(repair.aftersales_start_date),
            "2026-03-04 01:00:00",
        )
        self.assertEqual(repair.aftersales_hours, 4.5)
        self.assertEqual(repair.state, "under_repair")
        self.assertEqual(repair.aftersales_check_state, "todo")
        self._check(repair)
        labour = repair.aftersales_line_ids
        self.assertEqual((labour.kind, labour.state), ("labour", "used"))
        self.assertEqual(labour.quantity, 4.5)

    def test_technician_works_without_rights_on_stock(self):
        rma = self._machine_here()
        rma.action_repair()
        repair = rma.repair_ids
        # The ticket is somebody else's, the repair is his.
        repair.user_id = self.technician
        mine = repair.with_user(self.technician)
        mine.action_aftersales_start()
        self._stock(self.pump, 5)
        mine.write({"aftersales_work_done": "New pump"})
        line = (
            self.env["aftersales.ticket.line"]
            .with_user(self.technician)
            .create(
                {
                    "ticket_id": repair.aftersales_ticket_id.id,
                    "kind": "part",
                    "product_id": self.pump.id,
                }
            )
        )
        self.assertEqual(line.repair_id, repair)
        self.assertEqual(repair.move_ids.product_id, self.pump)
        self.assertEqual(repair.move_ids.location_id, self.stock)
        mine.action_aftersales_finish()
        with self.assertRaisesRegex(UserError, "other than the repairer"):
            mine.action_aftersales_pass()
        repair.with_user(self.supervisor).action_aftersales_pass("12.1 V")
        self.assertEqual(repair.state, "done")
        self.assertEqual(line.state, "used")
        self.assertEqual(repair.move_ids.state, "done")

    # ------------------------------------------------------------
    # CHECK
    # ------------------------------------------------------------

    def test_failed_check_goes_back_to_work(self):
        rma = self._machine_here()
        rma.action_repair()
        repair = rma.repair_ids
        repair.action_aftersales_start()
        with self.assertRaisesRegex(UserError, "finished work"):
            repair.action_aftersales_pass()
        repair.action_aftersales_finish()
        inspector = repair.with_user(self.supervisor)
        with self.assertRaisesRegex(UserError, "say what was found"):
            inspector.action_aftersales_fail()
        inspector.action_aftersales_fail("Still leaks")
        self.assertEqual(repair.state, "under_repair")
        self.assertFalse(repair.aftersales_end_date)
        with self.assertRaisesRegex(UserError, "releases it"):
            repair.action_repair_done()
        repair.action_aftersales_finish()
        inspector.action_aftersales_pass("Dry")
        self.assertEqual(repair.state, "done")
        self.assertEqual(
            repair.aftersales_check_ids.mapped("result"), ["failed", "passed"]
        )
        with self.assertRaises(UserError):
            repair.write({"aftersales_check_state": "none"})

    def test_without_check_it_is_done_at_once(self):
        self.company.aftersales_repair_check = False
        rma = self._machine_here()
        rma.action_repair()
        rma.repair_ids.action_aftersales_start()
        rma.repair_ids.action_aftersales_finish()
        self.assertEqual(rma.repair_ids.state, "done")

    def test_repairs_of_others_stay_odoos(self):
        self._stock(self.oil, 1)
        repair = self.env["repair.order"].create(
            {"product_id": self.oil.id, "partner_id": self.farmer.id}
        )
        repair.action_validate()
        repair.action_repair_start()
        repair.action_repair_end()
        self.assertEqual(repair.state, "done")
        self.assertFalse(repair.aftersales_line_ids)

    # ------------------------------------------------------------
    # COMEBACK
    # ------------------------------------------------------------

    def test_comeback_is_compared_with_the_earlier_repair(self):
        rma = self._machine_here()
        rma.action_repair()
        first = rma.repair_ids
        self._part(first, self.pump)
        self._through(first)
        cover = first.aftersales_ticket_id.repair_coverage_ids
        self.assertEqual(cover.source, "repair")
        self.assertEqual(cover.product_id, self.pump)
        self._hand_over_unpaid(rma)
        again = self._rma((self.move, 1, {"remedy": "repair", "lot_id": self.lot.id}))
        again.action_authorise()
        self._received(again)
        again.action_repair()
        self.assertEqual(again.repair_ids.aftersales_previous_id, first)
        self.assertTrue(again.repair_ids.aftersales_is_comeback)
        # The part is under the guarantee of its repair: the customer pays nothing.
        part = self._part(again.repair_ids, self.pump)
        self.assertEqual(part.aftersales_ticket_line_id.coverage, "warranty")
        self.assertEqual(part.aftersales_ticket_line_id.amount_customer, 0)

    # ------------------------------------------------------------
    # FAULTS
    # ------------------------------------------------------------

    def test_cancelled_repair_frees_its_parts_and_is_made_anew(self):
        rma = self._machine_here()
        rma.action_repair()
        first = rma.repair_ids
        move = self._part(first, self.pump)
        line = move.aftersales_ticket_line_id
        first.action_repair_cancel()
        self.assertEqual(line.state, "unused")
        rma.action_repair()
        self.assertEqual(len(rma.repair_ids), 2)
        self.assertEqual((rma.repair_ids - first).state, "confirmed")

    def test_unrepaired_item_goes_back_when_the_repair_is_cancelled(self):
        rma = self._machine_here()
        rma.action_repair()
        with self.assertRaisesRegex(UserError, "finish or cancel"):
            rma.action_hand_over(signed_by="Wang", signature=self.signature)
        with self.assertRaisesRegex(UserError, "not finished"):
            rma.action_done()
        rma.repair_ids.action_repair_cancel()
        rma.action_hand_over(signed_by="Wang", signature=self.signature)
        self.assertEqual(rma.line_ids.quantity_given_back, 1)
        rma.action_done()

    def test_archived_part_and_other_owner(self):
        rma = self._machine_here()
        rma.action_repair()
        repair = rma.repair_ids
        self._part(repair, self.pump)
        self.pump.product_tmpl_id.active = False
        self.unit.partner_id = self.other_farmer
        self._through(repair)
        self.assertEqual(self._quants(), [(self.customer_goods, self.farmer, 1)])
        self._hand_over_unpaid(rma)
        self.assertEqual(self._quants(), [])

    def test_receipt_corrected_to_another_serial(self):
        other = self._lots("S-9")
        order = self._sell((self.harvester, 1), partner=self.farmer)
        self._deliver(order, lots=other)
        rma = self._machine_here()
        item = rma.line_ids.custody_ids
        item.ticket_id.equipment_id = False
        rma.picking_ids.move_line_ids.lot_id = self.lot
        self.assertEqual(len(rma.line_ids.custody_ids), 1)

    def test_queries_do_not_grow(self):
        rma = self._machine_here()
        rma.action_repair()
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(40):
            rma.repair_ids.with_user(self.agent).web_read(
                {
                    "name": {},
                    "aftersales_can_start": {},
                    "aftersales_can_check": {},
                    "aftersales_line_ids": {"fields": {"name": {}}},
                }
            )
