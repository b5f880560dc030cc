from odoo import models
from odoo.fields import Command


class AftersalesPartRequestLine(models.Model):
    """How a depot sends a part, or has it purchased (R43)."""

    _inherit = "aftersales.part.request.line"

    def _get_buy_rule(self, depot):
        """Return the rule by which a depot buys the part, if anybody sells it."""
        self.ensure_one()
        buy = depot.buy_pull_id
        return buy if buy.active and self.product_id.seller_ids else buy.browse()

    def _prepare_move(self, picking, quantity, order):
        """Return the values of the move of a part (hook).

        :param bool order: purchase it, as far as there is a vendor
        """
        self.ensure_one()
        request = self.request_id
        depot = picking.location_id.warehouse_id
        buy = self._get_buy_rule(depot) if order else False
        vals = {
            "product_id": self.product_id.id,
            "product_uom": self.product_id.uom_id.id,
            "product_uom_qty": quantity,
            "location_id": picking.location_id.id,
            "location_dest_id": picking.location_dest_id.id,
            "picking_id": picking.id,
            "picking_type_id": picking.picking_type_id.id,
            "partner_id": picking.partner_id.id,
            "company_id": self.company_id.id,
            "warehouse_id": depot.id,
            "origin": request.display_name,
            "date": picking.scheduled_date,
            "aftersales_request_line_id": self.id,
        }
        if request.deliver_to == "site":
            vals["aftersales_ticket_line_id"] = self.ticket_line_id.id
        if buy:
            vals |= {
                "procure_method": "make_to_order",
                "route_ids": [Command.set(buy.route_id.ids)],
            }
        return vals
