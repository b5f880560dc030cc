from odoo import api, fields, models
from odoo.exceptions import UserError

FIGURES = (
    "needed",
    "used",
    "used_season",
    "installed",
    "sold",
    "ordered",
    "supplied",
    "promised",
    "on_hand",
    "on_order",
    "minimum",
    "forecast",
    "proposal",
)


class AftersalesPartsPlanLine(models.Model):
    """One part in one depot: what is known, what follows, what is ordered (R43)."""

    _name = "aftersales.parts.plan.line"
    _description = "Line of a Parts Plan"
    _inherit = ["aftersales.fact.mixin"]
    _facts = frozenset({*FIGURES, "low_stock", "cost", "seller_id"})
    _order = "plan_id desc, warehouse_id, product_id, id"
    _rec_name = "product_id"
    _check_company_auto = True

    plan_id = fields.Many2one(
        comodel_name="aftersales.parts.plan",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="plan_id.company_id", store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    plan_state = fields.Selection(related="plan_id.state", string="State of the Plan")
    month = fields.Date(related="plan_id.month", store=True, precompute=True)
    warehouse_id = fields.Many2one(
        comodel_name="stock.warehouse",
        string="Depot",
        required=True,
        check_company=True,
        index=True,
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        string="Part",
        required=True,
        check_company=True,
        index=True,
        domain="[('is_storable', '=', True)]",
    )
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit of Measure")
    parent_depot_id = fields.Many2one(
        comodel_name="stock.warehouse",
        string="Supplied by",
        readonly=True,
        help="Depot that sends the parts; empty: they are bought.",
    )

    # ------------------------------------------------------------
    # What is known
    # ------------------------------------------------------------
    needed = fields.Float(
        string="Reported Need",
        digits="Product Unit",
        readonly=True,
        help="Open part requests and planned parts of open tickets.",
    )
    used = fields.Float(
        string="Used per Month",
        digits="Product Unit",
        readonly=True,
        help="On tickets, requests and repairs, on average of the last months.",
    )
    used_season = fields.Float(
        string="Used a Year Ago",
        digits="Product Unit",
        readonly=True,
        help="In the same month of last year.",
    )
    installed = fields.Float(
        string="Expected from Units",
        digits="Product Unit",
        readonly=True,
        help="Rate at which the part fails, times the units in the field.",
    )
    sold = fields.Float(string="Sold per Month", digits="Product Unit", readonly=True)
    ordered = fields.Float(
        string="Ordered by Customers", digits="Product Unit", readonly=True
    )
    supplied = fields.Float(
        string="Asked by Depots",
        digits="Product Unit",
        readonly=True,
        help="What depots that it supplies lack.",
    )
    promised = fields.Float(
        string="Going to Depots", digits="Product Unit", readonly=True
    )
    on_hand = fields.Float(
        digits="Product Unit",
        readonly=True,
        help="In the depot and its vans, without quarantine and lent goods.",
    )
    on_order = fields.Float(
        digits="Product Unit",
        readonly=True,
        help="On its way to the depot, requests for quotation included.",
    )
    minimum = fields.Float(
        string="Low-stock Limit",
        digits="Product Unit",
        readonly=True,
        help="Of the replenishment rules of the depot and its vans.",
    )
    low_stock = fields.Boolean(readonly=True, help="Less on hand than the limit.")

    # ------------------------------------------------------------
    # What follows
    # ------------------------------------------------------------
    forecast = fields.Float(
        digits="Product Unit", readonly=True, help="What will go out in the month."
    )
    proposal = fields.Float(digits="Product Unit", readonly=True)
    quantity = fields.Float(
        string="To Order",
        digits="Product Unit",
        help="Proposed; change it as you know better.",
    )
    seller_id = fields.Many2one(
        comodel_name="res.partner", string="Proposed Vendor", readonly=True
    )
    vendor_id = fields.Many2one(comodel_name="res.partner", check_company=True)
    cost = fields.Float(
        string="Unit Cost", digits="Product Price", readonly=True, aggregator=None
    )
    amount = fields.Monetary(compute="_compute_amount", store=True)
    budget = fields.Monetary(
        compute="_compute_amount",
        store=True,
        help="Cost of what is bought; what another depot sends is bought there.",
    )
    note = fields.Char()
    purchase_line_ids = fields.One2many(
        comodel_name="purchase.order.line",
        inverse_name="aftersales_plan_line_id",
        string="Purchase Order Lines",
        readonly=True,
        copy=False,
        groups="purchase.group_purchase_user",
    )

    _quantity_positive = models.Constraint(
        "CHECK (COALESCE(quantity, 0) >= 0)", "Nothing less than nothing is ordered."
    )
    _product_uniq = models.UniqueIndex(
        "(plan_id, warehouse_id, product_id)",
        "This part is in the plan of this depot already.",
    )

    @api.depends("quantity", "cost", "parent_depot_id")
    def _compute_amount(self):
        for line in self:
            line.amount = line.quantity * line.cost
            line.budget = 0.0 if line.parent_depot_id else line.amount

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        lines = super().create(vals_list)
        lines.plan_id._ensure_draft()
        if not self._is_by_method():
            lines._complete()
        return lines

    def write(self, vals):
        self._ensure_no_facts(vals)
        if not self._is_by_method():
            self.plan_id._ensure_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        self.plan_id._ensure_draft()

    def _complete(self):
        """Give lines that somebody added by hand their depot, vendor and cost."""
        for plan, lines in self.grouped("plan_id").items():
            # Costs and vendors as the plan itself reads them.
            plan_sudo = plan.sudo()
            vendors = plan_sudo._read_vendors(lines.product_id.ids)
            for line in lines.sudo():  # as above
                product = line.product_id.with_company(plan_sudo.company_id)
                seller = vendors.get(product.id)
                line._by_method().write(
                    {
                        "parent_depot_id": (
                            line.warehouse_id.aftersales_parent_depot_id.id
                        ),
                        "seller_id": seller,
                        "vendor_id": line.vendor_id.id or seller,
                        "cost": product.standard_price,
                    }
                )

    def _ensure_orderable(self):
        """Refuse to order what cannot be bought or sent.

        :raise UserError: naming the parts and the way out
        """
        if gone := self.filtered(lambda line: not line.product_id.active):
            raise UserError(
                self.env._(
                    "These parts are archived; order their successors instead: %s",
                    ", ".join(gone.mapped("product_id.display_name")),
                )
            )
        bought = self.filtered(lambda line: not line.parent_depot_id)
        if nameless := bought.filtered(lambda line: not line.vendor_id):
            raise UserError(
                self.env._(
                    "Choose a vendor, or order nothing of: %s",
                    ", ".join(nameless.mapped("product_id.display_name")),
                )
            )
