from odoo import models


class StockRule(models.Model):
    """Every step of a delivery knows what it was ordered for."""

    _inherit = "stock.rule"

    def _get_custom_move_fields(self):
        return [
            *super()._get_custom_move_fields(),
            "aftersales_plan_line_id",
            "aftersales_return_line_id",
            "aftersales_ticket_line_id",
        ]

    def _push_prepare_move_copy_values(self, move_to_copy, new_date):
        vals = super()._push_prepare_move_copy_values(move_to_copy, new_date)
        line = move_to_copy.aftersales_return_line_id
        if line and move_to_copy._aftersales_goes_to_customer():
            vals["aftersales_return_line_id"] = line.id
        return vals
