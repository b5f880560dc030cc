from odoo import models


class AftersalesReturn(models.Model):
    """What goods that come back show about the product (R96)."""

    _name = "aftersales.return"
    _inherit = ["aftersales.return", "aftersales.feedback.mixin"]

    _feedback_field = "return_id"
