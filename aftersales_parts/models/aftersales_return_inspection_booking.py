from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .aftersales_return_inspection import GOOD
from .aftersales_return_line import CUSTOMER_GOODS
from .stock_move_part import OPEN_STATES


class AftersalesReturnInspection(models.Model):
    """Findings move the goods, once (R52)."""

    _inherit = "aftersales.return.inspection"

    def _book(self):
        """Book findings: the goods go where these send them.

        Made behind the rules of the return, with the rights of nobody in particular.

        :raise UserError: when they are about more than what waits for its inspection
        """
        rows = self.filtered(lambda row: not row.date)
        lines = rows.line_id
        lines._lock_for_inspection()
        rows._complete_lots()
        rows._ensure_bookable()
        rows._by_method().write(
            {"date": fields.Datetime.now(), "inspector_id": self.env.uid}
        )
        # What stays the customer's, or went past quarantine, is found and not moved.
        ours = rows.filtered(
            lambda row: row.line_id.remedy not in CUSTOMER_GOODS
            and row.line_id._was_in_quarantine()
        )
        ours._pass_to_stock()
        released = ours._release()
        ours._scrap(released)
        ours._send_back_misused(released)
        lines._summarise_findings()
        lines.return_id._follow_inspection()
        lines.return_id._after_inspection()

    def _complete_lots(self):
        """Name the serial of findings where only one can be meant.

        :raise UserError: when there are several
        """
        for row in self.filtered(lambda row: row.tracking != "none" and not row.lot_id):
            lots = {lot for lot, _again in row.line_id._get_open_findings()}
            if len(lots) != 1:
                raise UserError(row._say_too_much(row.lot_id, 0.0))
            row.lot_id = lots.pop()

    def _ensure_bookable(self):
        """Refuse findings about goods that are not here, or were found already.

        :raise UserError: naming each and what is still open
        """
        self.line_id._warm_up()
        left = {line: line._get_open_findings() for line in self.line_id}
        for row in self:
            line = row.line_id
            lot = line._get_lot_key(row.lot_id)
            row._ensure_not_settled()
            uom = row.uom_id
            again = row.after_rework or (
                uom.compare(row.quantity, left[line].get((lot, False), 0.0)) > 0
                and uom.compare(row.quantity, left[line].get((lot, True), 0.0)) <= 0
            )
            rest = left[line].get((lot, again), 0.0)
            if uom.compare(row.quantity, rest) > 0:
                raise UserError(row._say_too_much(lot, rest))
            left[line][lot, again] = rest - row.quantity
            if again != row.after_rework:
                row._by_method().after_rework = again

    def _say_too_much(self, lot, rest):
        self.ensure_one()
        line = self.line_id
        if line.tracking != "none" and not lot:
            return self.env._(
                "%s: say which serial or lot the finding is about.", line.display_name
            )
        return self.env._(
            "%(goods)s: a finding on %(quantity)s, but only %(rest)s received and not "
            "inspected yet.",
            goods=" · ".join(filter(None, (line.display_name, lot.name))),
            quantity=line._say_quantity(self.quantity),
            rest=line._say_quantity(rest),
        )

    def _ensure_not_settled(self):
        """Refuse misuse of goods whose money or replacement is given already.

        :raise UserError: naming the line and the way out
        """
        self.ensure_one()
        line = self.line_id
        if self.finding != "misuse" or line.remedy in CUSTOMER_GOODS:
            return
        given = (
            line._get_credited(("draft", "posted"))
            if line.remedy == "refund"
            else line.quantity_replaced
        )
        accepted = line._get_accepted_quantity() - self.quantity
        if line.product_id.uom_id.compare(given, max(accepted, 0.0)) > 0:
            raise UserError(
                self.env._(
                    "%s: it is refunded or replaced already, so it cannot be refused for "
                    "misuse any more. Delete the draft credit note first, or say what "
                    "the goods are: rework or scrap.",
                    line.display_name,
                )
            )

    # ------------------------------------------------------------
    # MOVES
    # ------------------------------------------------------------

    def _pass_to_stock(self):
        """Validate what passed on its transfer to stock; the rest stays on another."""
        good = self.filtered(lambda row: row.finding in GOOD)
        moves = good.line_id._get_inspection_moves(OPEN_STATES)
        wanted = good._sum_by_lot()
        moves.filtered(lambda move: move.state != "assigned")._action_assign()
        taken = moves.browse()
        for item in moves.move_line_ids:
            line = item.move_id.aftersales_return_line_id
            key = (line, line._get_lot_key(item.lot_id))
            quantity = min(wanted.get(key, 0.0), item.quantity_product_uom)
            if line.product_id.uom_id.compare(quantity, 0.0) <= 0:
                continue
            wanted[key] -= quantity
            if line.product_id.uom_id.compare(quantity, item.quantity_product_uom) < 0:
                item.quantity = quantity
            item.picked = True
            taken |= item.move_id
        self._ensure_found(wanted)
        if taken:
            # What is not picked stays in quarantine, on a transfer of its own.
            taken.picking_id.with_context(
                cancel_backorder=False, skip_backorder=True
            )._action_done()

    def _sum_by_lot(self):
        quantities = {}
        for row in self:
            key = (row.line_id, row.line_id._get_lot_key(row.lot_id))
            quantities[key] = quantities.get(key, 0.0) + row.quantity
        return quantities

    def _ensure_found(self, wanted):
        """Refuse when the transfer to stock does not hold the goods any more.

        :raise UserError: naming the goods
        """
        missing = [
            (lot or line.product_id).display_name
            for (line, lot), quantity in wanted.items()
            if line.product_id.uom_id.compare(quantity, 0.0) > 0
        ]
        if missing:
            raise UserError(
                self.env._(
                    "These goods are no longer reserved in quarantine: %s. Check the "
                    "availability of the inspection transfer, or where they lie.",
                    ", ".join(missing),
                )
            )

    def _release(self):
        """Take goods that do not pass off their transfer to stock.

        :return: list of (row, location, lot, quantity)
        """
        out = self.filtered(lambda row: row.finding in ("scrap", "misuse"))
        moves = out.line_id._get_inspection_moves(OPEN_STATES)
        moves.filtered(lambda move: move.state != "assigned")._action_assign()
        released, by_move, missing = [], {}, {}
        for row in out:
            line, left = row.line_id, row.quantity
            for item in moves.move_line_ids.exists():
                if left <= 0 or (
                    item.move_id.aftersales_return_line_id != line
                    or line._get_lot_key(item.lot_id) != line._get_lot_key(row.lot_id)
                ):
                    continue
                quantity = min(left, item.quantity_product_uom)
                left -= quantity
                released.append((row, item.location_id, item.lot_id, quantity))
                by_move[item.move_id] = by_move.get(item.move_id, 0.0) + quantity
                if row.uom_id.compare(quantity, item.quantity_product_uom) < 0:
                    item.quantity -= quantity
                else:
                    item.unlink()
            missing[line, row.lot_id] = left
        self._ensure_found(missing)
        for move, quantity in by_move.items():
            rest = move.product_uom_qty - quantity
            if move.product_uom.compare(rest, 0.0) > 0:
                move.product_uom_qty = rest
            else:
                move._action_cancel()
        return released

    def _scrap(self, released):
        """Scrap goods as Odoo scraps: off stock, at their value."""
        scrapped = [part for part in released if part[0].finding == "scrap"]
        scraps = self.env["stock.scrap"].create(
            [
                {
                    "product_id": row.product_id.id,
                    "product_uom_id": row.uom_id.id,
                    "company_id": row.company_id.id,
                    "lot_id": lot.id,
                    "location_id": location.id,
                    "scrap_qty": quantity,
                    "origin": row.return_id.name,
                }
                for row, location, lot, quantity in scrapped
            ]
        )
        scraps.do_scrap()
        for scrap, (row, *_rest) in zip(scraps, scrapped, strict=True):
            scrap.move_ids.aftersales_return_line_id = row.line_id

    def _send_back_misused(self, released):
        """Send misused goods back as they are: on a transfer that reserves them."""
        by_return = {}
        for part in released:
            if part[0].finding == "misuse":
                by_return.setdefault(part[0].return_id, []).append(part)
        for rma, parts in by_return.items():
            rows = self.browse().union(*(part[0] for part in parts))
            rma._after_misuse(rows, rma._create_send_back(parts))

    def _prepare_send_back_move(self, location, lot, quantity):
        """Return the move that gives misused goods back: the return of their receipt."""
        self.ensure_one()
        receipts = self.line_id._get_receipts()
        receipt = receipts.filtered(
            lambda move: not lot or lot in move.move_line_ids.lot_id
        )[:1]
        common = {
            "product_id": self.product_id.id,
            "company_id": self.company_id.id,
            "location_id": location.id,
            "location_dest_id": receipt.location_id.id,
        }
        return {
            **common,
            "product_uom": self.uom_id.id,
            "product_uom_qty": quantity,
            "origin_returned_move_id": receipt.id,
            "to_refund": receipt.to_refund,
            "sale_line_id": receipt.sale_line_id.id,
            "aftersales_return_line_id": self.line_id.id,
            "move_line_ids": [
                Command.create(
                    {
                        **common,
                        "product_uom_id": self.uom_id.id,
                        "quantity": quantity,
                        "lot_id": lot.id,
                    }
                )
            ],
        }
