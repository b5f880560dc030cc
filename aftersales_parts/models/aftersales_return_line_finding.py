from odoo import models
from odoo.tools import SQL

from .aftersales_return import HOLDING_STATES
from .aftersales_return_line import CUSTOMER_GOODS


class AftersalesReturnLine(models.Model):
    """Findings of whole lines, and what became of misused goods (R52)."""

    _inherit = "aftersales.return.line"

    def _lock_for_inspection(self):
        """Let one person at a time book findings on these lines."""
        if self:
            self.env.cr.execute(
                SQL(
                    "SELECT id FROM aftersales_return_line WHERE id IN %s "
                    "ORDER BY id FOR NO KEY UPDATE",
                    tuple(self.ids),
                )
            )

    def _prepare_findings(self, rows):
        """Return the findings that the lines themselves name, and what names none.

        :param rows: findings that are typed but not booked
        :return: list of values, and the lines without a finding
        """
        vals_list, missing = [], self.browse()
        self._warm_up()
        for line in self:
            own = rows.filtered(lambda row, line=line: row.line_id == line)
            left = line._get_open_findings()
            for row in own:
                key = (line._get_lot_key(row.lot_id), row.after_rework)
                left[key] = left.get(key, 0.0) - row.quantity
            if not line.inspection_required and line.inspection == "pending":
                continue
            for (lot, after_rework), quantity in left.items():
                if line.product_id.uom_id.compare(quantity, 0.0) <= 0:
                    continue
                if line.inspection == "pending" and not after_rework:
                    missing |= line
                elif not after_rework or line.inspection not in ("pending", "rework"):
                    vals_list.append(
                        {
                            "line_id": line.id,
                            "lot_id": lot.id,
                            "quantity": quantity,
                            "finding": line.inspection,
                            "after_rework": after_rework,
                        }
                    )
        return vals_list, missing

    def _prepare_inspect_rows(self):
        """Return what the form that notes findings asks about this line."""
        self.ensure_one()
        # What came is read on transfers that the desk does not see.
        open_sudo = self.sudo()._get_open_findings() if self.inspection_required else {}
        return [
            {
                "return_line_id": self.id,
                "lot_id": lot.id,
                "quantity": quantity,
                "after_rework": after_rework,
            }
            for (lot, after_rework), quantity in open_sudo.items()
        ]

    def _has_optional_finding(self):
        """Tell whether something was found of goods that need no inspection."""
        self.ensure_one()
        found = sum(
            row.quantity
            for row in self.inspection_ids
            if row.date and not row.after_rework
        )
        return (
            not self.inspection_required
            and self.inspection != "pending"
            and self.product_id.uom_id.compare(self.quantity_received, found) > 0
        )

    def _was_in_quarantine(self):
        """Tell whether the goods came into quarantine, and not past it."""
        self.ensure_one()
        places = self.env["stock.warehouse"]._aftersales_get_quarantine_ids()
        return any(
            move.location_dest_id._aftersales_is_within(places)
            for move in self._get_receipts()
        )

    def _has_misused_here(self):
        """Tell whether goods that were not taken back are still with us."""
        self.ensure_one()
        if self.remedy in CUSTOMER_GOODS or not self.quantity_misused:
            return False
        if not self.sudo()._was_in_quarantine():  # read on transfers
            return False
        back = self._get_given_back_misused()
        return self.product_id.uom_id.compare(back, self.quantity_misused) < 0

    def _get_misused_waiting(self):
        """Return misused goods here that no transfer gives back.

        :return: list of (finding, location, lot, quantity)
        """
        self.ensure_one()
        receipts = self._get_receipts()
        places = {
            self._get_lot_key(item.lot_id): item.location_dest_id
            for item in receipts.move_line_ids
        }
        found, left = {}, {}
        for row in self.inspection_ids:
            if row.date and row.finding == "misuse":
                lot = self._get_lot_key(row.lot_id)
                found[lot] = row
                left[lot] = left.get(lot, 0.0) + row.quantity
        back = self.stock_move_ids.filtered(
            lambda move: move.state != "cancel"
            and move._aftersales_is_delivery()
            and move.origin_returned_move_id in receipts
        )
        for item in back.move_line_ids:
            lot = self._get_lot_key(item.lot_id)
            left[lot] = left.get(lot, 0.0) - item.quantity_product_uom
        # A transfer of the rest may not have reserved it yet.
        due = sum(
            move.product_qty - sum(move.move_line_ids.mapped("quantity_product_uom"))
            for move in back
            if move.state != "done"
        )
        for lot, quantity in left.items():
            part = min(max(due, 0.0), max(quantity, 0.0))
            left[lot] -= part
            due -= part
        return [
            (found[lot], places[lot], lot, quantity)
            for lot, quantity in left.items()
            if self.product_id.uom_id.compare(quantity, 0.0) > 0
        ]

    def _send_misused_back_again(self):
        """Give misused goods back anew whose way back the warehouse cancelled.

        It cancelled the transfer, or sent less of it and did not expect the rest.
        """
        for rma, lines in self.grouped("return_id").items():
            parts = [
                part
                for line in lines
                if line.state in HOLDING_STATES and line._has_misused_here()
                for part in line._get_misused_waiting()
            ]
            if not parts:
                continue
            picking = rma._create_send_back(parts)
            rma.message_post(
                body=self.env._(
                    "The warehouse cancelled the way back of %(goods)s. It is not ours: "
                    "it waits on %(transfer)s now.",
                    goods=", ".join(picking.product_id.mapped("display_name")),
                    transfer=picking.name,
                )
            )

    def _get_given_back_misused(self):
        """Return what of the received goods the customer got back as it was."""
        self.ensure_one()
        # The moves of the return, for whoever closes it.
        moves_sudo = self.sudo().stock_move_ids
        receipts_sudo = self.sudo()._get_receipts()
        return moves_sudo.filtered(
            lambda move: move.state == "done"
            and move._aftersales_is_delivery()
            and move.origin_returned_move_id in receipts_sudo
        )._aftersales_sum()
