from odoo import fields, models
from odoo.fields import Domain


class SaleOrder(models.Model):
    """Orders whose goods are delivered and installed by our own people (R54)."""

    _inherit = "sale.order"

    aftersales_delivery_line_ids = fields.One2many(
        comodel_name="aftersales.delivery.day.line",
        inverse_name="order_id",
        string="On the Lists of the Days",
        groups="stock.group_stock_user,purchase.group_purchase_user,"
        "aftersales_service.aftersales_service_group_agent",
    )
    aftersales_visit_text = fields.Char(
        string="Delivery Visit",
        compute="_compute_aftersales_visit_text",
        compute_sudo=True,
        help="Who brings the goods, and when.",
    )

    def _compute_aftersales_visit_text(self):
        texts = self.picking_ids._get_aftersales_visit_texts()
        for order in self:
            parts = [
                texts[picking] for picking in order.picking_ids if picking in texts
            ]
            order.aftersales_visit_text = ", ".join(parts)

    def _action_cancel(self):
        result = super()._action_cancel()
        self._aftersales_cancel_visits()
        return result

    def _aftersales_cancel_visits(self):
        """Nobody drives out for a cancelled order."""
        # Whoever may cancel the order calls off its visits.
        visits_sudo = self.env["aftersales.dispatch"].sudo()
        visits_sudo = visits_sudo.search(
            Domain("picking_id.sale_id", "in", self.ids)
            & Domain("state", "in", ("draft", "assigned", "accepted"))
        )
        tickets_sudo = visits_sudo.ticket_id
        tickets_sudo.filtered(
            lambda ticket: ticket.can_cancel
            and "on_site" not in ticket.dispatch_ids.mapped("state")
        ).action_cancel(self.env._("The order was cancelled"))
