from odoo import fields, models
from odoo.exceptions import UserError

from .stock_move_part import OPEN_STATES


class StockMove(models.Model):
    """Receipts of returns, and what leaves quarantine (R48, R52)."""

    _inherit = "stock.move"

    aftersales_reason_id = fields.Many2one(
        related="aftersales_return_line_id.reason_id", string="Return Reason"
    )
    aftersales_fault = fields.Char(
        related="aftersales_return_line_id.note", string="Fault"
    )
    aftersales_remedy = fields.Selection(
        related="aftersales_return_line_id.remedy", string="Expected Remedy"
    )

    # ------------------------------------------------------------
    # BEFORE IT IS BOOKED
    # ------------------------------------------------------------

    def _aftersales_ensure_returnable(self):
        result = super()._aftersales_ensure_returnable()
        self._aftersales_ensure_delivered_serials()
        self._aftersales_ensure_inspected()
        return result

    def _aftersales_ensure_delivered_serials(self):
        """Refuse serials on a return that never went out with its delivery.

        :raise UserError: naming them and what to do with such a parcel
        """
        wrong = []
        for move in self:
            delivered = move.origin_returned_move_id
            if not (
                move.aftersales_return_line_id
                and delivered
                and move.product_id.tracking != "none"
                and move._aftersales_comes_from_customer()
            ):
                continue
            # Moves typed in before serial numbers were used have none.
            known = delivered.move_line_ids.lot_id
            items = move.move_line_ids.filtered("picked")
            if known and (strange := items.lot_id - known):
                wrong.append((strange, delivered))
        if wrong:
            raise UserError(
                "\n".join(
                    self.env._(
                        "%(serials)s did not go out with %(delivery)s. Check the number; "
                        "if it is right, take it off this transfer and receive it under "
                        "Inventory > Operations > After-Sales > Parcels on Hold: the "
                        "desk finds out where it belongs.",
                        serials=", ".join(strange.mapped("display_name")),
                        delivery=delivered.picking_id.name or delivered.reference,
                    )
                    for strange, delivered in wrong
                )
            )

    def _aftersales_ensure_inspected(self):
        """Let goods leave quarantine for stock only as their inspection found (R52).

        :raise UserError: naming the goods and where their finding is booked
        """
        places = self.env["stock.warehouse"]._aftersales_get_quarantine_ids()
        leaving = self.filtered(
            lambda move: move.picked
            and move.location_dest_id.usage in ("internal", "transit")
            and move.location_id._aftersales_is_within(places)
            and not move.location_dest_id._aftersales_is_within(places)
        )
        if not leaving:
            return
        # The warehouse has no right on what the inspection is booked with.
        lines_sudo = leaving.aftersales_return_line_id.sudo()
        passed = lines_sudo._get_passed_not_moved()
        refused = []
        for move in leaving:
            line_sudo = move.aftersales_return_line_id.sudo()  # see above
            for item in move.move_line_ids:
                if not item.picked:
                    continue
                lot = item.lot_id if move.product_id.tracking != "none" else None
                key = (line_sudo.id, lot.id if lot else None)
                passed[key] = passed.get(key, 0.0) - item.quantity_product_uom
                if move.product_id.uom_id.compare(passed[key], 0.0) < 0:
                    refused.append((lot or move.product_id).display_name)
        if refused:
            raise UserError(
                self.env._(
                    "These goods leave quarantine by their inspection, which has not "
                    "passed them: %s. Note the finding on the transfer or under "
                    "Inventory > Operations > After-Sales > Returns to Inspect; what is "
                    "resaleable goes on stock with it.",
                    ", ".join(refused),
                )
            )

    # ------------------------------------------------------------
    # AFTER IT WAS BOOKED
    # ------------------------------------------------------------

    def _aftersales_follow_returns(self):
        came = self.filtered(
            lambda move: move.state == "done"
            and move.aftersales_return_line_id
            and move._aftersales_comes_from_customer()
        )
        if came:
            # The return follows the done moves alone; the warehouse has no right on it.
            lines_sudo = came.aftersales_return_line_id.sudo()
            lines_sudo._follow_receipt()
            lines_sudo._put_under_inspection(came)
        self.filtered(lambda move: move.state == "done")._aftersales_give_back_again()
        self._aftersales_follow_scrapped()
        parcels = self.filtered(lambda move: move.state == "done").picking_id
        parcels = parcels.aftersales_parcel_id
        if parcels:
            # The parcel follows the done move alone.
            parcels.sudo()._follow_sent_back()
        return super()._aftersales_follow_returns()

    def _aftersales_follow_scrapped(self):
        """Take units out of service whose serial was scrapped while they were in use.

        What came back for good is returned already, and stays so.
        """
        scrapped = self.filtered(
            lambda move: move.scrap_id
            and move.state == "done"
            and move.product_id.aftersales_voucher == "serial"
        )
        lots = scrapped.move_line_ids.lot_id
        if not lots:
            return
        # Follows the done scrap alone; the warehouse has no right on vouchers.
        units_sudo = self.env["aftersales.equipment"].sudo()
        units_sudo = units_sudo.search(
            [("lot_id", "in", lots.ids), ("state", "=", "active")]
        ).filtered(lambda unit: unit.product_id.tracking == "serial")
        if units_sudo:
            units_sudo._close("scrapped", self.env._("Scrapped in the warehouse"))

    def _action_cancel(self):
        ours = self.filtered(
            lambda move: move.aftersales_return_line_id
            and move.state not in ("done", "cancel")
        )
        expected = ours.filtered(lambda move: move._aftersales_comes_from_customer())
        result = super()._action_cancel()
        if expected:
            # The return follows its transfers; the warehouse has no right on it.
            rmas_sudo = expected.aftersales_return_line_id.return_id.sudo()
            rmas_sudo._follow_cancelled(expected)
        ours._aftersales_give_back_again()
        if parcels := self.picking_id.aftersales_parcel_id:
            # The parcel follows its transfer alone.
            parcels.sudo()._follow_kept()
        return result

    def _aftersales_give_back_again(self):
        """Let misused goods of these moves that are still here wait for another way."""
        # Another remedy books the goods itself.
        if self._aftersales_is_by_remedy():
            return
        given_back = self.filtered(
            lambda move: move.aftersales_return_line_id
            and move.origin_returned_move_id
            and move._aftersales_is_delivery()
        )
        if given_back:
            # The return follows its transfers; the warehouse has no right on it.
            given_back.aftersales_return_line_id.sudo()._send_misused_back_again()

    def _aftersales_correct(self):
        """Let returns follow receipts corrected after they were done."""
        result = super()._aftersales_correct()
        corrected = self.filtered(
            lambda move: move.state == "done"
            and move.aftersales_return_line_id
            and move._aftersales_comes_from_customer()
        )
        if corrected:
            # See _aftersales_follow_returns.
            lines_sudo = corrected.aftersales_return_line_id.sudo()
            lines_sudo._follow_correction(corrected)
        return result

    def _aftersales_correct_inspection(self):
        """Let the transfers to stock wait for what the corrected receipts brought."""
        for move in self:
            line = move.aftersales_return_line_id
            others = line._get_inspection_moves(OPEN_STATES)
            waiting = move.move_dest_ids & others
            if not waiting:
                continue
            # What passed, was scrapped or sent back is no longer waited for.
            left = sum(line._get_open_findings().values())
            wanted = left - sum((others - waiting).mapped("product_qty"))
            first = waiting[0]
            if first.product_uom.compare(wanted, first.product_uom_qty):
                first.product_uom_qty = max(wanted, 0.0)
                first._do_unreserve()
                first._action_assign()
