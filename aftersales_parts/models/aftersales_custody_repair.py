from odoo import models
from odoo.fields import Command


class AftersalesCustody(models.Model):
    """The repair order of an item in our hands."""

    _inherit = "aftersales.custody"

    def _make_repairs(self):
        """Make the repair orders of items that have none open; return them."""
        vals_list = []
        for item in self:
            if vals := item._prepare_repair_vals():
                vals_list.append(vals)
        # The index on live repairs must know which were cancelled.
        self.env["repair.order"].flush_model(["state"])
        repairs = self.env["repair.order"]._by_method().create(vals_list)
        for repair in repairs:
            repair._action_repair_confirm()
        repairs._aftersales_take_planned_parts()
        return repairs

    def _follow_quantity(self):
        """More of an item came: its repair is of all of it."""
        for item in self:
            item._get_open_repairs().write({"product_qty": item.quantity})

    def _prepare_repair_vals(self):
        """Return the values of the repair order of an item, nothing when it has one
        open (hook)."""
        self.ensure_one()
        line = self.return_line_id
        rma = line.return_id
        # What was repaired once may be repaired again, one after the other.
        if self.repair_ids.filtered(lambda repair: repair.state != "cancel"):
            return None
        receipt = self.picking_in_id
        place = receipt.location_dest_id
        warehouse = rma.warehouse_id
        return {
            "product_id": self.product_id.id,
            "product_qty": self.quantity,
            "product_uom": self.product_id.uom_id.id,
            "lot_id": self.lot_id.id,
            "partner_id": rma.partner_id.id,
            "company_id": rma.company_id.id,
            "picking_id": receipt.id,
            "picking_type_id": warehouse.repair_type_id.id,
            # The item stays where customers' goods lie, parts come from our stock.
            "product_location_src_id": place.id,
            "product_location_dest_id": place.id,
            "user_id": self.ticket_id.user_id.id or rma.user_id.id,
            "schedule_date": rma.deadline or self.date_in,
            "aftersales_return_line_id": line.id,
            "aftersales_ticket_id": self.ticket_id.id,
            "aftersales_equipment_id": self.equipment_id.id,
            "aftersales_custody_id": self.id,
        }

    def _get_open_repairs(self):
        """Return the repair orders of items that are neither done nor cancelled."""
        return self.repair_ids.filtered(
            lambda repair: repair.state not in ("done", "cancel")
        )

    def _get_hand_backs(self):
        """Return the done moves that handed an item back, in part or altogether."""
        self.ensure_one()
        return self.return_line_id.stock_move_ids.filtered(
            lambda move: move.state == "done"
            and move._aftersales_is_delivery()
            and (not self.lot_id or self.lot_id in move.move_line_ids.lot_id)
        )

    def _get_quantity_here(self):
        """Return how much of an item is still with us."""
        self.ensure_one()
        came = self.return_line_id._get_received_items().get(self.lot_id, (0.0, None))
        rows = self._get_hand_backs().move_line_ids
        gone = sum(
            row.quantity_product_uom
            for row in rows
            if not self.lot_id or row.lot_id == self.lot_id
        )
        here = came[0] - gone
        return here if self.product_id.uom_id.compare(here, 0.0) > 0 else 0.0

    def _leave(self, picking, moment):
        result = super()._leave(picking, moment)
        self.repair_ids.filtered(
            lambda repair: not repair.aftersales_hand_back_date
        )._aftersales_step({"aftersales_hand_back_date": moment})
        return result

    def _open_hand_back(self):
        """Open the page on which the owner signs for his goods."""
        wizard = self.env["aftersales.hand.back"].create(
            {"custody_ids": [Command.set(self.ids)]}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Hand Back"),
            "res_model": "aftersales.hand.back",
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_open_hand_back(self):
        """Open the hand-back of items that came with a transfer."""
        self.check_access("read")
        return self._open_hand_back()
