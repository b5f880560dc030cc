from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _action_cancel(self):
        """What the order does not deliver any more, the visit does by itself."""
        result = super()._action_cancel()
        if tickets := self.filtered("aftersales_ticket_id"):
            # Whoever cancels an order has no right on the lines of its ticket.
            lines_sudo = tickets.sudo().order_line.aftersales_ticket_line_id
            lines_sudo._filter_goods()._sync_stock()
        return result
