from odoo import models


class StockScrap(models.Model):
    """What was scrapped of failing goods is told by its moves (R52)."""

    _inherit = "stock.scrap"

    def _prepare_move_values(self):
        vals = super()._prepare_move_values()
        # Ids alone come this way, of the record that keeps the goods.
        return vals | (self.env.context.get("aftersales_scrapped") or {})
