from odoo import models


class RepairOrder(models.Model):
    """What the workshop sees of the product (R96)."""

    _name = "repair.order"
    _inherit = ["repair.order", "aftersales.feedback.mixin"]

    _feedback_field = "repair_id"
