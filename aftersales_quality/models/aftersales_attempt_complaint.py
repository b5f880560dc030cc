from odoo import api, models


class AftersalesAttempt(models.Model):
    _inherit = "aftersales.attempt"

    @api.model
    def _get_limits(self):
        """Let a customer complain as often as he requests service."""
        limits = super()._get_limits()
        return {
            **limits,
            "portal_complaint": limits["portal_ticket"],
            "portal_complaint_answer": limits["portal_visit"],
        }
