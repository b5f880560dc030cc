from odoo import fields, models


class AftersalesTicket(models.Model):
    """A ticket may serve one unit of a containment (R63)."""

    _inherit = "aftersales.ticket"

    containment_unit_ids = fields.One2many(
        comodel_name="aftersales.containment.unit",
        inverse_name="ticket_id",
        string="Containment",
    )
