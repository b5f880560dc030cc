from odoo import models


class AftersalesCallback(models.Model):
    """A customer who is not content on the phone complains (R34, R58)."""

    _name = "aftersales.callback"
    _inherit = ["aftersales.callback", "aftersales.complained.mixin"]

    _complaint_field = "callback_id"

    def _aftersales_complaint_values(self):
        values = super()._aftersales_complaint_values()
        values["channel"] = {
            "visit": "visit",
            "mail": "mail",
            "letter": "letter",
        }.get(self.channel, "hotline")
        if self.answer:
            values["description"] = self.answer
        return values
