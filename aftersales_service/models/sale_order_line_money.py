from odoo import models


class SaleOrderLine(models.Model):
    """What is still to be invoiced of work that the customer agreed to."""

    _inherit = "sale.order.line"

    def _aftersales_get_uninvoiced(self):
        """Return what the customer owes of this line and has no invoice of, with tax.

        Work that turned out not to be needed is not owed.
        """
        self.ensure_one()
        if self.display_type or not self.product_uom_qty:
            return 0.0
        if self.aftersales_ticket_line_id.state == "unused":
            return 0.0
        rest = max(0.0, self.product_uom_qty - self.qty_invoiced)
        return self.price_total * rest / self.product_uom_qty
