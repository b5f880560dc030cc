from odoo import api, models

SHARED = frozenset({"product_id", "product_uom_qty", "product_uom", "repair_line_type"})


class StockMove(models.Model):
    """Parts of a repair, and the ticket line that says who pays for each."""

    _inherit = "stock.move"

    @api.model_create_multi
    def create(self, vals_list):
        if owners := self.env.context.get("aftersales_owners"):
            vals_list = self._aftersales_give_owners(vals_list, dict(owners))
        moves = super().create(vals_list)
        if any(vals.get("repair_id") for vals in vals_list):
            moves._aftersales_follow_repair_parts()
        return moves

    @api.model
    def _aftersales_give_owners(self, vals_list, owners):
        """Book repaired items as their owners', where they lie."""
        result = []
        for vals in vals_list:
            owner = owners.get(vals.get("repair_id"))
            if owner and not vals.get("repair_line_type"):
                rows = [
                    (code, number, {**row, "owner_id": owner})
                    for code, number, row in vals.get("move_line_ids", ())
                ]
                vals = {**vals, "restrict_partner_id": owner, "move_line_ids": rows}
            result.append(vals)
        return result

    def write(self, vals):
        result = super().write(vals)
        if SHARED & vals.keys() and not self.env.context.get("aftersales_from_line"):
            if parts := self.filtered("repair_id"):
                parts._aftersales_follow_repair_parts()
        return result

    def unlink(self):
        # Follows the part, whoever takes it out.
        lines_sudo = self.filtered("repair_id").sudo().aftersales_ticket_line_id
        result = super().unlink()
        if lines_sudo and not self.env.context.get("aftersales_from_line"):
            lines_sudo = lines_sudo.exists().filtered(
                lambda line: line.state == "planned"
            )
            lines_sudo.with_context(aftersales_from_repair=True).unlink()
        return result

    def _aftersales_follow_repair_parts(self):
        """Note parts of repairs on their tickets, where it is decided who pays."""
        parts = self.filtered(
            lambda move: move.repair_id.aftersales_ticket_id
            and move.repair_line_type
            and move.state not in ("done", "cancel")
        )
        if not parts:
            return
        # The workshop has no right on tickets; what is written follows the parts.
        Line = self.env["aftersales.ticket.line"].sudo()
        Line = Line.with_context(aftersales_from_repair=True)
        for move in parts:
            line = move.aftersales_ticket_line_id.with_env(Line.env)
            quantity = move.product_uom._compute_quantity(
                move.product_uom_qty,
                move.product_id.uom_id,
                rounding_method="HALF-UP",
            )
            wanted = move.repair_line_type == "add" and quantity > 0
            if not wanted:
                if line.state == "planned":
                    line.write({"state": "unused"})
            elif not line:
                move.aftersales_ticket_line_id = Line.create(
                    {
                        "ticket_id": move.repair_id.aftersales_ticket_id.id,
                        "repair_id": move.repair_id.id,
                        "kind": "part",
                        "product_id": move.product_id.id,
                        "quantity": quantity,
                    }
                )
            else:
                vals = {"product_id": move.product_id.id, "quantity": quantity}
                changed = {
                    name: value
                    for name, value in vals.items()
                    if line._differs(name, value)
                }
                if line.state == "unused":
                    changed["state"] = "planned"
                if changed:
                    line.write(changed)
