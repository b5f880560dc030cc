from odoo import api, fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    aftersales_equipment_count = fields.Integer(
        string="Units", compute="_compute_aftersales_counts"
    )
    aftersales_ticket_count = fields.Integer(
        string="Tickets", compute="_compute_aftersales_counts"
    )
    aftersales_contract_count = fields.Integer(
        string="Contracts", compute="_compute_aftersales_counts"
    )

    aftersales_sells_cover = fields.Boolean(compute="_compute_aftersales_sells_cover")

    @api.depends("order_line.product_id.aftersales_sells")
    def _compute_aftersales_sells_cover(self):
        for order in self:
            order.aftersales_sells_cover = any(
                line.aftersales_sells in ("extension", "contract")
                for line in order.order_line
            )

    def _compute_aftersales_counts(self):
        units = self._aftersales_count("aftersales.equipment")
        tickets = self._aftersales_count("aftersales.ticket")
        contracts = self._aftersales_count("aftersales.contract")
        for order in self:
            order.aftersales_equipment_count = units.get(order, 0)
            order.aftersales_ticket_count = tickets.get(order, 0)
            order.aftersales_contract_count = contracts.get(order, 0)

    def _aftersales_count(self, model):
        """Return ``{order: number of its units or tickets}`` the user may see."""
        Model = self.env[model]
        if not Model.has_access("read"):
            return {}
        groups = Model._read_group(
            [("sale_order_id", "in", self.ids)], ["sale_order_id"], ["__count"]
        )
        return dict(groups)

    def _action_confirm(self):
        result = super()._action_confirm()
        self._aftersales_follow_cover()
        self.order_line._aftersales_tell_obstacles()
        return result

    def _action_cancel(self):
        result = super()._action_cancel()
        self._aftersales_follow_cover()
        return result

    def _aftersales_follow_cover(self):
        """Let sold extensions and contracts follow the state of the order."""
        self.order_line._aftersales_follow_cover()

    def action_view_aftersales_contracts(self):
        """Open the service contracts sold with this order."""
        Contract = self.env["aftersales.contract"]
        return Contract.search([("sale_order_id", "in", self.ids)])._get_list_action()

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

    def _get_aftersales_warranties(self, reader, limit=50):
        """Return the units delivered on this order that have a warranty.

        :param reader: the user before the page; its own record is the system's
        :param int limit: of an order of hundreds the first ones are shown
        :return: tuple of a list of dicts (``unit`` under sudo, ``url`` when the reader
            may open it) and of the number left out
        """
        self.ensure_one()
        # Orders without units are asked nothing.
        if not any(self.sudo().order_line.mapped("aftersales_has_units")):
            return [], 0
        # Whoever sees the order sees what was promised with it; the holder may have
        # changed since and is not named.
        units_sudo = self.env["aftersales.equipment"].sudo()
        units_sudo = units_sudo.search(
            [("sale_order_id", "=", self.id), ("state", "=", "active")], order="id"
        ).filtered(lambda unit: unit._is_certified())
        shown = units_sudo[:limit]
        # The page of a unit opens for those who may read it.
        own = shown.with_user(reader)
        own = own._filtered_access("read") if own.has_access("read") else own.browse()
        return [
            {
                "unit": unit,
                "url": unit.access_url if unit.id in own.ids else "",
            }
            for unit in shown
        ], len(units_sudo) - len(shown)

    def action_aftersales_request_service(self):
        """Open the form that registers a ticket for a unit of this order."""
        self.ensure_one()
        return self.env["aftersales.ticket.request"]._get_action(order=self)
