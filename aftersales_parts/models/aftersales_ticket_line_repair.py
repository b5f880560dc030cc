from odoo import api, fields, models

SHARED = frozenset({"product_id", "quantity", "state", "repair_id"})


class AftersalesTicketLine(models.Model):
    """Parts that the workshop builds in: each is a part of its repair order."""

    _inherit = "aftersales.ticket.line"

    repair_id = fields.Many2one(
        comodel_name="repair.order",
        string="Repair Order",
        index="btree_not_null",
        check_company=True,
        copy=False,
        domain="[('aftersales_ticket_id', '=', ticket_id)]",
        help="Repair that it is worked or built in with.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = self._default_repair(vals_list)
        lines = super().create(vals_list)
        lines._follow_in_repair()
        return lines

    @api.model
    def _default_repair(self, vals_list):
        """What is planned on a ticket in the workshop is built in there."""
        open_for = [
            vals
            for vals in vals_list
            if vals.get("kind", "part") == "part"
            and "repair_id" not in vals
            and not vals.get("dispatch_id")
            and vals.get("ticket_id")
        ]
        tickets = {vals["ticket_id"] for vals in open_for}
        if not tickets:
            return vals_list
        # Repair orders of the ticket, for whoever plans its parts.
        repairs_sudo = self.env["repair.order"].sudo()
        repairs_sudo = repairs_sudo.search(
            [
                ("aftersales_ticket_id", "in", list(tickets)),
                ("state", "not in", ("done", "cancel")),
            ]
        )
        if not repairs_sudo:
            return vals_list
        by_ticket = {
            repair.aftersales_ticket_id.id: repair.id for repair in repairs_sudo
        }
        return [
            {**vals, "repair_id": by_ticket[vals["ticket_id"]]}
            if vals in open_for and vals["ticket_id"] in by_ticket
            else vals
            for vals in vals_list
        ]

    def write(self, vals):
        result = super().write(vals)
        if SHARED & vals.keys() and not self._is_by_method():
            self._follow_in_repair()
        return result

    def unlink(self):
        # Parts nobody plans any more; who plans them has no right on the stock.
        moves_sudo = self._get_repair_moves()
        result = super().unlink()
        moves_sudo = moves_sudo.exists().filtered(
            lambda move: move.state not in ("done", "cancel")
        )
        if moves_sudo and not self.env.context.get("aftersales_from_repair"):
            moves_sudo.with_context(aftersales_from_line=True).unlink()
        return result

    def _filter_goods(self):
        """What the workshop builds in is moved by its repair order."""
        return super()._filter_goods().filtered(lambda line: not line.repair_id)

    def _get_repair_moves(self):
        """Return, as superuser, the parts of repairs that these lines are about."""
        # One search; who plans parts has no right on the stock.
        Move = self.env["stock.move"].sudo()
        lines = self.filtered("repair_id")
        if not lines:
            return Move
        return Move.search([("aftersales_ticket_line_id", "in", lines.ids)])

    def _follow_in_repair(self):
        """Let the repair build in what the lines say, as long as it is planned."""
        if self.env.context.get("aftersales_from_repair"):
            return
        lines = self.filtered(lambda line: line.repair_id and line.kind == "part")
        if not lines:
            return
        moves_sudo = lines._get_repair_moves().with_context(aftersales_from_line=True)
        known = {move.aftersales_ticket_line_id.id: move for move in moves_sudo}
        for line in lines:
            move_sudo = known.get(line.id)
            # As in _get_repair_moves.
            repair_sudo = line.repair_id.sudo()
            if repair_sudo.state in ("done", "cancel"):
                continue
            if not move_sudo:
                if line.state == "planned":
                    moves_sudo.create(line._prepare_repair_move_vals())
                continue
            if move_sudo.state in ("done", "cancel"):
                continue
            quantity = 0.0 if line.state == "unused" else line.quantity
            vals = {}
            if move_sudo.product_id != line.product_id and line.product_id:
                vals["product_id"] = line.product_id.id
                vals["product_uom"] = line.product_id.uom_id.id
            if line.uom_id.compare(move_sudo.product_uom_qty, quantity):
                vals["product_uom_qty"] = quantity
            if vals:
                move_sudo.write(vals)

    def _prepare_repair_move_vals(self):
        """Return the values of the part in the repair order (hook)."""
        self.ensure_one()
        return {
            "repair_id": self.repair_id.id,
            "repair_line_type": "add",
            "product_id": self.product_id.id,
            "product_uom_qty": self.quantity,
            "product_uom": self.product_id.uom_id.id,
            "company_id": self.company_id.id,
            "aftersales_ticket_line_id": self.id,
        }
