from odoo import fields, models


class AftersalesTicket(models.Model):
    """A customer without his unit may have one of ours meanwhile (R46)."""

    _inherit = "aftersales.ticket"

    loan_count = fields.Integer(
        string="Units Lent",
        compute="_compute_loan_count",
        groups="aftersales_service.aftersales_service_group_technician",
    )

    def _compute_loan_count(self):
        counts = {
            ticket.id: count
            for ticket, count in self.env["aftersales.loan"]._read_group(
                [("ticket_id", "in", self.ids), ("state", "!=", "cancelled")],
                ["ticket_id"],
                ["__count"],
            )
        }
        for ticket in self:
            ticket.loan_count = counts.get(ticket._origin.id, 0)

    def action_lend(self):
        """Open a new loaner for the customer of the ticket."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "aftersales.loan",
            "name": self.env._("Lend a Unit"),
            "views": [(False, "form")],
            "context": {
                "default_kind": "loaner",
                "default_ticket_id": self.id,
                "default_partner_id": self.partner_id.id,
                "default_equipment_id": self.equipment_id.id,
                "default_company_id": self.company_id.id,
            },
        }

    def action_view_loans(self):
        """Open what was lent because of the ticket."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_parts.aftersales_loan_action"
        )
        lend = self.action_lend()["context"]
        return {**action, "domain": [("ticket_id", "=", self.id)], "context": lend}
