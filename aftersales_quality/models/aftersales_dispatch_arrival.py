from odoo import models


class AftersalesDispatch(models.Model):
    """An arrival on site also is the visit that a complaint waits for (R60)."""

    _inherit = "aftersales.dispatch"

    def _step(self, vals):
        result = super()._step(vals)
        if moment := vals.get("arrive_date"):
            self.env["aftersales.complaint"]._note_visits(self, moment)
        return result
