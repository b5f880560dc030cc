from odoo import models


class RatingRating(models.Model):
    """Words on a card that are classed as a suggestion go into the register (R97)."""

    _inherit = "rating.rating"

    def action_classify(self, opinion):
        result = super().action_classify(opinion)
        if opinion == "suggestion":
            self.env["aftersales.opinion"]._note_cards(self)
        return result
