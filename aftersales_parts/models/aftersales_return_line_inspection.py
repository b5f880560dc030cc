from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .aftersales_return_inspection import GOOD
from .aftersales_return_line import CUSTOMER_GOODS

# The finding that a line with several shows: the one with consequences.
SEVERITY = ("misuse", "scrap", "no_fault", "resaleable")


class AftersalesReturnLine(models.Model):
    """What of a line was inspected, and what is still to be (R52)."""

    _inherit = "aftersales.return.line"

    inspection_ids = fields.One2many(
        comodel_name="aftersales.return.inspection",
        inverse_name="line_id",
        string="Findings",
        copy=False,
    )
    quantity_to_inspect = fields.Float(
        string="To Inspect",
        digits="Product Unit",
        compute="_compute_inspected",
        compute_sudo=True,
        store=True,
        help="Received, and nobody has said yet what it is.",
    )
    quantity_in_rework = fields.Float(
        string="In Rework",
        digits="Product Unit",
        compute="_compute_inspected",
        compute_sudo=True,
        store=True,
        help="Lies in quarantine until it is reworked and inspected again.",
    )
    quantity_misused = fields.Float(
        string="Not Taken Back",
        digits="Product Unit",
        compute="_compute_inspected",
        compute_sudo=True,
        store=True,
        help="Damaged by misuse: it goes back to the customer as it is.",
    )

    _to_inspect_idx = models.Index(
        "(company_id) WHERE quantity_to_inspect > 0 OR quantity_in_rework > 0"
    )

    @api.depends(
        "quantity_received",
        "inspection_required",
        "inspection_ids.date",
        "inspection_ids.finding",
        "inspection_ids.quantity",
        "inspection_ids.after_rework",
    )
    def _compute_inspected(self):
        for line in self:
            rows = line.inspection_ids.filtered("date")
            first = rows.filtered(lambda row: not row.after_rework)
            to_inspect = line.quantity_received - sum(first.mapped("quantity"))
            line.quantity_to_inspect = (
                max(to_inspect, 0.0) if line.inspection_required else 0.0
            )
            in_rework, misused = (
                sum(row.quantity for row in rows if row.finding == finding)
                for finding in ("rework", "misuse")
            )
            again = sum((rows - first).mapped("quantity"))
            line.quantity_in_rework = max(in_rework - again, 0.0)
            line.quantity_misused = misused

    def _get_accepted_quantity(self):
        """What was misused is not taken back, but repaired or sent back as it is."""
        accepted = super()._get_accepted_quantity()
        if self.remedy in CUSTOMER_GOODS:
            return accepted
        return max(accepted - self.quantity_misused, 0.0)

    # ------------------------------------------------------------
    # WRITE
    # ------------------------------------------------------------

    def write(self, vals):
        if "inspection" in vals and not self._is_by_method():
            self._ensure_can_find(vals["inspection"])
        return super().write(vals)

    def _ensure_can_find(self, finding):
        """Refuse another finding for goods all of which have theirs.

        :raise UserError: naming the lines
        """
        if settled := self.filtered(
            lambda line: line.inspection_ids.filtered("date")
            and line.inspection != finding
            and not line.quantity_to_inspect
            and not line.quantity_in_rework
        ):
            raise UserError(
                self.env._(
                    "These goods are inspected already and went where their finding "
                    "sent them: %s",
                    ", ".join(settled.mapped("display_name")),
                )
            )

    # ------------------------------------------------------------
    # WHAT IS STILL TO BE INSPECTED, BY SERIAL
    # ------------------------------------------------------------

    def _get_lot_key(self, lot):
        """Return the lot that findings of the line tell apart, if they do."""
        return lot if self.tracking != "none" else lot.browse()

    def _get_open_findings(self):
        """Return ``{(lot, after rework): quantity}`` that no booked finding is about."""
        self.ensure_one()
        quantities = {}

        def add(lot, after_rework, quantity):
            key = (self._get_lot_key(lot), after_rework)
            quantities[key] = quantities.get(key, 0.0) + quantity

        for item in self._get_receipts().move_line_ids:
            add(item.lot_id, False, item.quantity_product_uom)
        for row in self.inspection_ids.filtered("date"):
            add(row.lot_id, row.after_rework, -row.quantity)
            if row.finding == "rework":
                add(row.lot_id, True, row.quantity)
        uom = self.product_id.uom_id
        return {
            key: quantity
            for key, quantity in quantities.items()
            if uom.compare(quantity, 0.0) > 0
        }

    def _warm_up(self):
        """Read what came of all these lines at once, before it is asked line by line."""
        self.stock_move_ids.move_line_ids.mapped("lot_id")
        self.inspection_ids.mapped("lot_id")

    def _get_passed_not_moved(self):
        """Return ``{(line, lot): quantity}`` that passed and is not on stock yet."""
        self._warm_up()
        quantities = {}
        for line in self:
            for row in line.inspection_ids:
                if row.date and row.finding in GOOD:
                    key = (line.id, line._get_lot_key(row.lot_id).id or None)
                    quantities[key] = quantities.get(key, 0.0) + row.quantity
            for item in line._get_inspection_moves(("done",)).move_line_ids:
                key = (line.id, line._get_lot_key(item.lot_id).id or None)
                quantities[key] = quantities.get(key, 0.0) - item.quantity_product_uom
        return quantities

    def _get_inspection_moves(self, states):
        """Return the moves of these lines from quarantine to stock, in some states."""
        places = self.env["stock.warehouse"]._aftersales_get_quarantine_ids()
        return self.stock_move_ids.filtered(
            lambda move: move.state in states
            and move.location_dest_id.usage == "internal"
            and move.location_id._aftersales_is_within(places)
        )

    def _summarise_findings(self):
        """Write the one finding that lines show."""
        by_finding = {}
        for line in self:
            found = set(line.inspection_ids.filtered("date").mapped("finding"))
            if line.quantity_to_inspect or not found:
                finding = "pending"
            elif line.quantity_in_rework:
                finding = "rework"
            else:
                finding = next((word for word in SEVERITY if word in found), "pending")
            if line.inspection != finding:
                by_finding[finding] = by_finding.get(finding, self.browse()) | line
        for finding, lines in by_finding.items():
            lines._by_method().write({"inspection": finding})

    # ------------------------------------------------------------
    # THE TRANSFER FROM QUARANTINE TO STOCK
    # ------------------------------------------------------------

    def _put_under_inspection(self, came):
        """Reserve what came into quarantine at once, on its way to stock.

        Otherwise it would be promised to the next customer.

        :param came: done receipts of these lines
        """
        places = self.env["stock.warehouse"]._aftersales_get_quarantine_ids()
        held = came.filtered(
            lambda move: move.location_dest_id._aftersales_is_within(places)
        )
        if held:
            # What is reserved is found once for all goods, not once for each of them.
            quants = self.env["stock.quant"]._get_quants_by_products_locations(
                held.product_id, held.move_line_ids.location_dest_id
            )
            # Made for the return; who validates the receipt may be no warehouse user.
            pickings_sudo = self.env["stock.picking"].sudo()
            pickings_sudo.with_context(quants_cache=quants).create(
                [
                    moves[0].aftersales_return_line_id._prepare_inspection(moves)
                    for moves in held.grouped("picking_id").values()
                ]
            )
        # Parcels that come later have not been looked at.
        self.filtered(
            lambda line: line.inspection_ids and line.quantity_to_inspect
        )._summarise_findings()

    def _prepare_inspection(self, moves):
        """Return the transfer that waits for the findings on some receipts.

        It needs no procurement, and what it reserves is known: it comes confirmed.
        """
        rma = self.return_id
        warehouse = moves[0].picking_type_id.warehouse_id or rma.warehouse_id
        common = {
            "location_id": moves[0].location_dest_id.id,
            "location_dest_id": warehouse.lot_stock_id.id,
            "company_id": rma.company_id.id,
        }
        picking_type = warehouse.aftersales_inspection_type_id
        return {
            **common,
            "picking_type_id": picking_type.id,
            "partner_id": rma.partner_id.id,
            "origin": rma.name,
            "aftersales_return_id": rma.id,
            "move_ids": [
                Command.create(
                    {
                        **common,
                        "state": "confirmed",
                        "picking_type_id": picking_type.id,
                        "warehouse_id": warehouse.id,
                        "origin": rma.name,
                        "product_id": move.product_id.id,
                        "product_uom": move.product_id.uom_id.id,
                        "product_uom_qty": move._aftersales_sum(),
                        "aftersales_return_line_id": move.aftersales_return_line_id.id,
                        "move_orig_ids": [Command.link(move.id)],
                        "move_line_ids": [
                            Command.create(self._prepare_inspection_item(item, common))
                            for item in move.move_line_ids
                        ],
                    }
                )
                for move in moves
            ],
        }

    @api.model
    def _prepare_inspection_item(self, item, common):
        return {
            **common,
            "location_id": item.location_dest_id.id,
            "product_id": item.product_id.id,
            "product_uom_id": item.product_id.uom_id.id,
            "quantity": item.quantity_product_uom,
            "lot_id": item.lot_id.id,
            "package_id": item.result_package_id.id,
            "picked": False,
        }
