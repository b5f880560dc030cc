from odoo import api, models

# What a correction of a done delivery may change for the voucher.
WATCHED = frozenset({"lot_id", "lot_name", "quantity", "quantity_product_uom"})


class StockMoveLine(models.Model):
    _inherit = "stock.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._aftersales_correct()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if WATCHED & vals.keys():
            self._aftersales_correct()
        return result

    def _aftersales_correct(self):
        """Let the vouchers follow a serial number or quantity corrected afterwards."""
        self.filtered(lambda line: line.state == "done").move_id._aftersales_correct()
