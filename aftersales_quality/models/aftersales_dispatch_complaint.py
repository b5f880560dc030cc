from odoo import models


class AftersalesDispatch(models.Model):
    """Complaints about a visit, or heard on it."""

    _name = "aftersales.dispatch"
    _inherit = ["aftersales.dispatch", "aftersales.complained.mixin"]

    _complaint_field = "dispatch_id"

    def _aftersales_complaint_values(self):
        values = super()._aftersales_complaint_values() | {"channel": "visit"}
        if self.customer_opinion:
            values["description"] = self.customer_opinion
        return values
