from odoo import models


class AftersalesNonconformity(models.Model):
    """What failing goods show about the product (R96)."""

    _name = "aftersales.nonconformity"
    _inherit = ["aftersales.nonconformity", "aftersales.feedback.mixin"]

    _feedback_field = "nonconformity_id"
