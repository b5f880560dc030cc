from odoo.addons.aftersales_service.controllers.public_card import AftersalesPublicCard


class AftersalesQualityCard(AftersalesPublicCard):
    """The card asks whether the customer recommends us, too (R64)."""

    def _get_typed(self, post):
        mark = post.get("recommend")
        return {
            **super()._get_typed(post),
            "recommend": mark.strip()[:2] if isinstance(mark, str) else "",
        }
