from odoo import models
from odoo.fields import Command
from odoo.tools import SQL

from .stock_move_part import OPEN_STATES


class AftersalesTicketLine(models.Model):
    """Bring the moves of lines to what the lines say, whatever happened before.

    Everything follows from the present state of line, visit, order and moves, so that
    it happens once, whatever comes first, however often, and after a crash as before.
    """

    _inherit = "aftersales.ticket.line"

    def _sync_stock(self):
        """Reserve, book out, release or take back the goods of these lines."""
        if not self:
            return
        # Technicians and the desk have no right on stock: what moves follows from the
        # lines that they may change, and from nothing else.
        lines = self.sudo().with_context(aftersales_booking=True)
        plans = {line: line._plan_stock() for line in lines}
        lines = lines.filtered(lambda line: plans[line])
        if not lines:
            return
        lines._take_turns()
        lines._cancel_surplus(plans)
        lines._take_back(plans)
        wanting = lines.filtered(lambda line: plans[line]["open"] > 0)
        wanting._place_moves(plans)
        wanting.filtered(lambda line: line.state == "used")._book_out()

    def _take_turns(self):
        """Let one of two transactions that book the same lines begin again."""
        # An update, not a lock: whoever comes second must not go on with what he saw.
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE aftersales_ticket_line SET write_date = write_date WHERE id IN %s",
                tuple(sorted(self.ids)),
            )
        )

    # ------------------------------------------------------------
    # PLAN
    # ------------------------------------------------------------

    def _plan_stock(self):
        """Return what is to happen to the goods of a line; nothing when all is right.

        ``open``: quantity that is to leave, ``surplus``: open moves not needed,
        ``back``: quantity that is to come back.
        """
        self.ensure_one()
        uom = self.product_id.uom_id
        moves = self.stock_move_ids
        waiting = moves.filtered(
            lambda move: move.state in OPEN_STATES
            and not move._aftersales_comes_from_customer()
        )
        net = moves._aftersales_net()
        back = 0.0
        if self.state == "unused":
            wanted, back = 0.0, self._get_returnable(net)
        else:
            wanted = self.quantity - net
            if self.state == "used" and uom.compare(wanted, 0) < 0:
                back = self._get_returnable(-wanted)
        active = self.state == "used" or (self.state == "planned" and self._is_booked())
        wanted = max(wanted, 0.0) if active else 0.0
        own = waiting.filtered(lambda move: not move.sale_line_id)
        ordered = waiting - own
        offer = self._get_stock_offer()
        if offer:
            # The order delivers: what it does not, nobody does.
            surplus = own
            if self.state == "unused":
                surplus |= ordered
            wanted = min(wanted, sum(ordered.mapped("product_qty")))
            if not self.dispatch_id:
                wanted = 0.0  # without a visit the warehouse sends it
        else:
            right = uom.compare(sum(own.mapped("product_qty")), wanted) == 0
            right = right and own.product_id <= self.product_id
            surplus = own.browse() if right else own
        asked = waiting.filtered("aftersales_request_line_id")
        surplus -= asked  # on its way to the site by a request of its own
        if asked and not offer:
            wanted = max(wanted - sum(asked.mapped("product_qty")), 0.0)
        nothing = not surplus and uom.is_zero(back) and uom.is_zero(wanted)
        if nothing or (not surplus and uom.is_zero(back) and self._is_settled()):
            return None
        return {
            "open": wanted,
            "surplus": surplus,
            "back": back,
            "offer": offer,
            "keep": (waiting - surplus - asked),
        }

    def _is_settled(self):
        """Tell whether a planned line has its goods reserved where they should be."""
        self.ensure_one()
        waiting = self.stock_move_ids.filtered(lambda move: move.state in OPEN_STATES)
        places = self._get_places()
        return (
            self.state == "planned"
            and bool(waiting)
            and all(
                move.state == "assigned"
                and any(move.location_id._child_of(place) for place in places)
                and self._is_wanted_lot(move)
                and move.picking_id.aftersales_visit_id == self.dispatch_id
                for move in waiting
            )
        )

    def _is_wanted_lot(self, move):
        """Tell whether a move has the serial that was named, if one was."""
        self.ensure_one()
        return not self.new_lot_id or move.lot_ids == self.new_lot_id

    def _get_returnable(self, quantity):
        """Return how much of a quantity comes back with who used it.

        Goods that the warehouse itself sent are its own to take back.
        """
        self.ensure_one()
        went = self._get_went().filtered("picking_id.aftersales_visit_id")
        return min(quantity, sum(went.mapped("product_qty")))

    def _get_stock_offer(self):
        """Return the confirmed order line that delivers this part."""
        self.ensure_one()
        return self.sale_line_ids.filtered(
            lambda offer: offer.state == "sale"
            and offer.product_id == self.product_id
            and offer.aftersales_payer != "third_party"
        )[:1]

    # ------------------------------------------------------------
    # LESS
    # ------------------------------------------------------------

    def _cancel_surplus(self, plans):
        moves = self.env["stock.move"].union(*(plans[line]["surplus"] for line in self))
        if moves:
            moves._action_cancel()

    def _take_back(self, plans):
        """Bring back what is on the customer's side and was not needed."""
        vals_list = []
        for line in self:
            rest = plans[line]["back"]
            for move in line._get_went().sorted("id", reverse=True):
                if rest <= 0:
                    break
                left = move._aftersales_sum() - sum(
                    back._aftersales_sum()
                    for back in move.returned_move_ids
                    if back.state == "done"
                )
                quantity = min(rest, left)
                if quantity > 0:
                    vals_list.append(line._prepare_back(move, quantity))
                    rest -= quantity
        if not vals_list:
            return
        moves = self.env["stock.move"].create(vals_list)
        moves.picked = True
        moves._action_done()

    def _prepare_back(self, move, quantity):
        """Return the values of the move that brings goods back to where they were."""
        self.ensure_one()
        vals = {
            "product_id": move.product_id.id,
            "product_uom": move.product_id.uom_id.id,
            "product_uom_qty": quantity,
            "location_id": move.location_dest_id.id,
            "location_dest_id": move.location_id.id,
            "partner_id": move.partner_id.id,
            "company_id": move.company_id.id,
            "origin": self.ticket_id.name,
            "origin_returned_move_id": move.id,
            "to_refund": True,
            "sale_line_id": move.sale_line_id.id,
            "aftersales_ticket_line_id": self.id,
        }
        common = {
            "product_id": move.product_id.id,
            "product_uom_id": move.product_id.uom_id.id,
            "location_id": move.location_dest_id.id,
            "location_dest_id": move.location_id.id,
            "company_id": move.company_id.id,
        }
        rows = []
        for item in move.move_line_ids:
            part = min(quantity, item.quantity_product_uom)
            if part > 0:
                rows.append({**common, "lot_id": item.lot_id.id, "quantity": part})
                quantity -= part
        return {**vals, "move_line_ids": [Command.create(row) for row in rows]}

    # ------------------------------------------------------------
    # MORE
    # ------------------------------------------------------------

    def _place_moves(self, plans):
        """Let what these lines need wait in the van, else in the depot."""
        if not self:
            return
        free = self._get_free()
        fresh, new_vals, pickings = self.browse(), [], {}
        reserve = self.env["stock.move"]
        for line in self:
            keep = plans[line]["keep"]
            place = line._choose_place(plans[line]["open"], keep, free)
            if keep and all(
                move.state == "assigned"
                and move.location_id._child_of(place)
                and line._is_wanted_lot(move)
                and move.picking_id.aftersales_visit_id == line.dispatch_id
                for move in keep
            ):
                continue
            picking = line._get_visit_picking(place, plans[line]["offer"], pickings)
            if keep:
                # Without what it was made from, it is not taken from elsewhere.
                keep.filtered(
                    lambda move: not move.move_orig_ids
                )._aftersales_take_from(place, picking)
                reserve |= keep
            elif not plans[line]["offer"]:
                fresh += line
                new_vals.append(line._prepare_move(place, picking, plans[line]["open"]))
        moves = self.env["stock.move"].create(new_vals)
        moves._action_confirm(merge=False)
        for line in self:
            own = (moves | reserve).filtered(
                lambda move, line=line: move.aftersales_ticket_line_id == line
                and move.state in OPEN_STATES
            )
            line._reserve(own)
        self._drop_empty(pickings)

    def _reserve(self, moves):
        """Reserve the serial that was named, else what there is."""
        self.ensure_one()
        if self.new_lot_id and self.product_id.tracking != "none":
            moves.filtered(lambda m: m.lot_ids != self.new_lot_id)._do_unreserve()
            for move in moves.filtered(lambda m: m.state != "assigned"):
                move._update_reserved_quantity(
                    move.product_qty - move.quantity,
                    move.location_id,
                    lot_id=self.new_lot_id,
                    strict=False,
                )
                move._recompute_state()
        else:
            moves.filtered(lambda m: m.state != "assigned")._action_assign()

    def _prepare_move(self, place, picking, quantity):
        """Return the values of the move that takes a part to the customer (hook)."""
        self.ensure_one()
        return {
            "product_id": self.product_id.id,
            "product_uom": self.product_id.uom_id.id,
            "product_uom_qty": quantity,
            "location_id": place.id,
            "location_dest_id": picking.location_dest_id.id,
            "picking_id": picking.id,
            "picking_type_id": picking.picking_type_id.id,
            "partner_id": picking.partner_id.id,
            "company_id": self.company_id.id,
            "origin": self.ticket_id.name,
            "date": picking.scheduled_date,
            "aftersales_ticket_line_id": self.id,
        }

    def _book_out(self):
        """Book out what was used, as far as it is there.

        The rest waits: stock never falls below nothing behind anybody's back.
        """
        moves = self.stock_move_ids.filtered(
            lambda move: move.state in ("assigned", "partially_available")
            and move.quantity > 0
            and not move.aftersales_request_line_id
        )
        if not moves:
            return
        moves.picked = True
        moves._action_done()
        for line in self:
            lots = line._get_went().lot_ids
            if len(lots) == 1 and not line.new_lot_id:
                line._by_method().new_lot_id = lots
