from odoo import models


class StockLocation(models.Model):
    _inherit = "stock.location"

    def _aftersales_is_within(self, location_ids):
        """Tell whether the location is one of these, or lies within one.

        :param location_ids: frozenset of ids
        """
        self.ensure_one()
        if not location_ids:
            return False
        above = (int(part) for part in (self.parent_path or "").split("/") if part)
        return not location_ids.isdisjoint(above)
