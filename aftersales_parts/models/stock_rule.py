from odoo import models


class StockRule(models.Model):
    _inherit = "stock.rule"

    def _get_custom_move_fields(self):
        """A delivery knows the ticket line its order line offers."""
        return [*super()._get_custom_move_fields(), "aftersales_ticket_line_id"]
