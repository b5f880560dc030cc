from odoo import models


class AftersalesCustody(models.Model):
    _inherit = "aftersales.custody"

    def action_lend(self):
        """Open a new loaner for the owner of the item in repair."""
        self.ensure_one()
        return self.ticket_id.action_lend()
