from odoo import models


class AftersalesDispatch(models.Model):
    """What a technician sees of the product on a visit (R96)."""

    _name = "aftersales.dispatch"
    _inherit = ["aftersales.dispatch", "aftersales.feedback.mixin"]

    _feedback_field = "dispatch_id"
