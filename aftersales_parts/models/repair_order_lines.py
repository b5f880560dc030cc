from odoo import fields, models


class RepairOrder(models.Model):
    """Work and parts of a repair as lines of its ticket: who pays is decided there."""

    _inherit = "repair.order"

    def _use_lines(self):
        """What was worked and built in is done: by whom, how much, when."""
        self.ensure_one()
        # Work done is noted on the ticket, whoever released it.
        repair_sudo = self.sudo()
        now = repair_sudo.aftersales_end_date or fields.Datetime.now()
        repair_sudo._use_parts(now)
        ticket = repair_sudo.aftersales_ticket_id
        labour = ticket.line_ids.filtered(
            lambda line: line.kind == "labour"
            and line.repair_id in (repair_sudo, repair_sudo.browse())
        )
        employee = repair_sudo.aftersales_technician_id
        # What the customer agreed to is what he pays, the real hours stay on the card.
        planned = labour.filtered(lambda line: line.state == "planned")
        planned.write(
            {
                "state": "used",
                "date_done": now,
                "employee_id": employee.id,
                "repair_id": self.id,
            }
        )
        if not labour and repair_sudo.aftersales_hours:
            repair_sudo.env["aftersales.ticket.line"].create(
                {
                    "ticket_id": ticket.id,
                    "kind": "labour",
                    "quantity": repair_sudo.aftersales_hours,
                    "state": "used",
                    "date_done": now,
                    "employee_id": employee.id,
                    "repair_id": self.id,
                }
            )

    def _use_parts(self, moment):
        """Note the parts that were built in, and those that were not needed."""
        parts = self.move_ids.filtered("aftersales_ticket_line_id")
        for move in parts:
            line = move.aftersales_ticket_line_id.with_context(
                aftersales_from_repair=True
            )
            if line.state != "planned":
                continue
            built_in = move.state == "done" and not move.product_uom.is_zero(
                move.quantity
            )
            if not built_in:
                line.write({"state": "unused"})
                continue
            quantity = move._aftersales_sum()
            vals = {"state": "used", "date_done": moment}
            if line.uom_id.compare(quantity, line.quantity):
                vals["quantity"] = quantity
            lots = move.lot_ids
            if len(lots) == 1:
                vals["new_lot_id"] = lots.id
            line.write(vals)

    def _drop_lines(self):
        """What was only planned for a cancelled repair is not needed."""
        # Follows the repair, whoever cancelled it.
        lines_sudo = self.sudo().aftersales_line_ids
        lines_sudo.filtered(
            lambda line: line.state == "planned"
            and line.ticket_id.state not in ("closed", "cancelled")
        ).with_context(aftersales_from_repair=True).write({"state": "unused"})

    def _take_lines_again(self):
        """A cancelled repair is planned again, and so are its parts."""
        # As in _drop_lines.
        lines_sudo = self.sudo().move_ids.aftersales_ticket_line_id
        lines_sudo.filtered(
            lambda line: line.state == "unused"
            and line.ticket_id.state not in ("closed", "cancelled")
        ).with_context(aftersales_from_repair=True).write({"state": "planned"})

    def _aftersales_take_planned_parts(self):
        """Let parts already planned on the tickets be built in by these repairs.

        Those that an agreed order delivers itself stay with it: never both.
        """
        for repair in self:
            # Follows the repair, whoever made it.
            lines_sudo = repair.aftersales_ticket_id.sudo().line_ids
            lines_sudo = lines_sudo.filtered(
                lambda line: line.kind == "part"
                and line.state == "planned"
                and not line.repair_id
                and not line.dispatch_id
            )
            free_sudo = lines_sudo - lines_sudo._get_agreed()
            free_sudo.write({"repair_id": repair.id})
