from odoo import models


class RatingRating(models.Model):
    """Buttons of evaluation cards."""

    _inherit = "rating.rating"

    def action_suggestion(self):
        """Class the words as a suggestion."""
        return self.action_classify("suggestion")

    def action_complaint(self):
        """Class the words as a complaint."""
        return self.action_classify("complaint")

    def _get_cards_action(self):
        """Return the action that shows these cards: a form for one, else the list."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.rating_rating_action_card"
        )
        action |= {
            "domain": [("id", "in", self.ids)],
            "context": {"create": False},
        }
        if len(self) == 1:
            form = self.env.ref("aftersales_service.rating_rating_view_form_card")
            action |= {"res_id": self.id, "views": [(form.id, "form")]}
        return action
