from odoo import api, models


class AftersalesAttempt(models.Model):
    _inherit = "aftersales.attempt"

    @api.model
    def _get_limits(self):
        """Let a customer request as many returns as tickets."""
        limits = super()._get_limits()
        return {**limits, "portal_return": limits["portal_ticket"]}
