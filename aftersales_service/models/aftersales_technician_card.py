from odoo import models


class AftersalesTechnicianMixin(models.AbstractModel):
    """The evaluation cards behind a technician's rating (R33)."""

    _inherit = "aftersales.technician.mixin"

    def action_view_aftersales_cards(self):
        """Open the answered cards of these technicians, as far as the user may."""
        cards = self.env["rating.rating"].search(
            [("aftersales_technician_id", "in", self.ids), ("consumed", "=", True)]
        )
        return cards._get_cards_action()
