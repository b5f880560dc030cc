from odoo import fields, models
from odoo.fields import Command

from .aftersales_return import HOLDING_STATES


class AftersalesReturn(models.Model):
    """The inspection of what came back (R52)."""

    _inherit = "aftersales.return"

    inspection_ids = fields.One2many(
        comodel_name="aftersales.return.inspection",
        inverse_name="return_id",
        string="Findings",
        copy=False,
    )

    def _has_to_inspect(self):
        self.ensure_one()
        # Goods in rework are inspected again, even when the money is given back.
        return self.state in (*HOLDING_STATES, "done") and any(
            line.quantity_to_inspect
            or line.quantity_in_rework
            or line._has_optional_finding()
            for line in self.line_ids
        )

    def _inspect(self):
        """Book the findings noted on the lines, or on rows of their own.

        :raise UserError: naming the goods that have no finding
        """
        for rma in self:
            # Behind the rule on the step; the warehouse does not write on returns.
            lines_sudo = rma.line_ids.sudo()
            lines_sudo._lock_for_inspection()
            rows_sudo = lines_sudo.inspection_ids.filtered(lambda row: not row.date)
            rows_sudo._complete_lots()
            vals_list, missing = lines_sudo._prepare_findings(rows_sudo)
            if missing:
                rma._refuse(
                    rma.env._(
                        "Say first what the inspection found of these goods: %s",
                        ", ".join(missing.mapped("product_id.display_name")),
                    )
                )
            rows_sudo |= rows_sudo.create(vals_list)
            rows_sudo._book()

    def action_note_findings(self):
        """Open the form on which findings are noted and booked."""
        self._ensure_can(
            "can_inspect", self.env._("Only goods that were received are inspected.")
        )
        return self.env["aftersales.return.inspect"]._get_action(self.line_ids)

    def _follow_inspection(self):
        """Move on when all goods that came have their finding, and back when not."""
        received = self.filtered(lambda rma: rma.state in ("received", "inspected"))
        inspected = received.filtered(
            lambda rma: not any(rma.line_ids.mapped("quantity_to_inspect"))
        )
        new = inspected.filtered(lambda rma: rma.state == "received")
        if new:
            new._step({"state": "inspected", "inspect_date": fields.Datetime.now()})
        if again := (received - inspected).filtered(lambda r: r.state == "inspected"):
            again._step({"state": "received", "inspect_date": False})

    def _after_receipt(self):
        result = super()._after_receipt()
        self._follow_inspection()
        return result

    def _follow_moves(self):
        result = super()._follow_moves()
        self.filtered(lambda rma: rma.state == "inspected")._follow_inspection()
        return result

    def _ensure_settled(self):
        """Nothing may be left uninspected, nor misused goods with us (R52)."""
        for rma in self:
            if waiting := rma.line_ids.filtered("quantity_to_inspect"):
                rma._refuse(
                    rma.env._(
                        "These goods are not inspected yet: %s",
                        ", ".join(waiting.mapped("product_id.display_name")),
                    )
                )
            if here := rma.line_ids.filtered(lambda line: line._has_misused_here()):
                rma._refuse(
                    rma.env._(
                        "These goods were not taken back, and the customer does not have "
                        "them yet: %s",
                        ", ".join(here.mapped("product_id.display_name")),
                    )
                )
        return super()._ensure_settled()

    # ------------------------------------------------------------
    # MISUSE
    # ------------------------------------------------------------

    def _create_send_back(self, parts):
        """Return a new transfer that brings misused goods back to their customer.

        :param parts: (finding, location, lot, quantity) of goods in quarantine
        """
        picking = self.env["stock.picking"].create(self._prepare_send_back(parts))
        picking.action_confirm()
        picking.action_assign()
        return picking

    def _prepare_send_back(self, parts):
        """Return the values of that transfer."""
        self.ensure_one()
        picking_type = self.warehouse_id.out_type_id
        moves = [
            row._prepare_send_back_move(location, lot, quantity)
            for row, location, lot, quantity in parts
        ]
        return {
            "picking_type_id": picking_type.id,
            "partner_id": self.partner_id.id,
            "location_id": parts[0][1].id,
            "location_dest_id": moves[0]["location_dest_id"],
            "origin": self.name,
            "company_id": self.company_id.id,
            "aftersales_return_id": self.id,
            "move_ids": [Command.create(vals) for vals in moves],
        }

    def _after_misuse(self, rows, picking):
        """Hook: goods of this return are not taken back, but go back with a transfer."""
        self.ensure_one()
        goods = ", ".join(rows.product_id.mapped("display_name"))
        self.message_post(
            body=self.env._(
                "Damaged by misuse: %(goods)s. It is not taken back and goes to the "
                "customer as it is with %(transfer)s, unless he has it repaired.",
                goods=goods,
                transfer=picking.name,
            )
        )
        if self.user_id:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Misuse: offer the customer a repair"),
                user_id=self.user_id.id,
            )
