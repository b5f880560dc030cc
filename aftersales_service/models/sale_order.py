from odoo import fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    aftersales_equipment_count = fields.Integer(
        string="Units", compute="_compute_aftersales_counts"
    )
    aftersales_ticket_count = fields.Integer(
        string="Tickets", compute="_compute_aftersales_counts"
    )

    def _compute_aftersales_counts(self):
        units = self._aftersales_count("aftersales.equipment")
        tickets = self._aftersales_count("aftersales.ticket")
        for order in self:
            order.aftersales_equipment_count = units.get(order, 0)
            order.aftersales_ticket_count = tickets.get(order, 0)

    def _aftersales_count(self, model):
        """Return ``{order: number of its units or tickets}`` the user may see."""
        Model = self.env[model]
        if not Model.has_access("read"):
            return {}
        groups = Model._read_group(
            [("sale_order_id", "in", self.ids)], ["sale_order_id"], ["__count"]
        )
        return dict(groups)

    def action_view_aftersales_equipment(self):
        """Open the units delivered on this order."""
        Equipment = self.env["aftersales.equipment"]
        return Equipment.search([("sale_order_id", "in", self.ids)])._get_list_action()

    def action_view_aftersales_tickets(self):
        """Open the tickets of the units of this order."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_ticket_action"
        )
        return {
            **action,
            "domain": [("sale_order_id", "in", self.ids)],
            "context": {"create": False},
        }

    def action_aftersales_request_service(self):
        """Open the form that registers a ticket for a unit of this order."""
        self.ensure_one()
        return self.env["aftersales.ticket.request"]._get_action(order=self)
