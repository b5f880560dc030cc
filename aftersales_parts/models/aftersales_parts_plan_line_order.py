from odoo import models


class AftersalesPartsPlanLine(models.Model):
    _inherit = "aftersales.parts.plan.line"

    def _prepare_purchase_line(self, order):
        """Return the values of the order line, with the vendor's price and taxes.

        :param order: the purchase order it is for
        """
        self.ensure_one()
        values = self.env["purchase.order.line"]._prepare_purchase_order_line(
            self.product_id,
            self.quantity,
            self.product_id.uom_id,
            self.company_id,
            order.partner_id,
            order,
        )
        values.pop("order_id", None)
        return {**values, "aftersales_plan_line_id": self.id}
