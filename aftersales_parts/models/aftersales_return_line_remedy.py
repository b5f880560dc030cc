from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..tools.credit import LIVING
from .aftersales_return import HOLDING_STATES
from .aftersales_return_line import CUSTOMER_GOODS, REMEDIES
from .aftersales_return_workflow import AGENT, SUPERVISOR
from .stock_move_remedy import BY_REMEDY

ENDED = ("done", "cancel")


class AftersalesReturnLine(models.Model):
    """Another remedy than was authorised, with all that follows from it (R48, R51)."""

    _inherit = "aftersales.return.line"

    def _change_remedy(self, remedy):
        """Give these lines another remedy, before or after their goods came.

        What was received as ours and is to stay the customer's – or the other way
        round – is booked back to him and received again as what it is: what is
        delivered on the order, whose goods they are, and where they lie is right
        again. What is still expected is expected anew.

        :param str remedy: refund, exchange, repair or send_back
        :raise UserError: naming the lines, once their former remedy is under way
        """
        lines = self.filtered(lambda line: line.remedy != remedy)
        lines._ensure_remedy_changeable(remedy)
        labels = dict(self._fields["remedy"]._description_selection(self.env))
        for line in lines:
            former = labels[line.remedy]
            # Behind the rule above: agents have no right on transfers.
            line.sudo()._rebook(remedy)
            line.return_id.message_post(
                body=self.env._(
                    "Remedy of %(product)s: %(former)s → %(remedy)s",
                    product=line.product_id.display_name,
                    former=former,
                    remedy=labels[remedy],
                )
            )
        return True

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def _ensure_remedy_changeable(self, remedy):
        """Refuse another remedy to who may not, or when the former is under way.

        :raise UserError: naming the lines and the way out
        """
        self.check_access("write")
        if not self.env.su and not self.env.user.has_group(AGENT):
            raise UserError(self.env._("The desk changes the remedy of a return."))
        if remedy not in dict(REMEDIES):
            raise UserError(self.env._("Choose the remedy that the customer gets."))
        for line in self:
            # What became of the goods, whoever asks.
            if reason := line.sudo()._say_remedy_fixed(remedy):
                raise UserError(
                    self.env._(
                        "%(line)s: %(reason)s",
                        line=line.display_name,
                        reason=reason,
                    )
                )

    def _say_remedy_fixed(self, remedy):
        """Return why the remedy of a line cannot change, empty when it can."""
        self.ensure_one()
        if self.state not in ("draft", *HOLDING_STATES):
            return self.env._("the return is closed.")
        if self._get_credited(LIVING):
            return self.env._(
                "a credit note exists; delete or cancel it, then change the remedy."
            )
        if self._get_replacement_moves() or self._get_offers():
            return self.env._(
                "the replacement is on its way or offered; cancel it, then change the "
                "remedy."
            )
        if self.quantity_given_back:
            return self.env._("the customer has his goods again.")
        if self.repair_ids.filtered(lambda repair: repair.state not in ENDED):
            return self.env._(
                "a repair order is open; finish or cancel it, then change the remedy."
            )
        # See _get_rule_refusals.
        rule_sudo = self.rule_id.sudo()
        if (
            rule_sudo
            and remedy not in rule_sudo._get_allowed()
            and not self.exception_reason
            and not self.env.user.has_group(SUPERVISOR)
            and not self.env.su
        ):
            return self.env._(
                "the return rules do not allow it (%s); a supervisor may.",
                rule_sudo.name,
            )
        return ""

    # ------------------------------------------------------------
    # BOOKING
    # ------------------------------------------------------------

    def _rebook(self, remedy):
        """Write the remedy, and book what came as what it is now."""
        self.ensure_one()
        line = self._by_method()
        receipts = line._get_receipts()
        wanted = (remedy in CUSTOMER_GOODS, remedy in ("refund", "exchange"))
        here = (self.remedy in CUSTOMER_GOODS, all(receipts.mapped("to_refund")))
        expected = line._get_expected_moves()
        moved = bool(receipts) and wanted != here
        places = line._find_goods(receipts) if moved else {}
        line._end_former_transfers(remedy, moved)
        if moved:
            line._book_out(receipts, places)
        if line.quantity_uninvoiced:
            line.write({"quantity_uninvoiced": 0.0})
        line.write({"remedy": remedy, "exchange_first": False})
        line._follow_ordered()
        if moved:
            line._book_in(places)
        elif expected and line.state != "draft":
            line.return_id._create_receipt(line)

    def _end_former_transfers(self, remedy, moved):
        """Cancel what the former remedy waited for."""
        open_moves = self.stock_move_ids.filtered(lambda move: move.state not in ENDED)
        expected = self._get_expected_moves()
        inner = open_moves - expected
        theirs = {self.remedy in CUSTOMER_GOODS, remedy in CUSTOMER_GOODS}
        # What is expected comes as something else now; what lies here is booked anew.
        if len(theirs) > 1 or self.exchange_first or moved:
            inner |= expected
        elif expected:
            # The same transfer does: it will be refused below if it does not.
            expected.to_refund = remedy in ("refund", "exchange")
        if len(theirs) > 1 or moved:
            cancelled = inner
        else:
            cancelled = inner & expected
        if cancelled:
            cancelled.with_context(aftersales_remedy=BY_REMEDY)._action_cancel()

    def _find_goods(self, receipts):
        """Return ``{(lot, place): quantity}`` of where the goods of a line lie.

        :raise UserError: when they were scrapped, or left for somebody else
        """
        self.ensure_one()
        places = {}

        def add(item, place, sign):
            lot = item.lot_id if self.tracking != "none" else item.lot_id.browse()
            key = (lot, place)
            places[key] = places.get(key, 0.0) + sign * item.quantity_product_uom

        for item in receipts.move_line_ids:
            add(item, item.location_dest_id, 1)
        for move in self.stock_move_ids - receipts:
            if move.state == "done" and not move._aftersales_comes_from_customer():
                for item in move.move_line_ids:
                    add(item, item.location_id, -1)
                    add(item, item.location_dest_id, 1)
        uom = self.product_id.uom_id
        places = {
            key: quantity
            for key, quantity in places.items()
            if uom.compare(quantity, 0.0) > 0
        }
        gone = [place for _lot, place in places if place.usage != "internal"]
        if gone:
            raise UserError(
                self.env._(
                    "%(line)s: the goods are not here any more but in %(place)s.",
                    line=self.display_name,
                    place=gone[0].display_name,
                )
            )
        return places

    def _book_out(self, receipts, places):
        """Book goods back to the customer as they came: they did not come like this."""
        self.ensure_one()
        rma, theirs = self.return_id, self.remedy in CUSTOMER_GOODS
        origin = receipts[0]
        owner = (
            origin.picking_id.owner_id
            if theirs
            else origin.picking_id.owner_id.browse()
        )
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": rma.warehouse_id.out_type_id.id,
                "partner_id": rma.partner_id.id,
                "location_id": next(iter(places))[1].id,
                "location_dest_id": origin.location_id.id,
                "origin": rma.name,
                "company_id": rma.company_id.id,
                "aftersales_return_id": rma.id,
                "note": self.env._(
                    "Booked as another remedy; nothing leaves the house."
                ),
                "move_ids": [
                    Command.create(
                        self._prepare_book_out(receipts, lot, place, quantity)
                    )
                    for (lot, place), quantity in places.items()
                ],
            }
        )
        moves = picking.move_ids
        moves._action_confirm(merge=False)
        moves._do_unreserve()
        rows = zip(moves, places.items(), strict=True)
        self.env["stock.move.line"].create(
            [
                {
                    "move_id": move.id,
                    "picking_id": picking.id,
                    "product_id": self.product_id.id,
                    "product_uom_id": self.product_id.uom_id.id,
                    "lot_id": lot.id,
                    "owner_id": owner.id,
                    "quantity": quantity,
                    "location_id": place.id,
                    "location_dest_id": move.location_dest_id.id,
                }
                for move, ((lot, place), quantity) in rows
            ]
        )
        self._ensure_still_here(places, owner)
        moves.picked = True
        picking.with_context(aftersales_remedy=BY_REMEDY)._action_done()
        # From now on the goods of the line are those that are received below.
        receipts.aftersales_return_line_id = False
        (self.stock_move_ids - moves).filtered(
            lambda move: move.state == "done"
        ).aftersales_return_line_id = False
        self.invalidate_recordset(["stock_move_ids"])
        if theirs:
            self.custody_ids._leave(picking, fields.Datetime.now())

    def _prepare_book_out(self, receipts, lot, place, quantity):
        origin = next(
            (move for move in receipts if not lot or lot in move.move_line_ids.lot_id),
            receipts[0],
        )
        return {
            "product_id": self.product_id.id,
            "product_uom": self.product_id.uom_id.id,
            "product_uom_qty": quantity,
            "location_id": place.id,
            "location_dest_id": origin.location_id.id,
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "origin_returned_move_id": origin.id,
            "to_refund": origin.to_refund,
            "sale_line_id": origin.sale_line_id.id,
            "procure_method": "make_to_stock",
        }

    def _ensure_still_here(self, places, owner):
        """Refuse what somebody else took meanwhile.

        :raise UserError: naming the goods and where they should lie
        """
        Quant = self.env["stock.quant"]
        for (lot, place), quantity in places.items():
            quants = Quant._gather(
                self.product_id, place, lot_id=lot, owner_id=owner, strict=bool(lot)
            ).filtered(lambda quant: quant.owner_id == owner)
            if (
                self.product_id.uom_id.compare(sum(quants.mapped("quantity")), quantity)
                < 0
            ):
                raise UserError(
                    self.env._(
                        "%(line)s: the goods are not in %(place)s any more; its remedy "
                        "stays as it is.",
                        line=self.display_name,
                        place=place.display_name,
                    )
                )

    def _book_in(self, places):
        """Receive goods again as what they are now, each serial as it came."""
        self.ensure_one()
        wanted = {}
        for (lot, _place), quantity in places.items():
            wanted[lot] = wanted.get(lot, 0.0) + quantity
        receipt = self.return_id._create_receipt(self)
        move = receipt.move_ids
        move.move_line_ids.unlink()
        self.env["stock.move.line"].create(
            [
                {
                    "move_id": move.id,
                    "picking_id": receipt.id,
                    "product_id": self.product_id.id,
                    "product_uom_id": self.product_id.uom_id.id,
                    "lot_id": lot.id,
                    "owner_id": receipt.owner_id.id,
                    "quantity": quantity,
                    "location_id": receipt.location_id.id,
                    "location_dest_id": receipt.location_dest_id.id,
                }
                for lot, quantity in wanted.items()
            ]
        )
        move.picked = True
        receipt.with_context(skip_backorder=True)._action_done()
