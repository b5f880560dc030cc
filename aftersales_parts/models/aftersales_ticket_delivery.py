from odoo import fields, models


class AftersalesTicket(models.Model):
    """Tickets that orders make: to deliver and to install (R54)."""

    _inherit = "aftersales.ticket"

    channel = fields.Selection(
        selection_add=[("order", "Sales Order")], ondelete={"order": "set default"}
    )

    def _get_due(self, clock, terms, pauses, reckoning):
        """A delivery is no call: only the agreed time of the delivery is a promise."""
        if self.channel == "order" and (clock != "arrive" or not self.arrive_wish):
            return None, None
        return super()._get_due(clock, terms, pauses, reckoning)
