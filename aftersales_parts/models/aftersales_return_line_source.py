from odoo import api, models
from odoo.exceptions import UserError

from .aftersales_return_line import CUSTOMER_GOODS


class AftersalesReturnLine(models.Model):
    """What comes back is tied to what went out, whoever requests it (R48)."""

    _inherit = "aftersales.return.line"

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        self._find_sources(
            [
                vals
                for vals in vals_list
                if not (vals.get("move_id") or vals.get("equipment_id"))
            ]
        )
        return super().create(vals_list)

    @api.model
    def _find_sources(self, vals_list):
        """Add the delivery of an order or invoice line, or the unit of a serial."""
        if not vals_list:
            return
        by_line = self._find_deliveries(vals_list)
        lot_ids = [vals["lot_id"] for vals in vals_list if vals.get("lot_id")]
        # Which unit has the serial, for who requests its return.
        units_sudo = self.env["aftersales.equipment"].sudo()
        units_sudo = units_sudo.search(
            [("lot_id", "in", lot_ids), ("state", "=", "active")]
        ).grouped(lambda unit: unit.lot_id.id)
        for vals in vals_list:
            sale_line_ids = self._get_sale_line_ids(vals)
            moves = [move for line in sale_line_ids for move in by_line.get(line, ())]
            lot_id = vals.get("lot_id")
            fitting = [
                move
                for move in moves
                if not lot_id or lot_id in move.move_line_ids.lot_id.ids
            ]
            if fitting:
                vals["move_id"] = fitting[0].id
            elif lot_id in units_sudo:
                vals["equipment_id"] = units_sudo[lot_id][:1].id

    @api.model
    def _get_sale_line_ids(self, vals):
        # What was invoiced is known of the line that is returned, nothing else.
        invoice_line_sudo = self.env["account.move.line"].sudo()
        invoice_line_sudo = invoice_line_sudo.browse(vals.get("invoice_line_id") or ())
        given = [vals["sale_line_id"]] if vals.get("sale_line_id") else []
        return given or invoice_line_sudo.sale_line_ids.ids

    @api.model
    def _find_deliveries(self, vals_list):
        """Return ``{id of the order line: its done deliveries, those with most first}``."""
        line_ids = {
            line_id for vals in vals_list for line_id in self._get_sale_line_ids(vals)
        }
        if not line_ids:
            return {}
        # Deliveries of others count, too.
        moves_sudo = self.env["stock.move"].sudo()
        moves_sudo = moves_sudo.search(
            [
                ("sale_line_id", "in", list(line_ids)),
                ("state", "=", "done"),
                ("location_dest_id.usage", "=", "customer"),
                ("origin_returned_move_id", "=", False),
            ],
            order="date, id",
        )
        free = self.sudo()._get_free(moves_sudo)  # see above
        found = {}
        for move in moves_sudo.sorted(
            lambda move: free.get((move, None), 0.0), reverse=True
        ):
            found.setdefault(move.sale_line_id.id, []).append(move)
        return found

    def _ensure_tied(self):
        """Refuse goods of which nobody knows how they came to the customer.

        What stays his may come from anywhere: it is repaired, or sent back.

        :raise UserError: naming the goods and the way out
        """
        if untied := self.filtered(
            lambda line: line.remedy not in CUSTOMER_GOODS
            and not (line.move_id or line.equipment_id)
        ):
            raise UserError(
                self.env._(
                    "Say with which delivery these goods went out, or which unit they "
                    "are: %s. What was sold before this register began gets a unit "
                    "first.",
                    ", ".join(untied.mapped("product_id.display_name")),
                )
            )
