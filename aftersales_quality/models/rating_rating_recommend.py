from odoo import api, fields, models

from odoo.addons.aftersales_service.models.rating_rating import FACTS

MARKS = [(str(mark), str(mark)) for mark in range(11)]


class RatingRating(models.Model):
    """Would the customer recommend us: a mark from 0 to 10, if he likes (R64)."""

    _inherit = "rating.rating"
    _facts = FACTS | {"aftersales_recommend"}

    aftersales_recommend = fields.Selection(
        selection=MARKS,
        string="Recommends Us",
        readonly=True,
        copy=False,
        help="How likely he recommends us, from 0 to 10; empty when he did not say.",
    )

    _aftersales_answered_idx = models.Index(
        "(aftersales_company_id, rated_on) "
        "WHERE res_model = 'aftersales.dispatch' AND consumed"
    )
    _aftersales_invited_idx = models.Index(
        "(aftersales_company_id, aftersales_send_date) "
        "WHERE res_model = 'aftersales.dispatch'"
    )
    _aftersales_change_idx = models.Index(
        "(write_date) WHERE res_model = 'aftersales.dispatch'"
    )

    @api.model
    def _get_card_extras(self, typed):
        """Take the mark from 0 to 10 along; a wrong one counts as none."""
        mark = str(typed.get("recommend") or "")
        extras = super()._get_card_extras(typed)
        if mark in dict(MARKS):
            extras["aftersales_recommend"] = mark
        return extras

    def _get_public_card(self):
        return {**super()._get_public_card(), "recommend": [mark for mark, _ in MARKS]}
