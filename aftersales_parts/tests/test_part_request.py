from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .job_common import TODAY, TODAY_NAIVE, JobCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestPartRequest(JobCommon):
    """Proves R42, R43, R45: asked for, approved, sent by the next depot or bought."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Warehouse = cls.env["stock.warehouse"]
        cls.head = Warehouse.create(
            {"name": "Head Office", "code": "HO", "company_id": cls.company.id}
        )
        cls.region = Warehouse.create(
            {
                "name": "Region",
                "code": "RG",
                "company_id": cls.company.id,
                "aftersales_parent_depot_id": cls.head.id,
            }
        )
        cls.warehouse.aftersales_parent_depot_id = cls.region

    def _request(self, quantity=2.0, user=None, **values):
        return (
            self.env["aftersales.part.request"]
            .with_user(user or self.technician)
            .create(
                {
                    "line_ids": [
                        Command.create(
                            {"product_id": self.belt.id, "quantity": quantity}
                        )
                    ],
                    **values,
                }
            )
        )

    def _approved(self, *args, **kwargs):
        request = self._request(*args, **kwargs)
        request.action_submit()
        request.with_user(self.agent).action_approve()
        return request

    def test_technician_asks_for_his_van(self):
        request = self._request()
        self.assertEqual(request.technician_id.id, self.chen.id)
        self.assertEqual(request.deliver_to, "van")
        self.assertEqual(request.warehouse_id, self.warehouse)
        with self.assertRaisesRegex(UserError, "Approved once it is sent"):
            request.with_user(self.agent).action_approve()
        request.action_submit()
        with self.assertRaisesRegex(UserError, "stays as it was sent"):
            request.line_ids.quantity = 9
        with self.assertRaisesRegex(UserError, "stays as it was sent"):
            request.kind = "gift"
        with self.assertRaises(UserError):
            request.action_approve()
        with self.assertRaises(UserError):
            request.state = "approved"
        request.with_user(self.agent).line_ids.quantity = 3

    def test_approval_by_kind_and_amount(self):
        makeup = self._request(kind="makeup")
        with self.assertRaisesRegex(UserError, "made up"):
            makeup.action_submit()
        makeup.reason = "Not in the crate"
        makeup.action_submit()
        with self.assertRaisesRegex(UserError, "Supervisor"):
            makeup.with_user(self.agent).action_approve()
        makeup.with_user(self.supervisor).action_approve()
        self.assertEqual(makeup.state, "approved")
        dear = self._request(quantity=30)
        dear.action_submit()
        self.assertEqual(dear.approval_level, "supervisor")
        with self.assertRaises(UserError):
            dear.with_user(self.agent).action_approve()
        dear.with_user(self.agent).action_refuse("Too many")
        self.assertEqual(dear.end_reason, "Too many")
        with self.assertRaises(AccessError):
            dear.with_user(self.technician).unlink()

    def test_next_depot_that_has_it_sends_it(self):
        self._stock(self.belt, 1)
        self._stock(self.belt, 5, self.region.lot_stock_id)
        request = self._approved(3)
        pickings = request.sudo().picking_ids
        self.assertEqual(
            {(p.location_id, p.move_ids.product_qty) for p in pickings},
            {(self.stock, 1), (self.region.lot_stock_id, 2)},
        )
        self.assertEqual(set(pickings.mapped("location_dest_id")), {self.van})
        self.assertIn("Region", request.line_ids.supply_text)
        # Pressed again, it is not sent again.
        request.with_user(self.agent).action_supply()
        self.assertEqual(len(request.sudo().picking_ids), 2)
        with self.assertRaises(UserError):
            request.with_user(self.technician).action_cancel("Not needed")
        for picking in pickings:
            self._validate(picking)
        self.assertEqual(request.state, "done")
        self.assertEqual(self._here(self.van), (3, 0))
        with self.assertRaises(UserError):
            request.with_user(self.agent).action_cancel("Too late")

    def test_what_nobody_has_is_purchased(self):
        vendor = self.env["res.partner"].create({"name": "Belts Ltd", "lang": "en_US"})
        self.belt.seller_ids = [Command.create({"partner_id": vendor.id, "price": 30})]
        request = self._approved(4)
        move = request.sudo().line_ids.move_ids
        self.assertEqual(move.location_id, self.head.lot_stock_id)
        bought = self.env["purchase.order.line"].search(
            [("product_id", "=", self.belt.id)]
        )
        self.assertEqual((bought.product_qty, bought.partner_id), (4, vendor))
        self.assertIn("purchased", request.line_ids.supply_text)
        bought.order_id.button_confirm()
        self._validate(bought.order_id.picking_ids)
        self.assertEqual(move.state, "assigned")
        self._validate(move.picking_id)
        self.assertEqual(request.state, "done")

    def test_without_vendor_it_waits_and_says_so(self):
        request = self._approved(4)
        self.assertIn("missing in Head Office", request.line_ids.supply_text)
        request.with_user(self.agent).action_cancel("Found one")
        self.assertEqual(request.sudo().line_ids.move_ids.state, "cancel")

    def test_straight_to_the_site_is_not_booked_twice(self):
        self._stock(self.belt, 5, self.region.lot_stock_id)
        visit, line = self._visit_with(2)
        self.assertEqual(line.stock_state, "missing")
        request = self.env["aftersales.part.request"].with_user(self.technician)
        request = request.create(
            {
                "ticket_id": visit.ticket_id.id,
                "deliver_to": "site",
                "line_ids": [
                    Command.create(
                        {
                            "product_id": self.belt.id,
                            "quantity": 2,
                            "ticket_line_id": line.id,
                        }
                    )
                ],
            }
        )
        self.assertEqual(request.site_id, self.farmer)
        self.assertEqual(request.contact_phone, self.farmer.phone)
        request.action_submit()
        request.with_user(self.agent).action_approve()
        picking = request.sudo().picking_ids
        self.assertEqual(picking.partner_id, self.farmer)
        self.assertEqual(picking.location_dest_id.usage, "customer")
        self._validate(picking)
        self.assertEqual(request.state, "done")
        visit.action_arrive()
        line.action_use()
        self.assertEqual(line.stock_state, "booked")
        self.assertEqual(self._here(self.region.lot_stock_id), (3, 0))
        moves = line.sudo().stock_move_ids.filtered(lambda m: m.state != "cancel")
        self.assertEqual(moves, picking.move_ids)

    def test_whoever_comes_before_the_parts_is_warned(self):
        visit, _line = self._visit_with(2)
        request = self._request(ticket_id=visit.ticket_id.id)
        request.action_submit()
        self.assertIn("not approved", visit.parts_warning)
        request.with_user(self.agent).action_approve()
        request.with_user(self.agent).date_promised = TODAY_NAIVE + timedelta(days=3)
        visit.invalidate_recordset()
        self.assertIn("arrive on", visit.parts_warning)
        action = visit.with_user(self.technician).action_accept()
        self.assertIn("arrive on", action["params"]["message"])
        request.with_user(self.agent).date_promised = TODAY_NAIVE
        visit.invalidate_recordset()
        self.assertFalse(visit.parts_warning)

    def test_ticket_goes_on_when_the_parts_are_there(self):
        self._stock(self.belt, 5)
        ticket = self._visit_ticket()
        request = self._request(ticket_id=ticket.id, user=self.agent)
        request.technician_id = self.chen
        request.action_submit()
        ticket.action_open()
        ticket.action_wait("parts")
        request.action_approve()
        self.assertEqual(ticket.state, "waiting")
        self._validate(request.sudo().picking_ids)
        self.assertEqual(ticket.state, "open")

    def test_technician_sees_his_own(self):
        own = self._request()
        other = self._request(user=self.agent, technician_id=self.zhou.id)
        seen = self.env["aftersales.part.request"].with_user(self.technician).search([])
        self.assertIn(own, seen)
        self.assertNotIn(other.id, seen.ids)
        self._stock(self.belt, 2, self.van)
        self._stock(self.belt, 2, self.other_van)
        rows = self.env["aftersales.van.stock"].with_user(self.technician).search([])
        self.assertEqual(rows.location_id, self.van)
        sheet = self.van.with_user(self.technician)._aftersales_get_count_rows()
        self.assertEqual([row["quantity"] for row in sheet], ["2"])
        with self.assertRaises(AccessError):
            self.other_van.with_user(self.technician).action_aftersales_print_count()
