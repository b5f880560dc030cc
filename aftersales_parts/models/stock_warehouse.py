from odoo import api, fields, models, tools

RETURN_TYPES = (
    "aftersales_return_type_id",
    "aftersales_inspection_type_id",
    "aftersales_custody_type_id",
)
# Operations that an earlier installation may have left: field, code, field of the place
# that they bring goods to.
LEFT_TYPES = (
    ("aftersales_return_type_id", "RET", "aftersales_quarantine_id"),
    ("aftersales_inspection_type_id", "INSP", None),
    ("aftersales_custody_type_id", "CG", "aftersales_customer_goods_id"),
)


class StockWarehouse(models.Model):
    """A warehouse that takes goods back, and may be supplied by a parent depot."""

    _inherit = "stock.warehouse"

    aftersales_parent_depot_id = fields.Many2one(
        comodel_name="stock.warehouse",
        string="Parent Depot",
        check_company=True,
        index="btree_not_null",
        help="Where this depot asks for parts first: the station asks the regional "
        "depot, that one the head office.",
    )
    aftersales_return_type_id = fields.Many2one(
        comodel_name="stock.picking.type",
        string="Customer Returns Type",
        check_company=True,
        copy=False,
    )
    aftersales_quarantine_id = fields.Many2one(
        comodel_name="stock.location",
        string="Quarantine",
        check_company=True,
        copy=False,
        help="Where returned goods lie until they are inspected.",
    )
    aftersales_inspection_type_id = fields.Many2one(
        comodel_name="stock.picking.type",
        string="Returns Inspection Type",
        check_company=True,
        copy=False,
    )
    aftersales_custody_type_id = fields.Many2one(
        comodel_name="stock.picking.type",
        string="Customer Goods Type",
        check_company=True,
        copy=False,
    )
    aftersales_customer_goods_id = fields.Many2one(
        comodel_name="stock.location",
        string="Customer Goods Location",
        check_company=True,
        copy=False,
        help="Where goods lie that stay the customer's: outside the stock of the "
        "warehouse, so that nobody is promised them.",
    )
    aftersales_hold_id = fields.Many2one(
        comodel_name="stock.location",
        string="Parcels on Hold Location",
        check_company=True,
        copy=False,
        help="Where parcels lie that nobody announced: not ours, and promised to "
        "nobody.",
    )

    # ------------------------------------------------------------
    # Made with the warehouse
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        warehouses = super().create(vals_list)
        warehouses._aftersales_complete()
        # Their quarantine was made before them, so no write told of it.
        self.env.registry.clear_cache()
        return warehouses

    def _aftersales_complete(self):
        """Give warehouses what they take goods back with, as far as it is missing."""
        for warehouse in self:
            warehouse._aftersales_take_back(LEFT_TYPES)
            if not warehouse.aftersales_quarantine_id:
                warehouse._create_missing_locations({})
            if not warehouse.aftersales_customer_goods_id:
                warehouse.aftersales_customer_goods_id = self.env[
                    "stock.location"
                ].create(warehouse._aftersales_prepare_customer_goods())
            if not warehouse.aftersales_hold_id:
                warehouse.aftersales_hold_id = self.env["stock.location"].create(
                    warehouse._aftersales_prepare_hold()
                )
            if not all(warehouse[name] for name in RETURN_TYPES):
                made = warehouse._create_or_update_sequences_and_picking_types()
                warehouse.write(made)
            quarantine = warehouse.aftersales_quarantine_id
            warehouse.aftersales_return_type_id.default_location_dest_id = quarantine
            warehouse.aftersales_inspection_type_id.write(
                {
                    "default_location_src_id": quarantine.id,
                    "default_location_dest_id": warehouse.lot_stock_id.id,
                }
            )
            warehouse.aftersales_custody_type_id.default_location_dest_id = (
                warehouse.aftersales_customer_goods_id
            )

    def _aftersales_take_back(self, left):
        """Use operations and places again that were archived when we were uninstalled.

        Operations of the same name would number their transfers from 1 again.

        :param left: tuples of the field, its code and the field of its place
        """
        self.ensure_one()
        Type = self.env["stock.picking.type"].with_context(active_test=False)
        found = {}
        for field, code, place in left:
            if self[field]:
                continue
            operation = Type.search(
                [
                    ("warehouse_id", "=", self.id),
                    ("sequence_code", "=", code),
                    # One in use is somebody else's, whatever its code.
                    ("active", "=", False),
                ],
                limit=1,
            )
            if operation:
                operation.active = self.active
                found[field] = operation.id
            if operation and place and not self[place]:
                operation.default_location_dest_id.active = True
                found[place] = operation.default_location_dest_id.id
        if found:
            # Together: places that are missing would be made by the first write.
            self.write(found)
        if not self.aftersales_hold_id and "aftersales_customer_goods_id" in found:
            # Nothing else was made within the customers' goods.
            self.aftersales_hold_id = self.aftersales_customer_goods_id.child_ids[:1]

    def _aftersales_ensure_complete(self):
        """Complete warehouses made while this floor was not there yet."""
        places = (*RETURN_TYPES, "aftersales_quarantine_id", "aftersales_hold_id")
        for warehouse in self:
            if not all(warehouse[name] for name in places):
                warehouse._aftersales_complete()

    @api.model
    @tools.ormcache()
    def _aftersales_get_quarantine_ids(self):
        """Return the ids of all quarantine locations, of every company."""
        # Asked for each transfer by whoever validates it, so without his rights.
        warehouses_sudo = self.sudo().with_context(active_test=False)
        found = warehouses_sudo.search([("aftersales_quarantine_id", "!=", False)])
        return frozenset(found.aftersales_quarantine_id.ids)

    def write(self, vals):
        result = super().write(vals)
        if "aftersales_quarantine_id" in vals:
            self.env.registry.clear_cache()
        return result

    def _aftersales_prepare_hold(self):
        self.ensure_one()
        return {
            "name": self.env._("On Hold"),
            "usage": "internal",
            "location_id": self.aftersales_customer_goods_id.id,
            "company_id": self.company_id.id,
        }

    def _aftersales_prepare_customer_goods(self):
        self.ensure_one()
        return {
            "name": self.env._("Customer Goods %s", self.code),
            "usage": "internal",
            "location_id": self.view_location_id.location_id.id,
            "company_id": self.company_id.id,
        }

    def _get_locations_values(self, vals, code=False):
        values = super()._get_locations_values(vals, code=code)
        code = (vals.get("code") or code or "").replace(" ", "").upper()
        company_id = vals.get("company_id") or self.env.company.id
        values["aftersales_quarantine_id"] = {
            "name": self.env._("Quarantine"),
            "active": True,
            "usage": "internal",
            "barcode": self._valid_barcode(f"{code}QUARANTINE", company_id),
        }
        return values

    def _get_picking_type_create_values(self, max_sequence):
        values, next_sequence = super()._get_picking_type_create_values(max_sequence)
        common = {
            "code": "incoming",
            "use_create_lots": False,
            "use_existing_lots": True,
            "company_id": self.company_id.id,
        }
        values["aftersales_return_type_id"] = {
            **common,
            "name": self.env._("Customer Returns"),
            "default_location_dest_id": self.aftersales_quarantine_id.id
            or self.lot_stock_id.id,
            "sequence": next_sequence + 1,
            "sequence_code": "RET",
        }
        values["aftersales_inspection_type_id"] = {
            **common,
            "code": "internal",
            "name": self.env._("Returns Inspection"),
            "default_location_src_id": self.aftersales_quarantine_id.id
            or self.lot_stock_id.id,
            "default_location_dest_id": self.lot_stock_id.id,
            "sequence": next_sequence + 2,
            "sequence_code": "INSP",
        }
        values["aftersales_custody_type_id"] = {
            **common,
            "name": self.env._("Customer Goods"),
            "default_location_dest_id": self.aftersales_customer_goods_id.id
            or self.lot_stock_id.id,
            "sequence": next_sequence + 3,
            "sequence_code": "CG",
        }
        return values, next_sequence + 4

    def _get_picking_type_update_values(self):
        values = super()._get_picking_type_update_values()
        code = self.code.replace(" ", "").upper()
        values["aftersales_return_type_id"] = {
            "active": self.active,
            "barcode": f"{code}RET",
        }
        values["aftersales_inspection_type_id"] = {
            "active": self.active,
            "barcode": f"{code}INSP",
        }
        values["aftersales_custody_type_id"] = {
            "active": self.active,
            "barcode": f"{code}CG",
        }
        return values

    def _get_sequence_values(self, name=False, code=False):
        values = super()._get_sequence_values(name=name, code=code)
        name, code = name or self.name, code or self.code
        for field, label, prefix in (
            (
                "aftersales_return_type_id",
                self.env._("%s customer returns", name),
                "RET",
            ),
            (
                "aftersales_inspection_type_id",
                self.env._("%s returns inspection", name),
                "INSP",
            ),
            ("aftersales_custody_type_id", self.env._("%s customer goods", name), "CG"),
        ):
            values[field] = {
                "name": label,
                "prefix": f"{code}/{self[field].sequence_code or prefix}/",
                "padding": 5,
                "company_id": self.company_id.id,
            }
        return values
