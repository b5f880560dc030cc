from odoo import models


class AftersalesTicket(models.Model):
    """What a ticket shows about the product (R96)."""

    _name = "aftersales.ticket"
    _inherit = ["aftersales.ticket", "aftersales.feedback.mixin"]

    _feedback_field = "ticket_id"
