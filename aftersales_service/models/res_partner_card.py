from odoo import fields, models


class ResPartner(models.Model):
    """How a customer evaluated our visits (R33)."""

    _inherit = "res.partner"

    aftersales_card_count = fields.Integer(
        string="Evaluations", compute="_compute_aftersales_card_count"
    )

    def _compute_aftersales_card_count(self):
        domain = self.env["rating.rating"]._get_card_domain()
        counts = self._aftersales_count("rating.rating", domain)
        for partner in self:
            partner.aftersales_card_count = counts.get(partner._origin.id, 0)

    def action_view_aftersales_cards(self):
        """Open the evaluation cards of this customer."""
        Rating = self.env["rating.rating"]
        cards = Rating.search(
            Rating._get_card_domain() & self._aftersales_family_domain("partner_id")
        )
        return cards._get_cards_action()
