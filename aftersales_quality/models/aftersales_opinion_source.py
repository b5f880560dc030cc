from odoo import api, models


class AftersalesOpinion(models.Model):
    """Opinions that come in by evaluation card and callback, each once (R97)."""

    _inherit = "aftersales.opinion"

    @api.model
    def _find_of(self, field, records):
        """Return the opinions of these sources, whoever may see them."""
        # Told apart by their source alone.
        return self.sudo().search([(field, "in", records.ids)]) if records else self

    @api.model
    def _note_cards(self, cards):
        """Note the words of evaluation cards classed as suggestions.

        The right to class them was checked.
        """
        # Cards belong to nobody.
        cards_sudo = cards.sudo()
        known = self._find_of("rating_id", cards_sudo).rating_id
        # Whoever classes the words notes them, and decides on nothing else.
        return (
            self.sudo()
            ._by_method()
            .create(
                [
                    {
                        "kind": "suggestion",
                        "channel": "card",
                        "rating_id": card_sudo.id,
                        "partner_id": card_sudo.partner_id.id,
                        "description": card_sudo.feedback,
                        "ticket_id": card_sudo.aftersales_dispatch_id.ticket_id.id,
                        "product_id": card_sudo.aftersales_dispatch_id.product_id.id,
                        "company_id": card_sudo.aftersales_company_id.id,
                    }
                    for card_sudo in cards_sudo - known
                    if card_sudo.feedback
                ]
            )
        )

    @api.model
    def _note_callbacks(self, callbacks):
        """Note the wishes of callbacks; they are answered on the callback."""
        # Whoever calls notes the wish, and decides on nothing else.
        callbacks_sudo = callbacks.sudo()
        known = self._find_of("callback_id", callbacks_sudo).callback_id
        return (
            self.sudo()  # as above
            ._by_method()
            .create(
                [
                    {
                        "kind": "wish",
                        "channel": "callback",
                        "callback_id": callback_sudo.id,
                        "partner_id": callback_sudo.partner_id.id,
                        "description": callback_sudo.answer or callback_sudo.name,
                        "ticket_id": callback_sudo.ticket_id.id,
                        "company_id": callback_sudo.company_id.id,
                        **callback_sudo._prepare_opinion_owner(),
                    }
                    for callback_sudo in callbacks_sudo - known
                ]
            )
        )

    def _follow_callback(self, vals):
        """Take over what happened on the callback."""
        # Found for the callback whose step was checked.
        return self.sudo()._by_method().write(vals)

    def _get_summary_line(self):
        """Return the row of the weekly summary."""
        self.ensure_one()
        kind = self._say_value(self._fields["kind"], self.kind)
        return (
            self.name,
            f"{kind} – {self.description}",
            self.product_id.display_name or "",
            self.owner_id.name or "",
            self._say_value(self._fields["state"], self.state),
        )
