from odoo import api, fields, models

from .aftersales_return_line import CUSTOMER_GOODS


class AftersalesReturnLine(models.Model):
    """Goods that stay the customer's: each item is taken into custody (R28)."""

    _inherit = "aftersales.return.line"

    accessories = fields.Char(help="What the customer handed in with it.")
    condition = fields.Char(help="What it looked like when it came in.")
    data_saved = fields.Selection(
        selection=[
            ("none", "No Data on It"),
            ("saved", "Saved by the Customer"),
            ("not_saved", "Not Saved"),
        ],
        help="Whether the customer has a copy of what is stored on it.",
    )
    custody_ids = fields.One2many(
        comodel_name="aftersales.custody",
        inverse_name="return_line_id",
        string="Items with Us",
        groups="aftersales_service.aftersales_service_group_technician",
    )

    @api.depends("remedy", "reason_id")
    def _compute_inspection_required(self):
        """Goods that stay the customer's are looked at where they are repaired."""
        result = super()._compute_inspection_required()
        for line in self.filtered(lambda line: line.remedy in CUSTOMER_GOODS):
            line.inspection_required = False
        return result

    # ------------------------------------------------------------
    # WHAT CAME
    # ------------------------------------------------------------

    def _get_received_items(self):
        """Return ``{lot or no lot: (quantity, receiving move)}`` of what came.

        Serials and lots are items of their own; a quantity without them is one item.
        """
        self.ensure_one()
        items = {}
        for move in self._get_receipts():
            for row in move.move_line_ids:
                lot = row.lot_id if self.tracking != "none" else row.lot_id.browse()
                quantity, first = items.get(lot, (0.0, move))
                items[lot] = (quantity + row.quantity_product_uom, first)
        return items

    def _open_custody(self):
        """Take what came into custody, each item once; who brings it has no rights.

        An item that is in our hands already – handed in at the counter – is found there.
        """
        Custody = self.env["aftersales.custody"]._by_method()
        lines = self.filtered(lambda line: line.remedy in CUSTOMER_GOODS)
        came = [
            (line, lot, quantity, move)
            for line in lines
            for lot, (quantity, move) in line._get_received_items().items()
        ]
        if not came:
            return
        lines._correct_custody()
        units = lines._get_units()
        known = {}
        for item in Custody.search([("return_line_id", "in", lines.ids)]):
            known.setdefault((item.return_line_id, item.lot_id), []).append(item)
        by_unit = {
            item.equipment_id: item
            for item in Custody.search(
                [
                    ("equipment_id", "in", [unit.id for unit in units.values()]),
                    ("date_out", "=", False),
                ]
            )
        }
        for line, lot, quantity, move in came:
            unit = units.get((line, lot)) or self.env["aftersales.equipment"]
            items = known.get((line, lot), [])
            counted = sum(item.quantity for item in items)
            missing = quantity - counted
            if line.product_id.uom_id.compare(missing, 0.0) <= 0:
                continue
            facts = {
                "return_line_id": line.id,
                "product_id": line.product_id.id,
                "lot_id": lot.id,
                "picking_in_id": move.picking_id.id,
                "note": line._get_condition(),
            }
            running = next((item for item in items if not item.date_out), None)
            if running:
                running._by_method().quantity += missing
                running._follow_quantity()
            elif unit and unit in by_unit:
                by_unit[unit]._by_method().write({**facts, "quantity": missing})
            else:
                ticket = line._get_ticket(unit, lot)
                Custody.create(
                    {
                        **facts,
                        "quantity": missing,
                        "ticket_id": ticket.id,
                        "date_in": move.date,
                    }
                )

    def _correct_custody(self):
        """Follow receipts whose serials were corrected once done.

        An item whose serial was wrong takes the right one; one that never came is gone.
        """
        Custody = self.env["aftersales.custody"]._by_method()
        items = Custody.search(
            [("return_line_id", "in", self.ids), ("date_out", "=", False)]
        )
        for line, own in items.grouped("return_line_id").items():
            came = line._get_received_items()
            wrong = own.filtered(lambda item, came=came: item.lot_id not in came)
            missing = [lot for lot in came if lot not in own.lot_id]
            for item, lot in zip(wrong, missing, strict=False):
                item._by_method().lot_id = lot
                item._get_open_repairs().write({"lot_id": lot.id})
            for item in wrong[len(missing) :]:
                if not item.repair_ids:
                    item.unlink()

    def _get_condition(self):
        self.ensure_one()
        saved = dict(self._fields["data_saved"]._description_selection(self.env))
        parts = (self.accessories, self.condition, saved.get(self.data_saved))
        return " · ".join(part for part in parts if part)

    def _get_units(self):
        """Return ``{(line, lot): unit}`` of what came, in one search."""
        Equipment = self.env["aftersales.equipment"]
        moves = {
            line: line.move_id and line.move_id._aftersales_first_move()
            for line in self
        }
        lots = self.stock_move_ids.move_line_ids.lot_id | self.lot_id
        found = Equipment.search(
            [
                ("company_id", "in", self.company_id.ids),
                "|",
                ("lot_id", "in", lots.ids),
                ("move_id", "in", [move.id for move in moves.values() if move]),
            ],
            order="state, id",
        )
        serial = {(unit.company_id, unit.lot_id): unit for unit in found[::-1]}
        by_move = {unit.move_id: unit for unit in found if not unit.lot_id}
        units = {}
        for line in self:
            for lot in line._get_received_items():
                unit = serial.get((line.company_id, lot)) if lot else None
                unit = unit or (
                    line.equipment_id
                    if not lot or line.equipment_id.lot_id == lot
                    else None
                )
                if not unit and moves[line]:
                    unit = by_move.get(moves[line])
                if unit:
                    units[line, lot] = unit
        return units

    # ------------------------------------------------------------
    # TICKET
    # ------------------------------------------------------------

    def _get_ticket(self, unit, lot):
        """Return the ticket on which an item is served: that of the return when it is
        about this item and free, else a new one."""
        self.ensure_one()
        ticket = self.return_id.ticket_id
        if (
            ticket
            and ticket.state not in ("closed", "cancelled")
            and not ticket.custody_ids.filtered(lambda item: not item.date_out)
            and (
                ticket.equipment_id == unit
                if ticket.equipment_id
                else len(self.return_id.line_ids) == 1
            )
        ):
            if unit and not ticket.equipment_id:
                ticket.equipment_id = unit
            return ticket
        return self.env["aftersales.ticket"].create(
            self._prepare_ticket_vals(unit, lot)
        )

    def _prepare_ticket_vals(self, unit, lot):
        """Return the values of the ticket of an item that came (hook)."""
        self.ensure_one()
        rma = self.return_id
        symptom = self.note or self.reason_id.name or rma.description
        return {
            "symptom": (symptom or self.product_id.display_name).splitlines()[0],
            "company_id": rma.company_id.id,
            "partner_id": rma.partner_id.id,
            "equipment_id": unit.id,
            **({} if unit else {"product_id": self.product_id.id, "lot_id": lot.id}),
            "service_mode": "workshop",
            "channel": rma.ticket_id.channel or "visit",
            "team_id": rma.ticket_id.team_id.id or self._get_team().id,
            "user_id": rma.user_id.id,
        }

    def _get_team(self):
        return self.env["aftersales.team"].search(
            [("company_id", "=", self.company_id.id)], limit=1
        )
