from odoo import models

# An object, not a word: a context sent from outside cannot contain it.
BY_REMEDY = object()


class StockMove(models.Model):
    """Goods booked as another remedy leave on paper alone."""

    _inherit = "stock.move"

    def _aftersales_is_by_remedy(self):
        return self.env.context.get("aftersales_remedy") is BY_REMEDY
