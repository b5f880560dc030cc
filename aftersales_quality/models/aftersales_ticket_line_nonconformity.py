from odoo import models


class AftersalesTicketLine(models.Model):
    """The part that was taken out is the one that failed (R52)."""

    _name = "aftersales.ticket.line"
    _inherit = ["aftersales.ticket.line", "aftersales.nonconforming.mixin"]
    _nonconformity_field = "ticket_line_id"

    def _aftersales_may_nonconform(self):
        return self.kind == "part" and self.state == "used"

    def _prepare_aftersales_nonconformity(self):
        return {
            "default_ticket_line_id": self.id,
            "default_quantity": self.quantity,
            "default_description": self.ticket_id.symptom,
        }
