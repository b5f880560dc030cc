from odoo import fields, models
from odoo.fields import Command


class StockWarehouse(models.Model):
    """What a depot needs for parts on jobs: an operation, vans, a place for old parts.

    Vans lie outside the depot's view location: what is in a van is neither free in the
    depot nor reserved for orders, and has its value all the same.
    """

    _inherit = "stock.warehouse"

    aftersales_job_type_id = fields.Many2one(
        comodel_name="stock.picking.type",
        string="Parts on Jobs Type",
        check_company=True,
        copy=False,
    )
    aftersales_old_parts_id = fields.Many2one(
        comodel_name="stock.location",
        string="Old Parts Location",
        check_company=True,
        copy=False,
        help="Where replaced parts lie that came back: at no value, and promised to "
        "nobody.",
    )
    aftersales_van_route_id = fields.Many2one(
        comodel_name="stock.route",
        string="Refill of Vans",
        check_company=True,
        copy=False,
    )

    def _aftersales_complete(self):
        result = super()._aftersales_complete()
        for warehouse in self:
            if not warehouse.aftersales_old_parts_id:
                warehouse.aftersales_old_parts_id = self.env["stock.location"].create(
                    warehouse._aftersales_prepare_old_parts()
                )
            warehouse._aftersales_take_back([("aftersales_job_type_id", "JOB", None)])
        return result

    def _aftersales_ensure_complete(self):
        result = super()._aftersales_ensure_complete()
        for warehouse in self:
            if not warehouse.aftersales_old_parts_id:
                warehouse._aftersales_complete()
            if not warehouse.aftersales_job_type_id:
                warehouse._aftersales_open_jobs()
        return result

    def _aftersales_open_jobs(self):
        """Make the operation for parts on jobs, with the first of them.

        It delivers to customers: a warehouse that knows no jobs keeps a single such
        operation, as it has without this floor.
        """
        self.ensure_one()
        opened = self.with_context(aftersales_jobs=True)
        opened.write(opened._create_or_update_sequences_and_picking_types())

    def _aftersales_prepare_old_parts(self):
        self.ensure_one()
        return {
            "name": self.env._("Old Parts %s", self.code),
            "usage": "internal",
            "location_id": self.view_location_id.location_id.id,
            "company_id": self.company_id.id,
            "aftersales_old_parts": True,
        }

    def _get_picking_type_create_values(self, max_sequence):
        values, next_sequence = super()._get_picking_type_create_values(max_sequence)
        values["aftersales_job_type_id"] = {
            "name": self.env._("Parts on Jobs"),
            "code": "outgoing",
            "use_create_lots": False,
            "use_existing_lots": True,
            "default_location_src_id": self.lot_stock_id.id,
            "company_id": self.company_id.id,
            "sequence": next_sequence + 1,
            "sequence_code": "JOB",
        }
        return values, next_sequence + 2

    def _get_picking_type_update_values(self):
        values = super()._get_picking_type_update_values()
        if self.aftersales_job_type_id or self.env.context.get("aftersales_jobs"):
            code = self.code.replace(" ", "").upper()
            values["aftersales_job_type_id"] = {
                "active": self.active,
                "barcode": f"{code}JOB",
            }
        return values

    def _get_sequence_values(self, name=False, code=False):
        values = super()._get_sequence_values(name=name, code=code)
        name, code = name or self.name, code or self.code
        values["aftersales_job_type_id"] = {
            "name": self.env._("%s parts on jobs", name),
            "prefix": f"{code}/{self.aftersales_job_type_id.sequence_code or 'JOB'}/",
            "padding": 5,
            "company_id": self.company_id.id,
        }
        return values

    # ------------------------------------------------------------
    # VANS
    # ------------------------------------------------------------

    def _aftersales_prepare_van(self, employee):
        """Return the values of the van of a technician of this depot."""
        self.ensure_one()
        return {
            "name": self.env._("Van %s", employee.name),
            "usage": "internal",
            "location_id": self.view_location_id.location_id.id,
            "company_id": self.company_id.id,
            "aftersales_technician_id": employee.id,
            "aftersales_depot_id": self.id,
            "cyclic_inventory_frequency": self.company_id.aftersales_count_days,
        }

    def _aftersales_supply_vans(self, vans):
        """Make the rules by which vans are refilled from this depot.

        :param vans: locations
        """
        self.ensure_one()
        route = self.aftersales_van_route_id
        if not route:
            route = self.env["stock.route"].create(
                {
                    "name": self.env._("%s: Refill Vans", self.name),
                    "company_id": self.company_id.id,
                    "product_selectable": False,
                    "warehouse_selectable": True,
                    "warehouse_ids": [Command.link(self.id)],
                }
            )
            self.aftersales_van_route_id = route
        # A van has one depot: rules from a former one go.
        Rule = self.env["stock.rule"].with_context(active_test=False)
        rules = Rule.search(
            [
                ("location_dest_id", "in", vans.ids),
                ("action", "=", "pull"),
                ("route_id.warehouse_ids", "!=", False),
            ]
        )
        own = rules.filtered(lambda rule: rule.route_id == route)
        (rules - own).filtered("active").active = False
        own.filtered(lambda rule: not rule.active).active = True
        Rule.create(
            [
                {
                    "name": self.env._(
                        "%(depot)s → %(van)s", depot=self.code, van=van.name
                    ),
                    "route_id": route.id,
                    "action": "pull",
                    "picking_type_id": self.int_type_id.id,
                    "location_src_id": self.lot_stock_id.id,
                    "location_dest_id": van.id,
                    "location_dest_from_rule": True,
                    "procure_method": "make_to_stock",
                    "warehouse_id": self.id,
                    "company_id": self.company_id.id,
                }
                for van in vans - own.location_dest_id
            ]
        )
