from odoo import models


class StockMove(models.Model):
    """Replacements travel on transfers of their own, through all their steps."""

    _inherit = "stock.move"

    def _aftersales_goes_to_customer(self):
        """Tell whether the move, or the steps after it, bring goods to a customer."""
        self.ensure_one()
        last = self.location_final_id or self.location_dest_id
        return last.usage == "customer" and self.location_id.usage != "customer"

    def _aftersales_get_transfer(self):
        """Return the return (RMA) whose transfer a replacement belongs on.

        What a customer bought on a new order is delivered with that order.
        """
        self.ensure_one()
        # The warehouse, or who confirms an order, has no right on returns.
        move_sudo = self.sudo()
        line_sudo = move_sudo.aftersales_return_line_id
        if not line_sudo or (
            move_sudo.sale_line_id.aftersales_return_line_id == line_sudo
        ):
            return self.env["aftersales.return"]
        # Only its name is asked of it.
        return line_sudo.return_id.sudo(False)

    def _key_assign_picking(self):
        key = super()._key_assign_picking()
        if rma := self._aftersales_get_transfer():
            key += (rma, self.sale_line_id.order_id)
        return key

    def _search_picking_for_assignation_domain(self):
        domain = super()._search_picking_for_assignation_domain()
        rma = self._aftersales_get_transfer()
        domain += [("aftersales_return_id", "=", rma.id)]
        if rma:
            domain += [("sale_id", "=", self.sale_line_id.order_id.id)]
        return domain

    def _get_new_picking_values(self):
        vals = super()._get_new_picking_values()
        if self.aftersales_return_line_id:
            # All moves of a transfer have the same key.
            vals["aftersales_return_id"] = self[:1]._aftersales_get_transfer().id
        return vals

    def _prepare_procurement_values(self):
        values = super()._prepare_procurement_values()
        if self.aftersales_return_line_id and self._aftersales_goes_to_customer():
            values["aftersales_return_line_id"] = self.aftersales_return_line_id.id
        return values
