from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import AftersalesCommon


@tagged("post_install", "-at_install")
class TestEquipmentDelivery(AftersalesCommon):
    """Proves R13: the delivery itself makes the service vouchers, exactly once."""

    def test_one_voucher_per_serial(self):
        lots = self._lots("A1", "A2", "A3")
        order = self._sell((self.harvester, 3))
        self._deliver(order, lots=lots)
        units = self._units(order)
        self.assertEqual(units.lot_id, lots)
        self.assertEqual(units.mapped("quantity"), [1, 1, 1])
        self.assertEqual(units.sale_line_id, order.order_line)
        self.assertEqual(units.move_id, order.order_line.move_ids)
        self.assertEqual(units.partner_id, self.farmer)
        self.assertFalse(units.dealer_id)
        self.assertEqual(units.site_id, self.farmer)
        self.assertEqual(units.company_id, self.company)
        self.assertEqual(set(units.mapped("source")), {"delivery"})
        self.assertEqual(set(units.mapped("order_ref")), {order.name})
        self.assertEqual(len(set(units.mapped("public_code"))), 3)
        self.assertEqual(len(set(units.mapped("name"))), 3)

    def test_untracked_goods_one_per_line(self):
        self._stock(self.header, 5)
        order = self._sell((self.header, 5))
        self._deliver(order)
        self.assertEqual(self._units(order).quantity, 5)

    def test_switched_off(self):
        self._stock(self.oil, 5)
        self.harvester.aftersales_voucher = "none"
        lots = self._lots("B1")
        order = self._sell((self.oil, 5), (self.harvester, 1))
        self._deliver(order, lots=lots)
        self.assertFalse(self._units(order))

    def test_default_voucher_follows_tracking(self):
        template = self.env["product.template"].create(
            {"name": "Pump", "type": "consu", "is_storable": True}
        )
        self.assertEqual(template.aftersales_voucher, "none")
        template.tracking = "serial"
        self.assertEqual(template.aftersales_voucher, "serial")
        template.aftersales_voucher = "line"
        template.tracking = "lot"
        self.assertEqual(template.aftersales_voucher, "line")

    def test_backorder(self):
        lots = self._lots("C1", "C2", "C3")
        order = self._sell((self.harvester, 3))
        self._deliver(order, lots=lots[:2])
        self.assertEqual(self._units(order).lot_id, lots[:2])
        self._deliver(order, lots=lots[2:])
        self.assertEqual(self._units(order).lot_id, lots)
        self.assertEqual(len(self._units(order).move_id), 2)

    def test_two_shelves_are_one_voucher(self):
        shelves = self.env["stock.location"].create(
            [{"name": name, "location_id": self.stock.id} for name in ("S1", "S2")]
        )
        for shelf in shelves:
            self._stock(self.header, 2, shelf)
        order = self._sell((self.header, 4))
        picking = self._deliver(order)
        self.assertEqual(len(picking.move_line_ids), 2)
        self.assertEqual(self._units(order).quantity, 4)

    def test_lots_with_quantities(self):
        belts = self.env["product.product"].create(
            {
                "name": "Belt",
                "type": "consu",
                "is_storable": True,
                "tracking": "lot",
                "aftersales_voucher": "serial",
            }
        )
        lots = self.env["stock.lot"].create(
            [{"name": name, "product_id": belts.id} for name in ("L1", "L2")]
        )
        for lot in lots:
            self.env["stock.quant"]._update_available_quantity(
                belts, self.stock, 10, lot_id=lot
            )
        order = self._sell((belts, 15))
        self._deliver(order)
        units = self._units(order)
        self.assertEqual(sorted(units.mapped("quantity")), [5, 10])
        # The same lot goes to many customers: no voucher closes another.
        self._sell((belts, 2), partner=self.other_farmer)
        self.assertEqual(set(units.mapped("state")), {"active"})

    def test_pick_pack_ship(self):
        self.warehouse.delivery_steps = "pick_pack_ship"
        lots = self._lots("D1", "D2")
        order = self._sell((self.harvester, 2))
        for _step in range(3):
            self.assertFalse(self._units(order))
            self._deliver(order, lots=lots)
        self.assertEqual(self._units(order).lot_id, lots)
        self.assertEqual(self._units(order).sale_line_id, order.order_line)

    def test_two_units_of_measure(self):
        self._stock(self.header, 24)
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self.env["sale.order"].create(
            {
                "partner_id": self.farmer.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.header.id,
                            "product_uom_qty": 2,
                            "product_uom_id": dozen.id,
                        }
                    )
                ],
            }
        )
        order.action_confirm()
        self._deliver(order)
        self.assertEqual(self._units(order).quantity, 24)
        invoice = self._invoice(order)
        self.assertEqual(self._units(order).invoice_line_ids, invoice.invoice_line_ids)

    def test_kit(self):
        """The components decide, the kit line of the order is kept."""
        if "mrp.bom" not in self.env:
            self.fail("the host database must have kits (sale_mrp)")
        kit = self.env["product.product"].create(
            {"name": "Harvester set", "type": "consu", "invoice_policy": "delivery"}
        )
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": kit.product_tmpl_id.id,
                "type": "phantom",
                "company_id": self.company.id,
                "bom_line_ids": [
                    Command.create({"product_id": self.harvester.id, "product_qty": 1}),
                    Command.create({"product_id": self.header.id, "product_qty": 2}),
                ],
            }
        )
        lots = self._lots("K1", "K2")
        self._stock(self.header, 4)
        order = self._sell((kit, 2))
        self._deliver(order, lots=lots)
        units = self._units(order)
        self.assertEqual(units.sale_line_id, order.order_line)
        machines = units.filtered("lot_id")
        headers = units - machines
        self.assertEqual(machines.lot_id, lots)
        self.assertEqual(headers.quantity, 4)
        order.order_line.qty_to_invoice = 1
        first = order._create_invoices()
        first.invoice_line_ids.quantity = 1
        first.action_post()
        self.assertEqual(machines[0].invoice_line_ids, first.invoice_line_ids)
        self.assertFalse(machines[1].invoice_line_ids)

    def test_dropship(self):
        """Straight from the vendor: same voucher, the customer is the holder."""
        if "is_dropship" not in self.env["stock.picking"]._fields:
            self.fail("the host database must have dropshipping")
        vendor = self.env["res.partner"].create({"name": "Vendor"})
        route = self.env["stock.route"].search(
            [("rule_ids.picking_type_id.code", "=", "dropship")], limit=1
        )
        self.harvester.write(
            {
                "seller_ids": [Command.create({"partner_id": vendor.id})],
                "route_ids": [Command.set(route.ids)],
            }
        )
        order = self._sell((self.harvester, 1))
        purchase = self.env["purchase.order"].search(
            [("partner_id", "=", vendor.id)], limit=1
        )
        purchase.button_confirm()
        picking = purchase.picking_ids
        lot = self.env["stock.lot"].create(
            {"name": "DS1", "product_id": self.harvester.id}
        )
        self._validate(picking, lots=lot)
        unit = self._units(order)
        self.assertEqual(unit.lot_id, lot)
        self.assertEqual(unit.partner_id, self.farmer)
        self.assertEqual(unit.site_id, self.farmer)
        self.assertEqual(unit.sale_line_id, order.order_line)

    def test_delivery_without_customer(self):
        """Nothing is lost: the voucher waits for its holder."""
        lot = self._lots("N1")
        picking = self._plain_delivery(lot, partner=None)
        unit = self.env["aftersales.equipment"].search([("lot_id", "=", lot.id)])
        self.assertEqual(unit.move_id, picking.move_ids)
        self.assertFalse(unit.partner_id)
        self.assertTrue(unit.activity_ids, "somebody is asked to fill in the holder")

    def _plain_delivery(self, lot, partner):
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.out_type_id.id,
                "partner_id": partner and partner.id,
                "location_id": self.stock.id,
                "location_dest_id": self.env.ref("stock.stock_location_customers").id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.harvester.id,
                            "product_uom_qty": 1,
                            "location_id": self.stock.id,
                            "location_dest_id": self.env.ref(
                                "stock.stock_location_customers"
                            ).id,
                        }
                    )
                ],
            }
        )
        picking.action_confirm()
        return self._validate(picking, lots=lot)

    def test_dealer(self):
        """The buyer is not the holder: he is kept as the dealer."""
        unit = self._sold_unit("E1", partner=self.dealer, ship_to=self.farmer)
        self.assertEqual(unit.partner_id, self.farmer)
        self.assertEqual(unit.dealer_id, self.dealer)
        self.assertEqual(unit.site_id, self.farmer)

    def test_dealer_resells_later(self):
        unit = self._sold_unit("E2", partner=self.dealer)
        self.assertEqual(unit.partner_id, self.dealer)
        self.assertFalse(unit.dealer_id)
        unit.with_user(self.agent).action_register_resale(self.farmer.id)
        self.assertEqual(unit.partner_id, self.farmer)
        self.assertEqual(unit.dealer_id, self.dealer)
        self.assertTrue(unit.registration_date)

    def test_delivery_address_of_the_same_customer(self):
        field = self.env["res.partner"].create(
            {"name": "North Field", "parent_id": self.farmer.id, "type": "delivery"}
        )
        unit = self._sold_unit("E3", ship_to=field)
        self.assertEqual(unit.partner_id, self.farmer)
        self.assertEqual(unit.site_id, field)
        self.assertFalse(unit.dealer_id)

    def test_return_with_refund(self):
        unit = self._sold_unit("F1")
        back = self._return(unit.picking_id)
        self._validate(back)
        self.assertEqual(unit.state, "returned")
        self.assertEqual(unit.quantity_returned, 1)
        self.assertTrue(unit.close_date)

    def test_return_for_repair_and_hand_back(self):
        unit = self._sold_unit("F2")
        back = self._return(unit.picking_id, to_refund=False)
        self._validate(back)
        self.assertEqual(unit.state, "active")
        again = self._return(back, to_refund=False)
        self._validate(again)
        self.assertEqual(unit.state, "active")
        self.assertEqual(
            self.env["aftersales.equipment"].search_count(
                [("lot_id", "=", unit.lot_id.id)]
            ),
            1,
        )

    def test_hand_back_without_order(self):
        """The warehouse sends the customer's own machine back by hand."""
        unit = self._sold_unit("F3")
        self._validate(self._return(unit.picking_id, to_refund=False))
        self._plain_delivery(unit.lot_id, partner=self.farmer)
        self.assertEqual(unit.state, "active")
        self.assertEqual(
            self.env["aftersales.equipment"].search_count(
                [("lot_id", "=", unit.lot_id.id)]
            ),
            1,
        )

    def test_refunded_return_sent_out_again(self):
        unit = self._sold_unit("F4")
        back = self._return(unit.picking_id)
        self._validate(back)
        self._validate(self._return(back))
        self.assertEqual(unit.state, "active")
        self.assertEqual(unit.quantity_returned, 0)
        self.assertFalse(unit.close_date)

    def test_partial_return_of_a_line(self):
        self._stock(self.header, 5)
        order = self._sell((self.header, 5))
        picking = self._deliver(order)
        unit = self._units(order)
        self._validate(self._return(picking, {self.header: 2}))
        self.assertEqual(unit.quantity_returned, 2)
        self.assertEqual(unit.state, "active")
        self._validate(self._return(picking, {self.header: 3}))
        self.assertEqual(unit.state, "returned")

    def test_sold_to_another_customer(self):
        """A new voucher starts, the old one keeps its history."""
        unit = self._sold_unit("G1")
        ticket = self._ticket(equipment_id=unit.id)
        self._validate(self._return(unit.picking_id))
        order = self._sell((self.harvester, 1), partner=self.other_farmer)
        self._deliver(order, lots=unit.lot_id)
        second = self._units(order)
        self.assertEqual(second.partner_id, self.other_farmer)
        self.assertEqual(second.lot_id, unit.lot_id)
        self.assertEqual(second.state, "active")
        self.assertEqual(unit.state, "returned")
        self.assertEqual(unit.ticket_ids, ticket)
        self.assertFalse(second.ticket_ids)

    def test_sold_anew_without_refunded_return(self):
        unit = self._sold_unit("G2")
        self._validate(self._return(unit.picking_id, to_refund=False))
        order = self._sell((self.harvester, 1), partner=self.other_farmer)
        self._deliver(order, lots=unit.lot_id)
        self.assertEqual(unit.state, "returned")
        self.assertEqual(self._units(order).state, "active")

    def test_warehouse_user_validates(self):
        """Whoever validates needs no right on after-sales or sales."""
        lots = self._lots("H1")
        order = self._sell((self.harvester, 1))
        picking = order.picking_ids.with_user(self.warehouse_user)
        self._validate(picking, lots=lots)
        self.assertEqual(self._units(order).lot_id, lots)
        self.assertEqual(picking.aftersales_equipment_count, 1)

    def test_never_twice(self):
        """The follow-up run again adds nothing; the index forbids it anyway."""
        unit = self._sold_unit("I1")
        unit.move_id._aftersales_follow()
        self.assertEqual(len(self._units(unit.sale_order_id)), 1)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.env["aftersales.equipment"]._by_method().create(
                {
                    "product_id": unit.product_id.id,
                    "move_id": unit.move_id.id,
                    "lot_id": unit.lot_id.id,
                    "state": "returned",
                }
            )

    def test_serial_corrected_on_the_done_delivery(self):
        """The warehouse typed the wrong serial: the voucher keeps its history."""
        wrong, right = self._lots("X1", "X2")
        order = self._sell((self.harvester, 1))
        picking = self._deliver(order, lots=wrong)
        unit = self._units(order)
        ticket = self._ticket(equipment_id=unit.id)
        picking.move_line_ids.lot_id = right
        self.assertEqual(self._units(order), unit)
        self.assertEqual((unit.lot_id, unit.serial), (right, "X2"))
        self.assertEqual(unit.ticket_ids, ticket)

    def test_quantity_corrected_on_the_done_delivery(self):
        self._stock(self.header, 5)
        order = self._sell((self.header, 3))
        picking = self._deliver(order)
        picking.move_line_ids.quantity = 2
        self.assertEqual(self._units(order).quantity, 2)
        lots = self._lots("X3", "X4")
        order = self._sell((self.harvester, 1))
        picking = self._deliver(order, lots=lots[:1])
        self._take_lots(picking.move_ids, lots[1:], keep=True)
        units = self._units(order)
        self.assertEqual(units.lot_id, lots)
        self.assertEqual(set(units.mapped("state")), {"active"})

    def test_two_companies(self):
        """Each company numbers and keeps its own vouchers of one serial."""
        unit = self._sold_unit("J1")
        other = self.env["res.company"].create({"name": "Other Works"})
        unit_b = self.env["aftersales.equipment"].create(
            {
                "company_id": other.id,
                "product_id": self.harvester.id,
                "serial": "J1",
                "partner_id": self.other_farmer.id,
            }
        )
        self.assertNotEqual(unit.lot_id, unit_b.lot_id)
        self.assertEqual(unit_b.lot_id.company_id, other)
        self.assertFalse(
            self.env["aftersales.equipment"]
            .with_user(self.agent)
            .search([("id", "=", unit_b.id)])
        )

    def test_facts_cannot_be_typed(self):
        unit = self._sold_unit("K9").with_user(self.manager)
        for vals in (
            {"state": "scrapped"},
            {"move_id": False},
            {"sale_line_id": False},
            {"public_code": "abc"},
            {"name": "SV/1"},
            {"invoice_line_ids": [Command.clear()]},
        ):
            with self.subTest(vals), self.assertRaises(UserError):
                unit.write(vals)
        for vals in ({"serial": "X"}, {"quantity": 3}, {"product_id": self.oil.id}):
            with self.subTest(vals), self.assertRaises(UserError):
                unit.write(vals)
