from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .warehouse_common import WarehouseCommon


@tagged("post_install", "-at_install")
class TestParcel(WarehouseCommon):
    """Proves R49: unannounced goods are held, then matched or sent back."""

    def _parcel(self, product=None, **values):
        parcel = (
            self.env["aftersales.parcel"]
            .with_user(self.warehouse_user)
            .create(
                {
                    "product_id": (product or self.oil).id,
                    "partner_id": self.farmer.id,
                    "sender": "Wang, Zhuhai",
                    **values,
                }
            )
        )
        parcel.action_receive()
        return parcel.with_user(self.env.user)

    def test_it_is_promised_to_nobody(self):
        free = self._free(self.oil)
        parcel = self._parcel()
        self.assertEqual(parcel.state, "held")
        hold = self.warehouse.aftersales_hold_id
        quant = self.env["stock.quant"].search([("location_id", "=", hold.id)])
        self.assertEqual((quant.quantity, quant.owner_id), (1, self.farmer))
        self.assertEqual(self._free(self.oil), free)
        self.assertEqual(quant.reserved_quantity, 0)
        unknown = self._parcel(partner_id=False)
        self.assertEqual(
            unknown.picking_ids.owner_id,
            self.env.ref("aftersales_parts.res_partner_sender"),
        )
        with self.assertRaisesRegex(UserError, "received already"):
            parcel.action_receive()

    def test_it_was_announced_after_all(self):
        lots, order = self._sold_lots("P-1", "P-2")
        rma = self._authorised((order.picking_ids.move_ids, 1, {"remedy": "refund"}))
        parcel = self._parcel(self.harvester, serial="P-2")
        self.assertEqual(parcel.hold_move_id.move_line_ids.lot_id, lots[1])
        parcel.with_user(self.agent).action_match(rma.line_ids.id)
        self.assertEqual((parcel.state, rma.state), ("booked", "received"))
        self.assertEqual(rma.line_ids.lot_id, lots[1])
        quants = lots[1].quant_ids.filtered(lambda quant: quant.quantity > 0)
        self.assertEqual(quants.location_id, self.quarantine)
        self.assertFalse(quants.owner_id)
        by_serial = {unit.lot_id.name: unit.state for unit in self._units(order)}
        self.assertEqual(by_serial, {"P-1": "active", "P-2": "returned"})
        self.assertEqual(len(self._units(order)), 2)

    def test_its_return_is_requested_and_authorised(self):
        order = self._sold(quantity=5)
        parcel = self._parcel(quantity=2, note="Leaks")
        wizard = (
            self.env["aftersales.parcel.match"]
            .with_context(active_id=parcel.id)
            .create({"move_id": order.picking_ids.move_ids.id, "remedy": "repair"})
        )
        wizard.action_apply()
        rma = parcel.return_id
        self.assertEqual((parcel.state, rma.state), ("matched", "draft"))
        rma.line_ids.cause_id = self.cause
        rma.with_user(self.supervisor).action_authorise()
        self.assertEqual(parcel.state, "booked")
        self.assertIn(rma.state, ("received", "inspected"))
        self.assertEqual(rma.line_ids.quantity_received, 2)
        place = self.warehouse.aftersales_customer_goods_id
        self.assertEqual(self._on_stock(self.oil, place), 2)
        self.assertEqual(self._on_stock(self.oil, self.warehouse.aftersales_hold_id), 0)

    def test_a_refused_return_leaves_it_on_hold(self):
        order = self._sold(quantity=5)
        rma = self._rma((order.picking_ids.move_ids, 1, {"remedy": "refund"}))
        parcel = self._parcel()
        parcel.action_match(rma.line_ids.id)
        rma.with_user(self.agent).action_refuse("Not ours")
        self.assertEqual(parcel.state, "held")
        self.assertFalse(parcel.return_line_id)

    def test_it_goes_back(self):
        parcel = self._parcel(self.header)
        parcel.with_user(self.agent).action_send_back()
        self.assertEqual(parcel.state, "refused")
        back = parcel.picking_ids.filtered(lambda p: p.state != "done")
        self.assertEqual(back.state, "assigned")
        back.move_ids.picked = True
        back.with_user(self.warehouse_user).button_validate()
        self.assertEqual(parcel.state, "sent_back")
        # It was never sold by us: no voucher is made of it.
        self.assertFalse(
            self.env["aftersales.equipment"].search(
                [
                    ("product_id", "=", self.header.id),
                    ("move_id", "in", back.move_ids.ids),
                ]
            )
        )

    def test_its_way_back_is_cancelled(self):
        parcel = self._parcel(self.header, quantity=3)
        parcel.with_user(self.agent).action_send_back()

        def back():
            return parcel.picking_ids.filtered(
                lambda picking: picking.state not in ("done", "cancel")
            ).with_user(self.warehouse_user)

        back().action_cancel()
        self.assertEqual((parcel.state, back()), ("held", self.env["stock.picking"]))
        parcel.with_user(self.agent).action_send_back()
        # It goes in two boxes.
        self._receive(back(), {self.header: 2})
        self.assertEqual(parcel.state, "refused")
        self.assertEqual(back().move_ids.product_uom_qty, 1)
        self._receive(back())
        self.assertEqual(parcel.state, "sent_back")
        hold = self.warehouse.aftersales_hold_id
        self.assertEqual(self._on_stock(self.header, hold), 0)

    def test_it_is_about_other_goods(self):
        rma = self._authorised(
            (self._sold().picking_ids.move_ids, 1, {"remedy": "refund"})
        )
        parcel = self._parcel(self.header)
        with self.assertRaisesRegex(UserError, "other goods"):
            parcel.action_match(rma.line_ids.id)
        with self.assertRaises(UserError):
            parcel.with_user(self.warehouse_user).action_match(rma.line_ids.id)
        with self.assertRaisesRegex(UserError, "as they came"):
            parcel.quantity = 4

    def test_photos(self):
        photo = self.env["ir.attachment"].with_user(self.warehouse_user)
        photo = photo.create({"name": "box.png", "raw": b"png"})
        parcel = self._parcel(attachment_ids=[Command.set(photo.ids)])
        self.assertEqual(parcel.with_user(self.agent).attachment_ids.name, "box.png")
