from odoo import models


class AftersalesTicket(models.Model):
    """A part that failed in the field is a nonconformity of its lot (R52)."""

    _name = "aftersales.ticket"
    _inherit = ["aftersales.ticket", "aftersales.nonconforming.mixin"]
    _nonconformity_field = "ticket_id"

    def _aftersales_may_nonconform(self):
        return bool(self._get_failed_parts())

    def _get_failed_parts(self):
        """Return the lines of parts that took the place of others."""
        return self.line_ids.filtered(lambda line: line._aftersales_may_nonconform())

    def _prepare_aftersales_nonconformity(self):
        parts = self._get_failed_parts()
        return {
            "default_ticket_id": self.id,
            "default_ticket_line_id": parts.id if len(parts) == 1 else False,
            "default_found_at": "field",
            "default_description": self.symptom,
        }
