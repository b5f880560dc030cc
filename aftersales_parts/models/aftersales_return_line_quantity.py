from odoo import api, models
from odoo.exceptions import UserError

from .aftersales_return import HOLDING_STATES


class AftersalesReturnLine(models.Model):
    """Returnable = delivered − returned − all other open requests (R48)."""

    _inherit = "aftersales.return.line"

    @api.depends("move_id", "lot_id", "quantity", "state", "quantity_received")
    def _compute_returnable_quantity(self):
        moves = self.move_id
        # The same for everybody: requests of others count, whoever looks.
        lines_sudo = self.sudo()
        taken = lines_sudo._read_taken(moves) if moves else {}
        free = lines_sudo._get_free(moves, taken)
        for line in self:
            if not line.move_id:
                line.returnable_quantity = line._get_unit_returnable()
                continue
            lot = line.lot_id if line.tracking != "none" else line.lot_id.browse()
            quantity = free.get((line.move_id, lot.id or None), 0.0)
            if line.state in HOLDING_STATES:
                # What the line holds itself is not taken from it.
                quantity += max(line.quantity - line.quantity_received, 0.0)
            line.returnable_quantity = max(quantity, 0.0)

    def _get_unit_returnable(self):
        """Return what may come back of a unit whose delivery nobody knows."""
        self.ensure_one()
        unit = self.equipment_id
        return unit.quantity - unit.quantity_returned if unit.state == "active" else 0.0

    @api.model
    def _get_free(self, moves, taken):
        """Return ``{(delivery, id of the lot or None): quantity}`` still to come back.

        :param moves: done deliveries
        :param dict taken: rows of :meth:`_read_taken`
        """
        free = {}
        # Deliveries of others count; what they bring is not shown.
        for move in moves.sudo():
            if move.state != "done" or not move._aftersales_is_delivery():
                continue
            for item in move.move_line_ids:
                for lot_id in {None, item.lot_id.id or None}:
                    key = (move.sudo(False), lot_id)
                    free[key] = free.get(key, 0.0) + item.quantity_product_uom
        by_id = {move.id: move for move in moves}
        for move_id, lot_id, _write_date, quantity in taken.values():
            move = by_id.get(move_id)
            if not move:
                continue
            for lot in {None, lot_id}:
                key = (move, lot)
                if key in free:
                    free[key] -= float(quantity or 0.0)
        # No serial of a delivery is freer than the delivery as a whole.
        return {
            (move, lot_id): min(quantity, free[move, None])
            for (move, lot_id), quantity in free.items()
        }

    @api.model
    def _ensure_quantities(self, wanted, own=None):
        """Refuse quantities that may not come back, under the lock of the deliveries.

        :param dict wanted: ``{(delivery, lot or None): quantity}`` in the product's unit
        :param own: lines whose own requests do not count against them
        :raise UserError: naming each delivery and what may still come back
        """
        moves = self.env["stock.move"].union(*(move for move, _lot in wanted))
        self._lock_deliveries(moves)
        taken = self._read_taken(moves, fresh=True)
        for line in own or ():
            taken.pop(("line", line.id), None)
        free = self._get_free(moves, taken)
        by_move = {}
        for (move, lot), quantity in wanted.items():
            by_move[move, None] = by_move.get((move, None), 0.0) + quantity
            if lot:
                by_move[move, lot] = by_move.get((move, lot), 0.0) + quantity
        refused = [
            self._say_refused(move, lot, quantity, left)
            for (move, lot), quantity in by_move.items()
            if move.product_id.uom_id.compare(
                quantity, left := free.get((move, lot.id if lot else None), 0.0)
            )
            > 0
        ]
        if refused:
            raise UserError("\n".join(refused))

    @api.model
    def _say_refused(self, move, lot, quantity, left):
        move_sudo = move.sudo()  # the name of what was delivered, for who returns it
        product = move_sudo.product_id
        return self.env._(
            "%(product)s of delivery %(delivery)s: %(wanted)s %(unit)s are to come back, "
            "but only %(left)s can. What was returned already, and what other requests "
            "have announced, does not come back twice; lower the quantity or cancel the "
            "other request.",
            product=lot.display_name or product.display_name
            if lot
            else product.display_name,
            delivery=move_sudo.picking_id.name or move_sudo.reference,
            wanted=self._say_quantity(quantity),
            left=self._say_quantity(max(left, 0.0)),
            unit=product.uom_id.name,
        )

    @api.model
    def _say_quantity(self, quantity):
        return f"{round(quantity, 6):g}"

    @api.model
    def _ensure_movable(self, incoming):
        """Refuse moves that book back more than there is with the customer.

        :param incoming: moves from customers about to be done
        :raise UserError: naming each delivery and what may still come back
        """
        wanted = {}
        for move in incoming:
            origin = move.origin_returned_move_id
            tracked = move.product_id.tracking != "none"
            for item in move.move_line_ids:
                lot = item.lot_id if tracked and item.lot_id else None
                # A lot that was never delivered is found by the whole of the move.
                key = (origin, lot)
                wanted[key] = wanted.get(key, 0.0) + item.quantity_product_uom
        self._ensure_booked(wanted, incoming)

    @api.model
    def _ensure_booked(self, wanted, incoming):
        """See :meth:`_ensure_movable`; requests announced by others do count."""
        moves = self.env["stock.move"].union(*(move for move, _lot in wanted))
        self._lock_deliveries(moves)
        taken = self._read_taken(moves, fresh=True)
        for move in incoming:
            taken.pop(("move", move.id), None)
        for line in incoming.aftersales_return_line_id:
            taken.pop(("line", line.id), None)
        free = self._get_free(moves, taken)
        totals = {}
        for (move, _lot), quantity in wanted.items():
            totals[move] = totals.get(move, 0.0) + quantity
        refused = [
            self._say_refused(move, None, quantity, free.get((move, None), 0.0))
            for move, quantity in totals.items()
            if move.product_id.uom_id.compare(quantity, free.get((move, None), 0.0)) > 0
        ]
        if refused:
            raise UserError("\n".join(refused))

    # ------------------------------------------------------------
    # FOR THE RECEIPT
    # ------------------------------------------------------------

    def _prepare_return_item(self, wizard):
        """Return what Odoo's return wizard needs to know of this line."""
        self.ensure_one()
        # Made behind the rules of the return; who returns reads no transfers.
        move_sudo = self.move_id.sudo()
        uom = move_sudo.product_uom or self.product_id.uom_id
        return {
            "wizard_id": wizard.id,
            "product_id": self.product_id.id,
            "move_id": move_sudo.id,
            "quantity": self.product_id.uom_id._compute_quantity(
                self.quantity, uom, rounding_method="HALF-UP"
            ),
            "to_refund": self.remedy in ("refund", "exchange"),
        }

    def _put_serials(self, receipt_sudo):
        """Write the announced serials on the transfer."""
        for line in self.filtered("lot_id"):
            moves = receipt_sudo.move_ids.filtered(
                lambda move, line=line: move.aftersales_return_line_id == line
            )
            for item in moves.move_line_ids:
                item.lot_id = line.lot_id
