from odoo import api, fields, models, tools


class StockWarehouse(models.Model):
    """A place apart for failing goods, of which nobody is promised any (R52)."""

    _inherit = "stock.warehouse"

    aftersales_apart_id = fields.Many2one(
        comodel_name="stock.location",
        string="Nonconforming Goods Location",
        check_company=True,
        copy=False,
        help="Where failing goods lie until it is decided what becomes of them: outside "
        "the stock of the warehouse, so that nobody is promised them.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "aftersales_apart_id" in vals:
            self.env.registry.clear_cache()
        return result

    def _aftersales_get_apart(self):
        """Return the place apart of a warehouse, made when it is first needed."""
        self.ensure_one()
        if not self.aftersales_apart_id:
            self.aftersales_apart_id = self.env["stock.location"].create(
                self._aftersales_prepare_apart()
            )
        return self.aftersales_apart_id

    def _aftersales_prepare_apart(self):
        self.ensure_one()
        return {
            "name": self.env._("Nonconforming %s", self.code),
            "usage": "internal",
            "location_id": self.view_location_id.location_id.id,
            "company_id": self.company_id.id,
        }

    @api.model
    @tools.ormcache()
    def _aftersales_get_apart_ids(self):
        """Return the ids of the places apart of all warehouses."""
        # Asked for each transfer by whoever validates it, so without his rights.
        warehouses_sudo = self.sudo().with_context(active_test=False)
        found = warehouses_sudo.search([("aftersales_apart_id", "!=", False)])
        return frozenset(found.aftersales_apart_id.ids)
