from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .nonconformity_common import NonconformityCommon


@tagged("post_install", "-at_install")
class TestNonconformity(NonconformityCommon):
    """Proves R52: what fails is recorded, decided upon and inspected again."""

    # ------------------------------------------------------------
    # SOURCES
    # ------------------------------------------------------------

    def test_found_on_receipt(self):
        receipt = self._bought()
        row = self._fail(user=self.warehouse_user, move_id=receipt.move_ids.id)
        self.assertEqual(row.product_id, self.pump)
        self.assertEqual(row.lot_id.name, "P-1")
        self.assertEqual(row.found_at, "incoming")
        self.assertEqual(row.sudo().supplier_id, self.maker)
        self.assertEqual(receipt.aftersales_nonconformity_count, 1)
        with self.assertRaisesRegex(UserError, "would be about 6"):
            self._fail(move_id=receipt.move_ids.id, quantity=5)
        # The warehouse decides nothing, and changes no others' rows.
        with self.assertRaises(UserError):
            row.action_decide()
        other = self._fail(lot_id=row.lot_id.id)
        with self.assertRaises(AccessError):
            other.with_user(self.warehouse_user).write({"quantity": 2})

    def test_supplier_of_the_lot(self):
        lot = self._bought().move_line_ids.lot_id
        row = self._fail(lot_id=lot.id)
        self.assertEqual((row.product_id, row.found_at), (self.pump, "stock"))
        self.assertEqual(row.supplier_id, self.maker)
        self.assertEqual(lot.aftersales_nonconformity_count, 1)
        quant = lot.quant_ids.filtered(lambda quant: quant.location_id == self.stock)
        context = quant.action_aftersales_nonconformity()["context"]
        self.assertEqual(context["default_lot_id"], lot.id)
        with self.assertRaisesRegex(UserError, "another product"):
            self._fail(lot_id=lot.id, product_id=self.oil.id)

    def test_failed_part_of_a_ticket(self):
        old = self._bought().move_line_ids.lot_id
        ticket = self._ticket()
        part = self.env["aftersales.ticket.line"].create(
            {
                "ticket_id": ticket.id,
                "kind": "part",
                "product_id": self.pump.id,
                "quantity": 1,
                "old_lot_id": old.id,
                "new_lot_id": old.id,
            }
        )
        part.write({"state": "used", "date_done": "2026-11-02 08:00:00"})
        row = self._fail(user=self.agent, ticket_line_id=part.id)
        self.assertEqual((row.lot_id, row.ticket_id), (old, ticket))
        self.assertEqual(row.found_at, "field")
        self.assertEqual(row.sudo().supplier_id, self.maker)
        self.assertEqual(ticket.aftersales_nonconformity_count, 1)
        for source in (part, ticket):
            action = source.action_aftersales_nonconformity()
            self.assertEqual(action["context"]["default_ticket_line_id"], part.id)

    def test_serial_is_one_piece(self):
        lot = self._lots("N-1")
        with self.assertRaisesRegex(UserError, "one piece"):
            self._fail(lot_id=lot.id, quantity=2)

    # ------------------------------------------------------------
    # RETURNS
    # ------------------------------------------------------------

    def _inspected(self, *findings):
        """Return five pieces of oil, found as (finding, quantity) pairs."""
        self._stock(self.oil, 10)
        order = self._sold(quantity=5)
        move = order.picking_ids.move_ids
        rma = self._rma((move, 5, {"remedy": "refund", "cause_id": self.weld.id}))
        rma.with_user(self.supervisor).action_authorise()
        self._received(rma)
        Finding = self.env["aftersales.return.inspection"]
        rows = Finding.with_user(self.warehouse_user)
        for finding, quantity in findings:
            rows.create(
                {
                    "line_id": rma.line_ids.id,
                    "finding": finding,
                    "quantity": quantity,
                }
            )
        rma.with_user(self.warehouse_user).action_inspect()
        return rma

    def _rows_of(self, rma):
        return self.env["aftersales.nonconformity"].search(
            [("return_id", "=", rma.id)], order="id"
        )

    def test_each_failing_finding_opens_one(self):
        rma = self._inspected(("resaleable", 1), ("rework", 2), ("scrap", 2))
        rows = self._rows_of(rma)
        self.assertEqual(rows.mapped("disposition"), ["rework", "scrap"])
        self.assertEqual(rows.mapped("found_at"), ["return", "return"])
        self.assertEqual(rows.cause_id, self.weld)
        self.assertEqual(rma.aftersales_nonconformity_count, 2)
        rows.inspection_id._open_nonconformities()
        self.assertEqual(self._rows_of(rma), rows)
        # Nor does another process open a second one.
        rows[0].quantity = 1
        values = rows[0].inspection_id._prepare_nonconformity() | {"quantity": 1}
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            rows._by_method().create(values)

    def test_reworked_goods_of_a_return_pass_here(self):
        rma = self._inspected(("resaleable", 3), ("rework", 2))
        before = self._on_stock(self.oil)
        row = self._rows_of(rma).with_user(self.quality_lead)
        row.action_decide()
        row.action_rework()
        row.with_user(self.colleague).action_pass("Tight")
        self.assertEqual(row.state, "done")
        self.assertEqual(self._on_stock(self.oil), before + 2)
        again = rma.inspection_ids.filtered(lambda f: f.after_rework and f.date)
        self.assertEqual((again.finding, again.quantity), ("resaleable", 2))

    def test_reworked_goods_of_a_return_pass_there(self):
        rma = self._inspected(("resaleable", 3), ("rework", 2))
        row = self._rows_of(rma)
        row.with_user(self.quality_lead).action_decide()
        rma.line_ids.inspection = "resaleable"
        rma.with_user(self.warehouse_user).action_inspect()
        self.assertEqual(row.state, "done")
        self.assertEqual(row.check_ids.result, "passed")
        self.assertEqual(row.check_ids.user_id, self.warehouse_user)

    def test_goods_of_a_return_scrapped_after_all(self):
        rma = self._inspected(("rework", 5))
        row = self._rows_of(rma).with_user(self.quality_lead)
        row.disposition = "scrap"
        row.action_decide()
        self.assertEqual(row.state, "decided")
        self.assertEqual(rma.line_ids.quantity_in_rework, 0)
        scrap = self.env["stock.scrap"].search([("origin", "=", rma.name)])
        self.assertEqual((scrap.scrap_qty, scrap.state), (5, "done"))
        row.action_close()
        self.assertEqual(row.state, "done")

    # ------------------------------------------------------------
    # STOCK
    # ------------------------------------------------------------

    def test_kept_apart_and_passed(self):
        receipt = self._bought()
        row = self._fail(move_id=receipt.move_ids.id, quantity=3)
        self.assertEqual(self._free(), 5)
        row.action_hold()
        self.assertEqual((self._free(), row.quantity_held), (2, 3))
        row.action_hold()
        self.assertEqual((self._free(), row.quantity_held), (2, 3))
        row.disposition = "rework"
        row.action_decide()
        with self.assertRaisesRegex(UserError, "inspected again"):
            row.action_close()
        with self.assertRaisesRegex(UserError, "stands"):
            row.quantity = 2
        # Nobody takes them back to stock by hand.
        place = self.warehouse.aftersales_apart_id
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.int_type_id.id,
                "location_id": place.id,
                "location_dest_id": self.stock.id,
                "move_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": self.pump.id,
                            "product_uom_qty": 1,
                            "location_id": place.id,
                            "location_dest_id": self.stock.id,
                        },
                    )
                ],
            }
        )
        picking.action_confirm()
        picking.action_assign()
        picking.move_ids.picked = True
        with self.assertRaisesRegex(UserError, "kept apart because it fails"):
            picking.button_validate()
        picking.action_cancel()
        row.action_rework()
        with self.assertRaisesRegex(UserError, "Somebody other"):
            row.action_pass("Tight")
        inspector = row.with_user(self.colleague)
        inspector.action_fail("Leaks")
        self.assertEqual((row.state, row.disposition), ("open", False))
        row.disposition = "repair"
        row.action_decide()
        row.action_rework()
        inspector.action_pass("Tight")
        self.assertEqual(row.state, "done")
        self.assertEqual(row.check_ids.mapped("result"), ["failed", "passed"])
        self.assertEqual((self._free(), row.quantity_held), (5, 0))

    def test_reserved_goods_are_named(self):
        receipt = self._bought(quantity=2)
        lot = receipt.move_line_ids.lot_id
        order = self._sell((self.pump, 1))
        self.assertEqual(order.picking_ids.state, "assigned")
        row = self._fail(lot_id=lot.id, quantity=2)
        row.action_hold()
        self.assertEqual(row.quantity_held, 1)
        self.assertIn(order.picking_ids.name, row.reserved_for)
        self.assertIn(self.farmer.name, row.reserved_for)

    def test_scrapped(self):
        receipt = self._bought()
        row = self._fail(move_id=receipt.move_ids.id, quantity=3, disposition="scrap")
        row.action_decide()
        self.assertEqual(self._free(), 2)
        scrap = self.env["stock.scrap"].search([("origin", "=", row.name)])
        self.assertEqual((scrap.scrap_qty, scrap.state), (3, "done"))
        self.assertEqual(row.quantity_held, 0)
        row.action_close()
        row.action_collect_costs()
        self.assertEqual(row.cost_ids.mapped("kind"), ["scrap"])
        self.assertEqual(row.cost_total, 180)
        with self.assertRaisesRegex(UserError, "follow from their documents"):
            row.cost_ids.amount = 1

    def test_split_and_conceded(self):
        receipt = self._bought()
        row = self._fail(move_id=receipt.move_ids.id, quantity=5)
        row.action_hold()
        other = row.action_split(2)
        self.assertEqual((row.quantity, other.quantity), (3, 2))
        self.assertEqual(other.split_from_id, row)
        with self.assertRaisesRegex(UserError, "less than 2"):
            other.action_split(2)
        other.disposition = "concession"
        with self.assertRaisesRegex(UserError, "until when"):
            other.action_decide()
        other.write({"decision_reason": "Paint only", "concession_until": "2026-12-31"})
        with self.assertRaisesRegex(UserError, "quality lead's"):
            other.with_user(self.supervisor).action_decide()
        other.action_decide()
        self.assertEqual(self._free(), 2)
        other.action_close()
        row.disposition = "scrap"
        row.action_decide()
        self.assertEqual((self._free(), row.quantity_held), (2, 0))

    def test_repaired_where_it_lies(self):
        lot = self._bought().move_line_ids.lot_id
        row = self._fail(lot_id=lot.id, quantity=1, disposition="repair")
        row.action_decide()
        row.action_create_repair()
        repair = row.sudo().rework_ids
        self.assertEqual(
            repair.product_location_src_id, self.warehouse.aftersales_apart_id
        )
        self.assertEqual(repair.lot_id, lot)
        with self.assertRaisesRegex(UserError, repair.name):
            row.action_rework()
        repair.action_repair_start()
        technician = self.env["hr.employee"].create(
            {
                "name": "Mechanic",
                "user_id": self.technician.id,
                "company_id": self.company.id,
                "hourly_cost": 50.0,
            }
        )
        repair.write({"aftersales_technician_id": technician.id, "aftersales_hours": 2})
        repair.action_repair_end()
        self.assertEqual(repair.state, "done")
        row.action_rework()
        self.assertIn(self.technician, row._get_reworkers())
        row.with_user(self.colleague).action_pass("Runs")
        self.assertEqual(row.quantity_held, 0)
        row.action_collect_costs()
        row.action_collect_costs()
        self.assertEqual(row.cost_total, 100)

    # ------------------------------------------------------------
    # GUARDS
    # ------------------------------------------------------------

    def test_guards(self):
        lot = self._bought().move_line_ids.lot_id
        row = self._fail(lot_id=lot.id, cause_id=False)
        with self.assertRaisesRegex(UserError, "disposition"):
            row.action_decide()
        row.disposition = "scrap"
        with self.assertRaisesRegex(UserError, "cause"):
            row.action_decide()
        with self.assertRaisesRegex(UserError, "State"):
            row.state = "done"
        with self.assertRaisesRegex(UserError, "decided first"):
            row.action_close()
        row.action_hold()
        with self.assertRaisesRegex(UserError, "Say why"):
            row.action_cancel()
        with self.assertRaisesRegex(UserError, "only the quality lead"):
            row.with_user(self.supervisor).action_cancel("By mistake")
        row.action_cancel("By mistake")
        self.assertEqual((row.state, self._free()), ("cancelled", 5))
        with self.assertRaisesRegex(UserError, "nobody decided"):
            row.with_user(self.manager).unlink()
        with self.assertRaises(UserError):
            self.weld.copy().parent_id = self.weld.copy({"parent_id": self.weld.id})
            self.weld.parent_id = self.env["aftersales.cause"].create(
                {"name": "Below", "parent_id": self.weld.id}
            )

    def test_grave_is_told_at_once(self):
        row = self._fail(user=self.agent, product_id=self.pump.id, grave=True)
        self.assertEqual(row.sudo().activity_ids.user_id, self.quality_lead)
        row.with_user(self.quality_lead).disposition = "scrap"
        row.with_user(self.quality_lead).action_decide()
        self.assertFalse(row.sudo().activity_ids)

    def test_warranty_counts_once(self):
        ticket = self._ticket(service_kind="warranty")
        line = self.env["aftersales.ticket.line"].create(
            {
                "ticket_id": ticket.id,
                "kind": "part",
                "product_id": self.pump.id,
                "quantity": 2,
            }
        )
        line.write(
            {"share_company": 100, "share_customer": 0, "coverage_reason": "Goodwill"}
        )
        line.write({"state": "used", "date_done": "2026-11-02 08:00:00"})
        first = self._fail(ticket_id=ticket.id, product_id=self.pump.id)
        other = self._fail(ticket_id=ticket.id, product_id=self.pump.id)
        rows = first + other
        rows.action_collect_costs()
        rows.action_collect_costs()
        self.assertEqual(rows.mapped("cost_total"), [120, 0])
        self.assertEqual(first.cost_ids.document, ticket.name)

    def test_lists_open_with_the_same_queries(self):
        lot = self._bought().move_line_ids.lot_id
        rows = self.env["aftersales.nonconformity"]
        for _number in range(21):
            rows |= self._fail(lot_id=lot.id)
        spec = {
            name: {}
            for name in ("name", "quantity", "quantity_held", "can_decide", "state")
        }
        counts = []
        for part in (rows[:1], rows):
            part = part.with_user(self.quality_lead)
            self.env.flush_all()
            self.env.invalidate_all()
            part.web_read(spec)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            part.web_read(spec)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
