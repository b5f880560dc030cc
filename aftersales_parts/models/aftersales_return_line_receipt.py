from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from .aftersales_return_line import CUSTOMER_GOODS


class AftersalesReturnLine(models.Model):
    """How a line comes back."""

    _inherit = "aftersales.return.line"

    def _get_outstanding(self):
        """Return what was announced and has not come, in the product's unit."""
        self.ensure_one()
        missing = self.quantity - self.quantity_received
        return missing if self.product_id.uom_id.compare(missing, 0.0) > 0 else 0.0

    def _get_receipt_places(self):
        """Return where the goods come from and go to, and whether they stay theirs."""
        self.ensure_one()
        # The warehouse's own settings and transfers, for who returns.
        warehouse_sudo = self.return_id.warehouse_id.sudo()
        # See above.
        partner_sudo = self.partner_id.with_company(self.company_id).sudo()
        # See above.
        source_sudo = self.move_id.sudo().location_dest_id
        theirs = self.remedy in CUSTOMER_GOODS
        if theirs:
            destination_sudo = warehouse_sudo.aftersales_customer_goods_id
        elif self.inspection_required:
            destination_sudo = warehouse_sudo.aftersales_quarantine_id
        else:
            destination_sudo = warehouse_sudo.lot_stock_id
        return (
            source_sudo or partner_sudo.property_stock_customer,
            destination_sudo,
            theirs,
        )

    def _prepare_return_item(self, wizard):
        """Return what Odoo's return wizard needs to know of this line."""
        self.ensure_one()
        return {
            "wizard_id": wizard.id,
            "product_id": self.product_id.id,
            "move_id": self.move_id.id,
            "quantity": self._get_outstanding(),
            "to_refund": self.remedy in ("refund", "exchange"),
        }

    def _prepare_receipt_move(self, receipt):
        """Return what the move of this line has over the move of a core return.

        The quantity is the product's own unit unless the unit of the delivery says it
        exactly. What is to come is on the transfer from the start, with an announced
        serial: nothing is reserved at a customer's.
        """
        self.ensure_one()
        own = self.product_id.uom_id
        # Who returns reads no transfers.
        uom = self.move_id.sudo().product_uom or own
        missing = self._get_outstanding()
        quantity = own._compute_quantity(missing, uom, rounding_method="HALF-UP")
        if own.compare(uom._compute_quantity(quantity, own, round=False), missing):
            uom, quantity = own, missing
        vals = {
            "aftersales_return_line_id": self.id,
            "product_uom": uom.id,
            "product_uom_qty": quantity,
            # Goods of the customer are no purchase of ours, whatever brought them.
            "purchase_line_id": False,
        }
        if self.lot_id or self.tracking == "none":
            vals["move_line_ids"] = [
                Command.create(
                    {
                        "picking_id": receipt.id,
                        "company_id": self.company_id.id,
                        "product_id": self.product_id.id,
                        "product_uom_id": own.id,
                        "quantity": missing,
                        "lot_id": self.tracking != "none" and self.lot_id.id,
                        "owner_id": receipt.owner_id.id,
                        "location_id": receipt.location_id.id,
                        "location_dest_id": receipt.location_dest_id.id,
                    }
                )
            ]
        return vals

    def _leave_serials_to_warehouse(self, receipt_sudo):
        """Take serials off the transfer that nobody announced.

        Odoo proposes the first of the delivery; which of them comes is seen when it is
        here. All of them, when all come.
        """
        unnamed = self.filtered(
            lambda line: line.tracking != "none" and not line.lot_id and line.move_id
        )
        if not unnamed:
            return
        guessed = receipt_sudo.move_line_ids.filtered(
            lambda item: item.lot_id
            and item.move_id.aftersales_return_line_id in unnamed
            and item.move_id.product_id.uom_id.compare(
                item.move_id.product_qty,
                item.move_id.origin_returned_move_id.product_qty,
            )
        )
        guessed.write({"lot_id": False, "lot_name": False})

    # ------------------------------------------------------------
    # WHAT CAME
    # ------------------------------------------------------------

    def _get_receipts(self):
        """Return the done moves that brought the goods of these lines."""
        return self.stock_move_ids.filtered(
            lambda move: move.state == "done" and move._aftersales_comes_from_customer()
        )

    def _get_expected_moves(self):
        """Return the moves that are still to bring goods of these lines."""
        return self.stock_move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
            and move._aftersales_comes_from_customer()
        )

    def _follow_receipt(self):
        """Follow what came: its serial, and more of it than was announced.

        What is written follows the done moves alone, and is told on the return.
        """
        units = self._find_units_that_came()
        told = {}
        for line in self:
            notes = [line._follow_serial(units), line._follow_quantity()]
            told.setdefault(line.return_id, []).extend(filter(None, notes))
        for rma, notes in told.items():
            if notes:
                rma.message_post(body="\n".join(notes))

    def _get_other_lots(self):
        """Return the serials that came, unless the announced one is among them."""
        self.ensure_one()
        came = self._get_receipts().move_line_ids.lot_id
        if self.tracking == "none" or self.lot_id in came:
            return came.browse()
        return came

    def _find_units_that_came(self):
        """Return ``{(delivery, serial): unit}`` of serials nobody announced."""
        lots = self.env["stock.lot"].union(*(line._get_other_lots() for line in self))
        if not lots or not self.move_id:
            return {}
        units = self.env["aftersales.equipment"].search(
            [("move_id", "in", self.move_id.ids), ("lot_id", "in", lots.ids)]
        )
        return {(unit.move_id, unit.lot_id): unit for unit in units}

    def _follow_serial(self, units):
        """Take the serial that came instead of the announced one; say so.

        :param dict units: of :meth:`_find_units_that_came`
        """
        self.ensure_one()
        announced, came = self.lot_id, self._get_other_lots()
        if not came:
            return None
        vals = {"lot_id": came.id if len(came) == 1 else False}
        unit = units.get((self.move_id, came[:1]))
        if unit and (self.equipment_id or len(came) == 1):
            vals["equipment_id"] = unit.id
        self._by_method().write(vals)
        if not announced:
            return None
        return self.env._(
            "%(product)s: %(came)s came instead of %(announced)s; it went out with the "
            "same delivery, so the return follows it.",
            product=self.product_id.display_name,
            came=", ".join(came.mapped("name")),
            announced=announced.name,
        )

    def _follow_quantity(self):
        """Raise the quantity to what came; the guard let it pass. Say so."""
        self.ensure_one()
        announced, came = self.quantity, self.quantity_received
        if self.product_id.uom_id.compare(came, announced) <= 0:
            return None
        self._by_method().quantity = came
        return self.env._(
            "%(product)s: %(came)s %(unit)s came, %(announced)s were announced; the "
            "return follows.",
            product=self.product_id.display_name,
            came=self._say_quantity(came),
            announced=self._say_quantity(announced),
            unit=self.uom_id.name,
        )

    def _follow_correction(self, corrected):
        """Follow receipts whose serials or quantities were corrected once done.

        The transfer from quarantine to stock follows, and so do the vouchers.

        :param corrected: done moves that brought goods of these lines
        :raise UserError: when goods are corrected away that a finding is about, or
            more is booked than may come back
        """
        self._ensure_booked_totals(corrected)
        self._ensure_inspected_came()
        corrected._aftersales_ensure_delivered_serials()
        self._follow_receipt()
        corrected._aftersales_correct_inspection()
        self.return_id._follow_moves()

    def _ensure_booked_totals(self, corrected):
        """Refuse more than was delivered, also by a correction.

        :raise UserError: naming each delivery and what may still come back
        """
        returned = corrected.filtered("origin_returned_move_id")
        if returned:
            self._ensure_movable(returned)

    def _ensure_inspected_came(self):
        """Refuse to correct goods away that were inspected and moved on.

        :raise UserError: naming the goods
        """
        for line in self:
            booked = line.inspection_ids.filtered(
                lambda row: row.date and not row.after_rework
            )
            found = {}
            for row in booked:
                lot = line._get_lot_key(row.lot_id)
                found[lot] = found.get(lot, 0.0) + row.quantity
            for item in line._get_receipts().move_line_ids:
                lot = line._get_lot_key(item.lot_id)
                found[lot] = found.get(lot, 0.0) - item.quantity_product_uom
            gone = [
                (lot or line.product_id).display_name
                for lot, quantity in found.items()
                if line.product_id.uom_id.compare(quantity, 0.0) > 0
            ]
            if gone:
                raise UserError(
                    self.env._(
                        "%(goods)s was inspected and moved on, so its receipt for "
                        "%(return)s stands. Correct the stock by a physical inventory "
                        "instead.",
                        **{"goods": ", ".join(gone), "return": line.return_id.name},
                    )
                )
