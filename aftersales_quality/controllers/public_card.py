from odoo.addons.aftersales_service.controllers.public_card import AftersalesPublicCard
from odoo.addons.aftersales_service.tools.asked import text_of


class AftersalesQualityCard(AftersalesPublicCard):
    """The card asks whether the customer recommends us, too (R64)."""

    def _get_typed(self, post):
        return {
            **super()._get_typed(post),
            "recommend": text_of(post.get("recommend")).strip()[:2],
        }
