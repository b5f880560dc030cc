from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Command


class StockWarehouse(models.Model):
    """The chain of depots: station, regional depot, head office (R43).

    The parent depot drives Odoo's own resupply routes, so that every procurement of
    the depot can follow them.
    """

    _inherit = "stock.warehouse"

    @api.constrains("aftersales_parent_depot_id")
    def _check_parent_depot(self):
        if self._has_cycle("aftersales_parent_depot_id"):
            raise ValidationError(
                self.env._(
                    "%s: a depot cannot be supplied by itself, not over others either.",
                    ", ".join(self.mapped("name")),
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            if parent_id := vals.get("aftersales_parent_depot_id"):
                vals["resupply_wh_ids"] = [
                    *(vals.get("resupply_wh_ids") or []),
                    Command.link(parent_id),
                ]
        return super().create(vals_list)

    def write(self, vals):
        if "aftersales_parent_depot_id" not in vals:
            return super().write(vals)
        before = {warehouse: warehouse.aftersales_parent_depot_id for warehouse in self}
        result = super().write(vals)
        for warehouse, old in before.items():
            warehouse._follow_parent_depot(old)
        return result

    def _follow_parent_depot(self, old):
        """Make the routes from a new parent depot, archive those from the old one."""
        self.ensure_one()
        new = self.aftersales_parent_depot_id
        commands = []
        if old and old != new and old in self.resupply_wh_ids:
            commands.append(Command.unlink(old.id))
        if new and new not in self.resupply_wh_ids:
            commands.append(Command.link(new.id))
        if commands:
            self.write({"resupply_wh_ids": commands})

    def _get_depot_chain(self):
        """Return the depots that a part is asked for from, nearest first.

        :return: the depot itself, its parent depot, and so on; archived ones are left
            out. Whoever calls must be allowed to read warehouses
        """
        self.ensure_one()
        chain, depot = self.browse(), self
        while depot and depot not in chain:
            chain += depot
            depot = depot.aftersales_parent_depot_id
        return chain.filtered("active")
