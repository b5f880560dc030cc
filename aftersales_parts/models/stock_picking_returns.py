from odoo import api, models


class StockPicking(models.Model):
    _name = "stock.picking"
    _inherit = ["stock.picking", "aftersales.returned.mixin"]

    @api.depends("state", "location_id.usage", "location_dest_id.usage")
    def _compute_aftersales_can_return(self):
        for picking in self:
            picking.aftersales_can_return = (
                picking.state == "done"
                and picking.location_dest_id.usage == "customer"
                and picking.location_id.usage != "customer"
            )

    def _aftersales_find_returns(self):
        found = super()._aftersales_find_returns()
        for picking in self:
            # The return it was made for.
            if own := picking.aftersales_return_id._filtered_access("read"):
                found.setdefault(picking.id, set()).add(own.id)
        return found

    def _aftersales_return_path(self):
        return "move_id", [("move_id.picking_id", "in", self.ids)]

    def _aftersales_of_return_source(self, source):
        # The move of a transfer the user has before him.
        return source.sudo().picking_id.ids

    def _aftersales_return_documents(self):
        return {"pickings": self}
