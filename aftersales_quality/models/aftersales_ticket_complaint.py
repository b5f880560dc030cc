from odoo import models


class AftersalesTicket(models.Model):
    """Complaints of a ticket."""

    _name = "aftersales.ticket"
    _inherit = ["aftersales.ticket", "aftersales.complained.mixin"]

    _complaint_field = "ticket_id"
