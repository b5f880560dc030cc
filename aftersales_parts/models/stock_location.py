from odoo import api, fields, models
from odoo.fields import Domain


class StockLocation(models.Model):
    """A technician's van, and where old parts lie."""

    _inherit = "stock.location"

    aftersales_technician_id = fields.Many2one(
        comodel_name="hr.employee",
        string="Van of",
        index="btree_not_null",
        check_company=True,
        groups="stock.group_stock_user,"
        "aftersales_service.aftersales_service_group_technician",
        help="Technician whose parts lie here: his car.",
    )
    aftersales_depot_id = fields.Many2one(
        comodel_name="stock.warehouse",
        string="Refilled from",
        index="btree_not_null",
        check_company=True,
        groups="stock.group_stock_user,"
        "aftersales_service.aftersales_service_group_technician",
        help="Depot of the van: where it is refilled, and where a part comes from that "
        "is not in it.",
    )
    aftersales_old_parts = fields.Boolean(
        string="Old Parts",
        groups="stock.group_stock_user",
        help="Parts that were replaced lie here, at no value and promised to nobody.",
    )

    _aftersales_van_uniq = models.UniqueIndex(
        "(aftersales_technician_id, company_id) "
        "WHERE aftersales_technician_id IS NOT NULL AND active",
        "A technician has one van in each company.",
    )
    _aftersales_van_has_depot = models.Constraint(
        "CHECK (aftersales_technician_id IS NULL OR aftersales_depot_id IS NOT NULL)",
        "Say from which depot the van is refilled.",
    )

    # ------------------------------------------------------------
    # OLD PARTS
    # ------------------------------------------------------------

    def _should_be_valued(self):
        """What was replaced is worth nothing in the books."""
        # A tick of the location, for whoever moves goods.
        return super()._should_be_valued() and not self.sudo().aftersales_old_parts

    def _search_is_valued(self, operator, value):
        domain = Domain(super()._search_is_valued(operator, value))
        valued = bool(value) == (operator in ("=", "in"))
        # See _should_be_valued.
        places_sudo = self.sudo().with_context(active_test=False)
        old_ids = places_sudo._search([("aftersales_old_parts", "=", True)])
        old = Domain("id", "in", old_ids)
        return domain & ~old if valued else domain | old

    # ------------------------------------------------------------
    # VANS
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        locations = super().create(vals_list)
        locations._aftersales_follow_van()
        return locations

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"aftersales_technician_id", "aftersales_depot_id"}:
            self._aftersales_follow_van()
        return result

    def _aftersales_follow_van(self):
        """Let Odoo's replenishment refill these vans from their depots."""
        # Only who may manage locations names a van; routes come with it.
        vans_sudo = self.sudo().filtered("aftersales_technician_id")
        for depot_sudo, vans in vans_sudo.grouped("aftersales_depot_id").items():
            depot_sudo._aftersales_supply_vans(vans)

    def _aftersales_get_vans(self, employees, companies):
        """Return ``{(employee id, company id): van}``.

        :param employees: technicians, others have none
        """
        vans_sudo = self.sudo().search_fetch(  # which place is whose is no secret here
            [
                ("aftersales_technician_id", "in", employees.ids),
                ("company_id", "in", companies.ids),
            ],
            ["aftersales_technician_id", "company_id", "aftersales_depot_id"],
        )
        return {
            (van.aftersales_technician_id.id, van.company_id.id): van
            for van in vans_sudo
        }

    def action_aftersales_view_stock(self):
        """Open what is in the van."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_parts.aftersales_van_stock_action"
        )
        return {
            **action,
            "domain": [("location_id", "in", self.ids)],
            "context": {},
        }

    def action_aftersales_refill(self):
        """Open the minimum and maximum of the van, to be changed and ordered."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "stock.action_orderpoint"
        )
        return {
            **action,
            "domain": [("location_id", "=", self.id)],
            "context": {
                "default_location_id": self.id,
                # The depot of the place that is open.
                "default_warehouse_id": self.sudo().aftersales_depot_id.id,
                "default_trigger": "auto",
            },
        }
