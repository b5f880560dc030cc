from odoo import models


class AftersalesReturn(models.Model):
    """Goods that came back start and end the legal time of a refund (R60)."""

    _inherit = "aftersales.return"

    def _step(self, vals):
        result = super()._step(vals)
        if "state" in vals:
            # Who receives goods may not see the complaint about them.
            self.sudo().aftersales_complaint_ids._follow_deadlines()
        return result
