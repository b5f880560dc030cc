from odoo import models


class AftersalesDispatchItem(models.Model):
    """What goes along may be in the van already, or reserved for this very visit."""

    _inherit = "aftersales.dispatch.item"

    def _get_free_quantities(self):
        free = super()._get_free_quantities()
        # How many there are in the van, nothing else of the stock.
        items_sudo = self.sudo().filtered("product_id.is_storable")
        if not items_sudo:
            return free
        people = items_sudo.dispatch_id.technician_id
        vans = self.env["stock.location"]._aftersales_get_vans(
            people, items_sudo.company_id
        )
        amounts = {}
        if vans:
            groups = items_sudo.env["stock.quant"]._read_group(
                [
                    ("product_id", "in", items_sudo.product_id.ids),
                    ("location_id", "child_of", [van.id for van in vans.values()]),
                    ("owner_id", "=", False),
                ],
                ["location_id", "product_id"],
                ["quantity:sum", "reserved_quantity:sum"],
            )
            for location, product, quantity, reserved in groups:
                for van in vans.values():
                    if location._child_of(van):
                        key = (van.id, product.id)
                        amounts[key] = amounts.get(key, 0.0) + quantity - reserved
        for item in items_sudo:
            van = vans.get((item.dispatch_id.technician_id.id, item.company_id.id))
            own = item.line_id.stock_move_ids.filtered(
                lambda move: move.state in ("assigned", "partially_available")
            )
            extra = sum(own.mapped("quantity"))
            if van:
                extra += amounts.get((van.id, item.product_id.id), 0.0)
            free[item.id] = free.get(item.id, 0.0) + extra
        return free
