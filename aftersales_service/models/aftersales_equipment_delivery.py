from odoo import api, fields, models
from odoo.fields import Command, Domain

from ..tools.allocation import Invoiced, Unit, allocate


class AftersalesEquipment(models.Model):
    """How vouchers follow transfers and invoices (R13, R16)."""

    _inherit = "aftersales.equipment"

    # ------------------------------------------------------------
    # DELIVERIES
    # ------------------------------------------------------------

    @api.model
    def _follow_deliveries(self, moves):
        """Make the vouchers of done deliveries, each exactly once.

        A hand-back – the return of a return – wakes the voucher of the first
        delivery instead of starting a new one.

        :param moves: done moves to customers of products with vouchers
        :return: the new vouchers
        """
        vals_list = self._prepare_new_vals_list(moves)
        if not vals_list:
            return self
        vals_list = self._settle_former_vouchers(vals_list)
        units = self._by_method().create(vals_list).with_env(self.env)
        units._allocate_invoices()
        units.filtered(lambda unit: not unit.partner_id)._ask_for_holder()
        units._plan_hand_over()
        return units

    @api.model
    def _prepare_new_vals_list(self, moves):
        """Follow hand-backs and return the values of the vouchers still missing."""
        handed_back = self._follow_hand_backs(moves.filtered("origin_returned_move_id"))
        return self._drop_known(
            [
                vals
                for move in moves
                for vals in self._prepare_delivery_vals_list(move)
                if (vals["move_id"], vals["lot_id"]) not in handed_back
            ]
        )

    @api.model
    def _prepare_delivery_vals_list(self, move):
        """Return the values of the vouchers of one done move."""
        common = self._prepare_delivery_vals(move)
        return [
            {**common, "lot_id": lot.id, "quantity": quantity}
            for lot, quantity in move._aftersales_lot_quantities().items()
        ]

    @api.model
    def _prepare_delivery_vals(self, move):
        """Return what all vouchers of one move have in common (hook)."""
        site = move._aftersales_site()
        order = move.sale_line_id.order_id
        buyer = order.partner_id or site
        sold_on = site and site.commercial_partner_id != buyer.commercial_partner_id
        holder = site.commercial_partner_id if sold_on else buyer
        return {
            "source": "delivery",
            "product_id": move.product_id.id,
            "company_id": move.company_id.id,
            "move_id": move.id,
            "sale_line_id": move.sale_line_id.id,
            "partner_id": holder.id,
            "dealer_id": buyer.id if sold_on else False,
            "site_id": site.id,
            "delivery_date": self._get_local_date(move),
        }

    def _ask_for_holder(self):
        """Goods left without a customer: the voucher waits for somebody to name him."""
        teams = self.env["aftersales.team"].search(
            [("company_id", "in", self.company_id.ids)]
        )
        for unit in self:
            team = teams.filtered(lambda t, unit=unit: t.company_id == unit.company_id)
            unit.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._(
                    "Delivered without a customer: who holds this unit?"
                ),
                user_id=(team.supervisor_id[:1] or self.env.user).id,
            )

    @api.model
    def _get_local_date(self, move):
        """Return the day of a done move where its company works."""
        tz = move.company_id.partner_id.tz or self.env.user.tz or "UTC"
        return fields.Datetime.context_timestamp(
            move.with_context(tz=tz), move.date
        ).date()

    @api.model
    def _drop_known(self, vals_list):
        """Leave out vouchers that exist, so that a second run adds nothing."""
        moves = [vals["move_id"] for vals in vals_list]
        known = {
            (unit.move_id.id, unit.lot_id.id)
            for unit in self.with_context(active_test=False).search(
                [("move_id", "in", moves)]
            )
        }
        return [
            vals for vals in vals_list if (vals["move_id"], vals["lot_id"]) not in known
        ]

    @api.model
    def _settle_former_vouchers(self, vals_list):
        """Settle what vouchers in use the delivered serial numbers already have.

        Goods of a customer handed back to him without an order keep their voucher.
        Otherwise the serial number was sold anew: the former voucher is closed and
        keeps its history.

        :return: the values of the vouchers still to be made
        """
        lots = self.env["stock.lot"].browse(
            {vals["lot_id"] for vals in vals_list if vals["lot_id"]}
        )
        serials = lots.filtered(lambda lot: lot.product_id.tracking == "serial")
        if not serials:
            return vals_list
        former = {
            (unit.lot_id.id, unit.company_id.id): unit
            for unit in self.search(
                [("lot_id", "in", serials.ids), ("state", "=", "active")]
            )
        }
        remaining, sold_anew = [], self.browse()
        for vals in vals_list:
            unit = former.get((vals["lot_id"], vals["company_id"]))
            if unit and unit._is_hand_back(vals):
                continue
            sold_anew |= unit or self.browse()
            remaining.append(vals)
        if sold_anew:
            sold_anew._close(
                "returned", self.env._("The serial number was delivered anew.")
            )
            # The index on vouchers in use must see them closed first.
            sold_anew.flush_recordset()
        return remaining

    def _is_hand_back(self, vals):
        """Tell whether a delivery only brings the holder's own unit back."""
        self.ensure_one()
        receiver = self.env["res.partner"].browse(vals["partner_id"])
        known = (self.partner_id | self.site_id | self.dealer_id).commercial_partner_id
        return not vals["sale_line_id"] and (
            not receiver or receiver.commercial_partner_id in known
        )

    @api.model
    def _follow_hand_backs(self, moves):
        """Follow returns of returns: the goods go back to the same customer.

        :return: set of (move id, lot id) that need no new voucher
        """
        first_moves = {move: move._aftersales_first_move() for move in moves}
        units = self._get_by_move_and_lot(moves.browse().union(*first_moves.values()))
        settled = set()
        for move, first in first_moves.items():
            # What came from the customer before anybody delivered it is his already.
            his = not first._aftersales_is_delivery()
            for lot, quantity in move._aftersales_lot_quantities().items():
                unit = units.get((first.id, lot.id))
                if unit or his:
                    settled.add((move.id, lot.id))
                if not unit:
                    continue
                if move.origin_returned_move_id.to_refund:
                    unit._give_back(-quantity, move=move)
        return settled

    @api.model
    def _get_by_move_and_lot(self, moves):
        return {
            (unit.move_id.id, unit.lot_id.id): unit
            for unit in self.search([("move_id", "in", moves.ids)])
        }

    # ------------------------------------------------------------
    # CORRECTIONS
    # ------------------------------------------------------------

    @api.model
    def _follow_corrections(self, moves):
        """Follow serial numbers and quantities corrected on done deliveries.

        A voucher whose serial number was wrong takes the right one and keeps its
        history; one too many is closed, one too few is made.
        """
        for move, units in (
            self.search([("move_id", "in", moves.ids)]).grouped("move_id").items()
        ):
            quantities = move._aftersales_lot_quantities()
            for unit in units.filtered(lambda unit, q=quantities: unit.lot_id in q):
                if unit.uom_id.compare(unit.quantity, quantities[unit.lot_id]):
                    unit._by_method().quantity = quantities[unit.lot_id]
            missing = [lot for lot in quantities if lot not in units.lot_id]
            wrong = units.filtered(lambda unit, q=quantities: unit.lot_id not in q)
            for unit, lot in zip(wrong, missing, strict=False):
                unit._by_method().write({"lot_id": lot.id, "quantity": quantities[lot]})
            if surplus := wrong[len(missing) :]:
                surplus._close("returned", self.env._("The delivery was corrected."))
        self._follow_deliveries(moves)

    # ------------------------------------------------------------
    # RETURNS
    # ------------------------------------------------------------

    @api.model
    def _follow_returns(self, moves):
        """Close the vouchers of goods that came back against a refund.

        :param moves: done moves from customers with ``to_refund``
        """
        first_moves = {move: move._aftersales_first_move() for move in moves}
        by_move = self._get_by_move_and_lot(moves.browse().union(*first_moves.values()))
        by_lot = self._get_in_use_by_lot(moves)
        returned = self.browse()
        for move, first in first_moves.items():
            for lot, quantity in move._aftersales_lot_quantities().items():
                unit = by_move.get((first.id, lot.id))
                if not unit and lot:
                    unit = by_lot.get((lot.id, move.company_id.id))
                if unit:
                    unit._give_back(quantity, self._get_local_date(move), move)
                    returned |= unit
        returned._allocate_invoices()
        returned._follow_hand_over()

    @api.model
    def _follow_return_corrections(self, moves):
        """Follow serial numbers and quantities corrected on done returns.

        :param moves: done moves from customers with ``to_refund``
        """
        units = self.with_context(active_test=False).search(
            [("return_move_ids", "in", moves.ids)]
        )
        for unit in units:
            corrected = unit.return_move_ids & moves
            unit._by_method().return_move_ids = [
                Command.unlink(move.id) for move in corrected
            ]
            still = sum(
                move._aftersales_lot_quantities().get(unit.lot_id, 0.0)
                * (1 if move._aftersales_is_return() else -1)
                for move in unit.return_move_ids
            )
            # Nothing of these moves, until they are followed anew.
            unit._give_back(still - unit.quantity_returned)
        self._follow_returns(moves)

    @api.model
    def _get_in_use_by_lot(self, moves):
        return {
            (unit.lot_id.id, unit.company_id.id): unit
            for unit in self.search(
                [
                    ("lot_id", "in", moves.move_line_ids.lot_id.ids),
                    ("state", "=", "active"),
                ],
                order="delivery_date, id",
            )
        }

    def _give_back(self, quantity, date=None, move=None):
        """Book a quantity as returned (negative: as handed back again).

        :param float quantity: in the product's unit of measure
        :param date: day of the return
        :param move: the done move that brought it, booked only once
        """
        self.ensure_one()
        if move and move in self.return_move_ids:
            return
        total = min(max(self.quantity_returned + quantity, 0.0), self.quantity)
        vals = {"quantity_returned": total}
        if move:
            vals["return_move_ids"] = [Command.link(move.id)]
        gone = self.uom_id.compare(total, self.quantity) >= 0
        if gone and self.state == "active":
            vals |= {
                "state": "returned",
                "close_date": date or fields.Date.context_today(self),
                "close_reason": self.env._("Returned by the customer"),
            }
        elif not gone and self.state == "returned" and not self._is_succeeded():
            vals |= {"state": "active", "close_date": False, "close_reason": False}
        self._by_method().write(vals)

    def _is_succeeded(self):
        """Tell whether the serial number has another voucher in use."""
        self.ensure_one()
        return self.is_serialised and bool(
            self.search_count(
                [
                    ("lot_id", "=", self.lot_id.id),
                    ("company_id", "=", self.company_id.id),
                    ("state", "=", "active"),
                    ("id", "!=", self.id),
                ],
                limit=1,
            )
        )

    # ------------------------------------------------------------
    # INVOICES
    # ------------------------------------------------------------

    def _allocate_invoices(self, sale_lines=None):
        """Find the posted invoice lines of units, first delivered – first invoiced.

        All units of an order line are matched together, since they compete for the
        same invoices; costs the same number of queries for one line as for a hundred.

        :param sale_lines: order lines whose invoices changed; those of self if None
        """
        # Vouchers and invoices of the line, whoever posts or delivers.
        sale_lines = (self.sale_line_id if sale_lines is None else sale_lines).sudo()
        if not sale_lines:
            return
        # For the same reason the units that are not the user's.
        units = self.sudo().with_context(active_test=False)
        units = units.search(
            [("sale_line_id", "in", sale_lines.ids)], order="delivery_date, id"
        )
        if not units:
            return
        wanted = {}
        by_line = units.grouped("sale_line_id")
        invoice_lines = self._get_posted_invoice_lines(units.sale_line_id)
        for sale_line, line_units in by_line.items():
            for product, competing in line_units.grouped("product_id").items():
                wanted |= competing._match_invoices(
                    invoice_lines.get(sale_line, self.env["account.move.line"]),
                    self._get_units_per_line_unit(sale_line, product),
                )
        self._write_invoice_lines(units, wanted)

    @api.model
    def _get_posted_invoice_lines(self, sale_lines):
        """Return ``{order line: its posted invoice and credit note lines}``, in order."""
        lines = self.env["account.move.line"].sudo()  # see _allocate_invoices
        lines = lines.search(
            Domain("sale_line_ids", "in", sale_lines.ids)
            & Domain("parent_state", "=", "posted")
            & Domain("move_id.move_type", "in", ("out_invoice", "out_refund"))
        )
        result = {}
        # Not in SQL: ordering by the invoice would follow its own, newest first.
        for line in lines.sorted(
            lambda line: (line.invoice_date, line.move_id.id, line.id)
        ):
            for sale_line in line.sale_line_ids & sale_lines:
                result[sale_line] = result.get(sale_line, lines.browse()) | line
        return result

    @api.model
    def _get_units_per_line_unit(self, sale_line, product):
        """Return how many of a product one unit of the order line brings.

        It is 1 for plain products and the component quantity for kits; the unit of
        measure of an invoice line is converted separately.
        """
        if product == sale_line.product_id or not sale_line.product_uom_qty:
            return None
        moves = sale_line.move_ids.filtered(
            lambda move: move.product_id == product
            and move.state != "cancel"
            and move._aftersales_is_delivery()
            and not move.origin_returned_move_id
        )
        return sum(moves.mapped("product_qty")) / sale_line.product_uom_qty

    def _match_invoices(self, invoice_lines, per_line_unit):
        """Match competing units with the posted lines of their order line.

        :param invoice_lines: posted lines, credit notes included, in order
        :param per_line_unit: component quantity for kits, else None
        :return: dict ``{unit: invoice line ids}``
        """
        product = self.product_id

        def in_product_uom(line):
            if per_line_unit is not None:
                uom = line.sale_line_ids[:1].product_uom_id
                return per_line_unit * line.product_uom_id._compute_quantity(
                    line.quantity, uom, round=False
                )
            return line.product_uom_id._compute_quantity(
                line.quantity, product.uom_id, round=False
            )

        invoices = invoice_lines.filtered(lambda line: line.move_type == "out_invoice")
        credited, unattributed = dict.fromkeys(invoices.ids, 0.0), 0.0
        for refund in invoice_lines - invoices:
            origin = invoices.filtered(
                lambda line, refund=refund: line.move_id
                == refund.move_id.reversed_entry_id
            )[:1]
            if origin:
                credited[origin.id] += in_product_uom(refund)
            else:
                unattributed += in_product_uom(refund)
        matched = allocate(
            [unit._get_invoice_claim() for unit in self],
            [
                Invoiced(line.id, in_product_uom(line), credited[line.id])
                for line in invoices
            ],
            unattributed,
        )
        return {self.browse(key): lines for key, lines in matched.items()}

    def _get_invoice_claim(self):
        """Return what of the posted invoices belongs to the unit (hook)."""
        self.ensure_one()
        return Unit(self.id, self.quantity, self.quantity_returned)

    @api.model
    def _write_invoice_lines(self, units, wanted):
        """Write the matches, one write for all units with the same lines."""
        changes = {}
        for unit in units:
            line_ids = tuple(sorted(wanted[unit]))
            if line_ids != tuple(sorted(unit.invoice_line_ids.ids)):
                changes[line_ids] = changes.get(line_ids, units.browse()) | unit
        for line_ids, changed in changes.items():
            changed._by_method().write({"invoice_line_ids": [Command.set(line_ids)]})
