from odoo import api, models


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "aftersales.returned.mixin"]

    @api.depends("order_line.qty_delivered")
    def _compute_aftersales_can_return(self):
        for order in self:
            order.aftersales_can_return = any(
                line.qty_delivered > 0 and line.product_id.type == "consu"
                for line in order.order_line
            )

    def _aftersales_return_path(self):
        return "sale_line_id", [("sale_line_id.order_id", "in", self.ids)]

    def _aftersales_of_return_source(self, source):
        # The line of an order the user has before him.
        return source.sudo().order_id.ids

    def _aftersales_return_documents(self):
        return {"orders": self}
