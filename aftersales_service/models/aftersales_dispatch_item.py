from odoo import api, fields, models
from odoo.exceptions import UserError

from .aftersales_dispatch import OPEN_STATES
from .aftersales_kit_item import KINDS


class AftersalesDispatchItem(models.Model):
    """Tool, part or material that goes along on a visit (R23)."""

    _name = "aftersales.dispatch.item"
    _inherit = ["aftersales.fact.mixin"]
    _description = "Preparation of a Visit"
    _order = "kind desc, sequence, id"
    _facts = frozenset({"ready_by_id", "ready_date", "kit_item_id", "line_id"})

    dispatch_id = fields.Many2one(
        comodel_name="aftersales.dispatch",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="dispatch_id.company_id", store=True, precompute=True
    )
    sequence = fields.Integer(default=10)
    kind = fields.Selection(selection=KINDS, required=True, default="part")
    product_id = fields.Many2one(
        comodel_name="product.product",
        domain="[('company_id', 'in', (False, company_id))]",
        index="btree_not_null",
    )
    name = fields.Char(
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
        help="What it is, when it is no product of ours.",
    )
    quantity = fields.Float(default=1.0, digits="Product Unit", required=True)
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit of Measure")
    kit_item_id = fields.Many2one(
        comodel_name="aftersales.kit.item", readonly=True, ondelete="set null"
    )
    line_id = fields.Many2one(
        comodel_name="aftersales.ticket.line",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    ready = fields.Boolean(help="Packed, and checked that it works.")
    ready_by_id = fields.Many2one(
        comodel_name="res.users", string="Packed by", readonly=True
    )
    ready_date = fields.Datetime(string="Packed on", readonly=True)
    available_quantity = fields.Float(
        string="In Stock",
        compute="_compute_available",
        digits="Product Unit",
        help="Free in the warehouses of the company.",
    )
    is_stocked = fields.Boolean(compute="_compute_available")
    is_missing = fields.Boolean(
        compute="_compute_available",
        help="Not packed yet, and not enough in stock.",
    )

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "Of what is taken along, there is more than nothing."
    )
    _named = models.Constraint(
        "CHECK (product_id IS NOT NULL OR TRIM(COALESCE(name, '')) <> '')",
        "Say what is to be taken along: a product, or its name.",
    )

    @api.depends("product_id")
    def _compute_name(self):
        for item in self:
            item.name = item.product_id.display_name or item.name

    @api.depends("product_id", "quantity", "ready", "dispatch_id.state")
    def _compute_available(self):
        free = self._get_free_quantities()
        for item in self:
            product = item.product_id
            # Whether it is kept in stock is no secret of the product.
            item.is_stocked = product.sudo().is_storable
            quantity = free.get(item.id, 0.0)
            item.available_quantity = quantity
            item.is_missing = (
                item.is_stocked
                and not item.ready
                and item.dispatch_id.state in OPEN_STATES
                # The unit of measure of a product is no secret.
                and product.sudo().uom_id.compare(quantity, item.quantity) < 0
            )

    def _get_free_quantities(self):
        """Return ``{item id: free quantity}`` (hook)."""
        result = {}
        for company, items in self.grouped("company_id").items():
            # How many there are, nothing else of the stock.
            products_sudo = items.product_id.sudo().with_company(company)
            products_sudo = products_sudo.with_context(
                allowed_company_ids=company.ids
            ).filtered("is_storable")
            free = {product.id: product.free_qty for product in products_sudo}
            for item in items:
                result[item.id] = free.get(item.product_id.id, 0.0)
        return result

    # ------------------------------------------------------------
    # CREATE, WRITE
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        items = super().create(vals_list)
        items._ensure_open()
        items.filtered("ready")._stamp()
        return items

    def write(self, vals):
        self._ensure_no_facts(vals)
        if self._is_by_method():
            return super().write(vals)
        self._ensure_open()
        changed = self.filtered(lambda item: item.ready != vals.get("ready"))
        result = super().write(vals)
        if "ready" in vals:
            changed._stamp()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_finished(self):
        self._ensure_open()

    def action_toggle_ready(self):
        """Note that it is packed, or not yet.

        :raise UserError: when the visit is over
        """
        for item in self:
            item.ready = not item.ready
        return True

    def _stamp(self):
        """Note who packed, and when."""
        packed = self.filtered("ready")
        packed._by_method().write(
            {"ready_by_id": self.env.uid, "ready_date": fields.Datetime.now()}
        )
        (self - packed)._by_method().write({"ready_by_id": False, "ready_date": False})

    def _ensure_open(self):
        """Refuse changes to what was taken along on a visit that is over.

        :raise UserError: naming the visits
        """
        # Whoever may write the list may know the state of its visit.
        visits_sudo = self.sudo().dispatch_id
        closed = visits_sudo.filtered(lambda visit: visit.state not in OPEN_STATES)
        if closed:
            raise UserError(
                self.env._(
                    "The visit is over, what was taken along stays as it is: %s",
                    ", ".join(closed.mapped("name")),
                )
            )
