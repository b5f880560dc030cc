from odoo import api, models
from odoo.exceptions import UserError

from .aftersales_return import HOLDING_STATES


class AftersalesReturnLine(models.Model):
    """Returnable = delivered − returned − all other open requests (R48)."""

    _inherit = "aftersales.return.line"

    @api.depends("move_id", "lot_id", "quantity", "state", "quantity_received")
    def _compute_returnable_quantity(self):
        # The same for everybody: deliveries and requests of others count, whoever looks.
        lines_sudo = self.sudo()
        free = lines_sudo._get_free(lines_sudo.move_id)
        units = lines_sudo.filtered(lambda line: not line.move_id).equipment_id
        announced = units._get_announced()
        for line, line_sudo in zip(self, lines_sudo, strict=True):
            if not line_sudo.move_id:
                line.returnable_quantity = line_sudo._get_unit_returnable(announced)
                continue
            lot = line_sudo._get_tracked_lot()
            quantity = free.get((line_sudo.move_id, lot.id or None), 0.0)
            if line.state in HOLDING_STATES:
                # What the line holds itself is not taken from it.
                quantity += max(line.quantity - line.quantity_received, 0.0)
            line.returnable_quantity = max(quantity, 0.0)

    def _get_tracked_lot(self):
        """Return the serial or lot of the line, where the product has such."""
        self.ensure_one()
        return self.lot_id if self.tracking != "none" else self.lot_id.browse()

    # ------------------------------------------------------------
    # UNITS WITHOUT A DELIVERY
    # ------------------------------------------------------------

    def _get_unit_returnable(self, announced):
        """Return what may come back of a unit whose delivery nobody knows.

        :param dict announced: what open returns hold of each unit
        """
        self.ensure_one()
        unit = self.equipment_id
        if unit.state != "active":
            return 0.0
        left = unit.quantity - unit.quantity_returned - announced.get(unit.id, 0.0)
        if self.state in HOLDING_STATES:
            # What the line holds itself is not taken from it.
            left += self.quantity
        return max(min(left, unit.quantity), 0.0)

    def _ensure_units_returnable(self):
        """Refuse what may not come back of units that nobody knows the delivery of.

        :raise UserError: naming the units
        """
        units = self.equipment_id
        if not units:
            return
        units._lock_for_return()
        known = units._get_announced(own=self)
        if self.env.registry.ready:
            with self.env.registry.cursor() as cr:
                for unit_id, quantity in units._get_announced(cr, self).items():
                    known[unit_id] = max(known.get(unit_id, 0.0), quantity)
        for unit in units:
            lines = self.filtered(lambda line, unit=unit: line.equipment_id == unit)
            left = unit.quantity - unit.quantity_returned - known.get(unit.id, 0.0)
            wanted = sum(lines.mapped("quantity"))
            if unit.state != "active" or unit.uom_id.compare(wanted, left) > 0:
                raise UserError(
                    self.env._(
                        "%s is not with the customer any more, or announced in another "
                        "return already; cancel the other one first.",
                        unit.display_name,
                    )
                )

    @api.model
    def _get_free(self, moves, taken=None):
        """Return what may still come back of deliveries, as a whole and by serial or lot.

        :param moves: done deliveries
        :param dict taken: rows of :meth:`_read_taken` for their roots; read when None
        :return: dict ``{(delivery, id of the lot or None): quantity}``
        """
        if not moves:
            return {}
        roots = {move: move._aftersales_first_move() for move in moves}
        if taken is None:
            taken = self._read_taken(moves.union(*roots.values()))
        left = {}
        for root in set(roots.values()):
            if root._aftersales_is_delivery():
                self._add_delivered(left, root)
        for row in taken.values():
            for lot_id in {None, row.lot_id}:
                key = (row.root_id, lot_id)
                left[key] = left.get(key, 0.0) - float(row.quantity)
        free = {}
        for move, root in roots.items():
            if not move._aftersales_is_delivery():
                continue
            own = {}
            self._add_delivered(own, move)
            whole = left.get((root.id, None), 0.0)
            for (_move_id, lot_id), quantity in own.items():
                # No serial is freer than the delivery as a whole, nor a hand-back
                # freer than what it gave back.
                found = left.get((root.id, lot_id), 0.0)
                free[move, lot_id] = min(found, whole, quantity)
        return free

    @api.model
    def _add_delivered(self, quantities, move):
        """Add the done quantity of a delivery, as a whole and by serial or lot."""
        if move.state != "done":
            return
        for item in move.move_line_ids:
            for lot_id in {None, item.lot_id.id or None}:
                key = (move.id, lot_id)
                quantities[key] = quantities.get(key, 0.0) + item.quantity_product_uom

    @api.model
    def _ensure_quantities(self, wanted, own=None, incoming=None):
        """Refuse quantities that may not come back, under the lock of the deliveries.

        :param dict wanted: ``{(delivery, lot or None): quantity}`` in the product's unit
        :param own: lines whose requests do not count against them
        :param incoming: moves whose quantities do not count against them
        :raise UserError: naming each delivery and what may still come back
        """
        moves = self.env["stock.move"].union(*(move for move, _lot in wanted))
        moves = moves.sudo()  # deliveries of others count, whoever returns
        roots = moves.union(*(move._aftersales_first_move() for move in moves))
        self._lock_deliveries(roots)
        own_ids = set(own.ids) if own else ()
        incoming_ids = set(incoming.ids) if incoming else ()
        taken = {
            key: row
            for key, row in self._read_taken(roots, fresh=True).items()
            if row.move_id not in incoming_ids
            and not (row.kind == "line" and row.id in own_ids)
        }
        free = {
            (move.id, lot_id): quantity
            for (move, lot_id), quantity in self._get_free(moves, taken).items()
        }
        totals = {}
        for (move, lot), quantity in wanted.items():
            for key in {(move, None), (move, lot)}:
                totals[key] = totals.get(key, 0.0) + quantity
        refused = [
            self._say_refused(move, lot, quantity, left)
            for (move, lot), quantity in totals.items()
            if move.product_id.uom_id.compare(
                quantity, left := free.get((move.id, lot.id if lot else None), 0.0)
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

        Which serials may come is a question of its own: a wrong one is found out when
        the parcel is opened.

        :param incoming: moves from customers, about to be done or corrected
        :raise UserError: naming each delivery and what may still come back
        """
        wanted = {}
        for move in incoming:
            key = (move.origin_returned_move_id, None)
            quantity = sum(move.move_line_ids.mapped("quantity_product_uom"))
            wanted[key] = wanted.get(key, 0.0) + quantity
        self._ensure_quantities(
            wanted, own=incoming.aftersales_return_line_id, incoming=incoming
        )
