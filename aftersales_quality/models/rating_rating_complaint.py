from odoo import api, fields, models

from odoo.addons.aftersales_service.models.rating_rating import ITEMS


class RatingRating(models.Model):
    """A bad evaluation card becomes a complaint: by a button, or by itself (R58)."""

    _name = "rating.rating"
    _inherit = ["rating.rating", "aftersales.complained.mixin"]

    _complaint_field = "rating_id"

    aftersales_can_complain = fields.Boolean(compute="_compute_aftersales_can_complain")

    @api.depends("aftersales_opinion", "aftersales_alarm", "consumed")
    @api.depends_context("uid", "su")
    def _compute_aftersales_can_complain(self):
        """Words classed as complaint, or bad marks, with no open complaint yet."""
        bad = self.filtered(lambda card: card._is_complaint_card())
        known = self.env["aftersales.complaint"]._find_open("rating_id", bad)
        for card in self:
            card.aftersales_can_complain = card in bad and card._origin.id not in known

    def _is_complaint_card(self):
        self.ensure_one()
        return bool(
            self.aftersales_dispatch_id
            and self.consumed
            and (self.aftersales_opinion == "complaint" or self.aftersales_alarm)
        )

    def _aftersales_complaint_values(self):
        values = super()._aftersales_complaint_values()
        values |= {"dispatch_id": self.aftersales_dispatch_id.id, "channel": "card"}
        # Cards judge people, not goods.
        values["kind"] = "service"
        if self.feedback:
            values["description"] = self.feedback
        return values

    def action_aftersales_complain(self):
        """Open the form that records the complaint of this card.

        :raise UserError: for cards without complaint or bad marks
        """
        self.ensure_one()
        if not self._is_complaint_card():
            self._refuse(
                self.env._(
                    "Only words classed as a complaint, and bad marks, become a "
                    "complaint. Class the words first."
                )
            )
        return super().action_aftersales_complain()

    def _alert_supervisor(self):
        """Let the card become a complaint, where the company says so."""
        result = super()._alert_supervisor()
        self._record_complaints()
        return result

    def _record_complaints(self):
        """Record a complaint for each of these cards that has no open one.

        Called under sudo: the customer who answers has no right on complaints.
        """
        Complaint = self.env["aftersales.complaint"].sudo()  # as said above
        wanted = self.filtered(
            lambda card: card._is_complaint_card()
            and card.aftersales_company_id.aftersales_complaint_from_cards
        )
        known = Complaint._find_open("rating_id", wanted)
        complaints = Complaint.create(
            [
                {
                    "rating_id": card.id,
                    **card._aftersales_complaint_values(),
                    "company_id": card.aftersales_company_id.id,
                    "owner_id": card._get_alert_user().id,
                    "description": card.feedback or card._get_marks_text(),
                }
                for card in wanted
                if card.id not in known
            ]
        )
        # Also when the desk only noted the answer: somebody has to take it up.
        complaints._notice(self.env._("New complaint"))
        return complaints

    def _get_marks_text(self):
        """Say the marks of a card that came without words."""
        self.ensure_one()
        titles, levels = self._get_item_titles(), dict(self._get_level_titles())
        marks = (
            f"{titles[item]}: {levels[self[field]]}" for item, field in ITEMS.items()
        )
        return "\n".join(marks)
