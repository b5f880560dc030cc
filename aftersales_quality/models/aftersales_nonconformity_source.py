from odoo import api, models
from odoo.exceptions import UserError

# Where goods were found, by the document that tells of them; the first one counts.
FOUND_BY_SOURCE = (
    ("return_line_id", "return"),
    ("repair_id", "workshop"),
    ("move_id", "incoming"),
    ("ticket_line_id", "field"),
    ("ticket_id", "field"),
    ("complaint_id", "customer"),
)


class AftersalesNonconformity(models.Model):
    """Where failing goods were found, and who supplied them (R52)."""

    _inherit = "aftersales.nonconformity"

    @api.depends("return_line_id", "ticket_line_id", "repair_id", "move_id", "lot_id")
    def _compute_from_source(self):
        for row in self:
            line, part, repair = row.return_line_id, row.ticket_line_id, row.repair_id
            row.product_id = (
                row.product_id
                or line.product_id
                or part.product_id
                or repair.product_id
                or row.move_id.product_id
                or row.lot_id.product_id
            )
            came = row.move_id.move_line_ids.lot_id
            lot = row.lot_id or line.lot_id or part.old_lot_id or repair.lot_id
            lot = lot or (came if len(came) == 1 else came.browse())
            row.lot_id = lot if lot.product_id == row.product_id else False
            row.ticket_id = (
                row.ticket_id
                or part.ticket_id
                or repair.aftersales_ticket_id
                or line.return_id.ticket_id
            )
            row.cause_id = row.cause_id or line.cause_id

    @api.depends(*(field for field, _place in FOUND_BY_SOURCE))
    def _compute_found_at(self):
        for row in self:
            row.found_at = row.found_at or next(
                (place for field, place in FOUND_BY_SOURCE if row[field]), "stock"
            )

    @api.depends("lot_id", "move_id")
    def _compute_purchase_line_id(self):
        bought = self.lot_id._aftersales_get_purchases()
        for row in self:
            line = row.move_id.purchase_line_id
            line = line or bought.get(row.lot_id.id, line)
            row.purchase_line_id = line or row.purchase_line_id

    @api.depends("purchase_line_id", "picking_id")
    def _compute_supplier_id(self):
        for row in self:
            # Receipts without a purchase name whom they came from, too.
            partner = row.purchase_line_id.partner_id or row.picking_id.partner_id
            row.supplier_id = partner or row.supplier_id

    # ------------------------------------------------------------
    # GUARDS
    # ------------------------------------------------------------

    def _ensure_within_source(self):
        """Refuse other goods, or more of them, than the source has.

        :raise UserError: naming the source and what is left of it
        """
        self._ensure_same_product()
        # All rows of the source count, also those that the user does not see.
        rows_sudo = self.sudo().filtered(lambda row: row.state != "cancelled")
        for field, measure in self._get_source_measures().items():
            sources = rows_sudo[field]
            if not sources:
                continue
            taken = dict(
                rows_sudo._read_group(
                    [(field, "in", sources.ids), ("state", "!=", "cancelled")],
                    [field],
                    ["quantity:sum"],
                )
            )
            for source in sources:
                limit, total = measure(source), taken.get(source, 0.0)
                concerned = rows_sudo.filtered(
                    lambda row, field=field, source=source: row[field] == source
                )
                if concerned[0].uom_id.compare(total, limit) > 0:
                    raise UserError(
                        self.env._(
                            "%(document)s has %(limit)s, and its nonconformities would be "
                            "about %(total)s. Lower the quantity of %(rows)s.",
                            document=source.display_name,
                            limit=f"{round(limit, 6):g}",
                            total=f"{round(total, 6):g}",
                            rows=", ".join(concerned.mapped("name")),
                        )
                    )
        serials = rows_sudo.filtered(
            lambda row: row.tracking == "serial"
            and row.lot_id
            and row.uom_id.compare(row.quantity, 1.0) > 0
        )
        if serials:
            serials._refuse(self.env._("There is one piece of a serial number."))

    @api.model
    def _get_source_measures(self):
        """Return ``{field: function that tells how much the source has}``."""
        return {
            "inspection_id": lambda finding: finding.quantity,
            "return_line_id": lambda line: max(line.quantity, line.quantity_received),
            "ticket_line_id": lambda part: part.quantity,
            "repair_id": lambda repair: repair.product_uom._compute_quantity(
                repair.product_qty, repair.product_id.uom_id
            ),
            "move_id": lambda move: move._aftersales_sum(),
        }

    def _ensure_same_product(self):
        """Refuse a lot, or a document, of another product.

        :raise UserError: naming the nonconformities
        """

        def differs(row):
            # The source is read for who may not see transfers.
            row_sudo = row.sudo()
            sources = (
                row_sudo.lot_id,
                row_sudo.return_line_id,
                row_sudo.ticket_line_id,
                row_sudo.move_id,
            )
            return any(
                source.product_id and source.product_id != row_sudo.product_id
                for source in sources
            )

        if wrong := self.filtered(differs):
            wrong._refuse(
                self.env._("Its lot or its source is of another product: choose one.")
            )
