from odoo import api, fields, models
from odoo.fields import Command

STATES = [
    ("draft", "Arrived"),
    ("held", "On Hold"),
    ("matched", "Matched"),
    ("booked", "Booked into its Return"),
    ("refused", "Goes Back"),
    ("sent_back", "Sent Back"),
]


class AftersalesParcel(models.Model):
    """A parcel that nobody announced, held until the desk knows what it is (R49)."""

    _name = "aftersales.parcel"
    _description = "Parcel on Hold"
    _inherit = ["aftersales.document.mixin", "mail.thread", "mail.activity.mixin"]
    _facts = frozenset({"state", "return_line_id", "hold_move_id"})
    _step_access = "read"
    _order = "id desc"
    _check_company_auto = True

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        index="btree_not_null",
        tracking=True,
        check_company=True,
        help="Who sent it, when it is known.",
    )
    sender = fields.Text(
        string="Sender as Written",
        help="What stands on the parcel: name, address, phone, a number.",
    )
    date = fields.Datetime(
        string="Arrived on", default=fields.Datetime.now, required=True
    )
    warehouse_id = fields.Many2one(
        comodel_name="stock.warehouse",
        compute="_compute_warehouse_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        check_company=True,
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        required=True,
        index=True,
        check_company=True,
        domain="[('type', '=', 'consu')]",
    )
    tracking = fields.Selection(related="product_id.tracking")
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit of Measure")
    quantity = fields.Float(digits="Product Unit", default=1.0, required=True)
    serial = fields.Char(
        string="Serial or Lot",
        help="As it stands on the goods.",
        index="btree_not_null",
    )
    note = fields.Text(string="Condition")
    attachment_ids = fields.Many2many(
        comodel_name="ir.attachment",
        relation="aftersales_parcel_attachment_rel",
        string="Photos",
        bypass_search_access=True,
        copy=False,
    )
    return_line_id = fields.Many2one(
        comodel_name="aftersales.return.line",
        string="Line of the Return",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
    )
    return_id = fields.Many2one(
        related="return_line_id.return_id", string="Return (RMA)"
    )
    hold_move_id = fields.Many2one(
        comodel_name="stock.move", readonly=True, copy=False, index="btree_not_null"
    )
    picking_ids = fields.One2many(
        comodel_name="stock.picking",
        inverse_name="aftersales_parcel_id",
        string="Transfers",
        copy=False,
    )
    state = fields.Selection(
        selection=STATES,
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "A parcel holds more than nothing."
    )
    _name_uniq = models.UniqueIndex(
        "(name, company_id)", "The number of a parcel is given once in a company."
    )

    @api.depends("company_id")
    def _compute_warehouse_id(self):
        Warehouse = self.env["stock.warehouse"].sudo()  # its name, for everybody
        first = {}
        for parcel in self:
            company = parcel.company_id
            if parcel.warehouse_id.company_id == company:
                continue
            if company not in first:
                first[company] = Warehouse.search(
                    [("company_id", "=", company.id)], limit=1
                )
            parcel.warehouse_id = first[company]

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            self._ensure_no_facts(vals)
        self._number(vals_list)
        parcels = super().create(vals_list)
        parcels._keep_photos()
        return parcels

    def write(self, vals):
        self._ensure_no_facts(vals)
        if {"product_id", "quantity", "warehouse_id", "company_id"} & vals.keys():
            self._ensure_not_received()
        result = super().write(vals)
        if "attachment_ids" in vals:
            self._keep_photos()
        return result

    def _keep_photos(self):
        """Let photos belong to their parcel, so that whoever reads it sees them."""
        for parcel in self.filtered("attachment_ids"):
            # Uploaded by the user, who sees no files of nobody's but his own.
            files_sudo = parcel.attachment_ids.sudo()
            files_sudo.filtered(
                lambda file, parcel=parcel: not file.res_id
                and file.create_uid == parcel.env.user
            ).write({"res_model": self._name, "res_id": parcel.id})

    # ------------------------------------------------------------
    # TRANSFERS
    # ------------------------------------------------------------

    def _get_owner(self):
        """Return who owns the goods; nobody of ours does."""
        self.ensure_one()
        return self.partner_id or self.env.ref("aftersales_parts.res_partner_sender")

    def _find_lot(self):
        """Return the serial or lot of the goods, a new one when it is unknown."""
        self.ensure_one()
        Lots = self.env["stock.lot"]
        if self.tracking == "none" or not self.serial:
            return Lots
        name = self.serial.strip()
        lot = Lots.search(
            [
                ("product_id", "=", self.product_id.id),
                ("name", "=", name),
                ("company_id", "in", (self.company_id.id, False)),
            ],
            limit=1,
        )
        return lot or Lots.create(
            {
                "name": name,
                "product_id": self.product_id.id,
                "company_id": self.company_id.id,
            }
        )

    def _prepare_transfer(self, picking_type, source, target, lot, origin_move=None):
        """Return a transfer of the goods of this parcel."""
        self.ensure_one()
        common = {
            "location_id": source.id,
            "location_dest_id": target.id,
            "company_id": self.company_id.id,
        }
        goods = {**common, "product_id": self.product_id.id}
        owner = self._get_owner()
        item = {
            **goods,
            "product_uom_id": self.uom_id.id,
            "quantity": self.quantity,
            "lot_id": lot.id,
            "owner_id": owner.id,
        }
        move = {
            **goods,
            "product_uom": self.uom_id.id,
            "product_uom_qty": self.quantity,
            "restrict_partner_id": owner.id,
            "origin_returned_move_id": origin_move and origin_move.id,
            "move_line_ids": [Command.create(item)],
        }
        return {
            **common,
            "picking_type_id": picking_type.id,
            "partner_id": self.partner_id.id,
            "owner_id": owner.id,
            "origin": self.name,
            "aftersales_parcel_id": self.id,
            "move_ids": [Command.create(move)],
        }
