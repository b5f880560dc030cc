from odoo import fields, models

from ..models.rating_rating_recommend import MARKS


class AftersalesCardNote(models.TransientModel):
    """The desk asks on the phone, too, whether he recommends us (R64)."""

    _inherit = "aftersales.card.note"

    recommend = fields.Selection(
        selection=MARKS,
        string="Recommends Us (0–10)",
        help="How likely he recommends us to others, if he says so.",
    )

    def action_apply(self):
        result = super().action_apply()
        if self.recommend:
            # Cards belong to nobody; the desk's right to answer was just checked.
            card_sudo = self.sudo().dispatch_id.card_ids
            card_sudo._by_method().aftersales_recommend = self.recommend
        return result
