from werkzeug.exceptions import NotFound

from odoo.http import request, route

from odoo.addons.rating.controllers.main import Rating

from ..models.rating_rating import CARD_MODEL
from ..tools.asked import text_of


class AftersalesRating(Rating):
    """Odoo's own pages of ratings lead to ours for the cards of visits (R33).

    They know one value and no items, and take an answer as often as it is sent.
    """

    def _aftersales_find_card(self, token):
        # sudo: the token is the key; only whether it is a card is told.
        rating_sudo = request.env["rating.rating"].sudo()
        domain = [("access_token", "=", text_of(token)), ("res_model", "=", CARD_MODEL)]
        return rating_sudo.search(domain, limit=1)

    @route()
    def action_open_rating(self, token, rate, **kwargs):
        if self._aftersales_find_card(token):
            return request.redirect(f"/aftersales/card/{token}")
        return super().action_open_rating(token, rate, **kwargs)

    @route()
    def action_submit_rating(self, token, rate=0, **kwargs):
        if self._aftersales_find_card(token):
            return request.redirect(f"/aftersales/card/{token}")
        return super().action_submit_rating(token, rate=rate, **kwargs)

    def _get_rating_and_record(self, token):
        if self._aftersales_find_card(token):
            raise NotFound()
        return super()._get_rating_and_record(text_of(token))
