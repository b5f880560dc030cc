from odoo import api, fields, models
from odoo.exceptions import ValidationError

COVERAGES = [
    ("warranty", "Warranty"),
    ("contract", "Contract"),
    ("goodwill", "Goodwill"),
    ("customer", "Customer Pays"),
    ("third_party", "Third Party Pays"),
]
RULES = [
    ("covered", "Covered"),
    ("no_unit", "No unit"),
    ("returned", "Unit no longer in use"),
    ("mismatch", "Not the unit of the voucher"),
    ("fee", "Fee"),
    ("excluded", "Excluded by a finding"),
    ("third_party", "Warranty of the maker"),
    ("clearance", "Clearance goods"),
    ("no_proof", "No proof of purchase"),
    ("usage", "Usage exceeded"),
    ("visits", "Visits used up"),
    ("hours", "Hours used up"),
    ("kind", "Kind of work not included"),
    ("expired", "Expired"),
    ("not_started", "Not started"),
    ("component", "Component not covered"),
    ("no_terms", "Sold without warranty"),
]
FACTS = frozenset(
    {
        "coverage_id",
        "contract_id",
        "coverage_code",
        "coverage_facts",
        "override_user_id",
        "override_reason",
        "company_id",
        "equipment_id",
        "amount_list",
        "amount_customer",
        "amount_company",
        "amount_third_party",
        "cost_unit",
        "cost_total",
        "price_list",
    }
)


class AftersalesTicketLine(models.Model):
    """Labour, part, travel or fee on a ticket, and who pays for it (R14, R21)."""

    _name = "aftersales.ticket.line"
    _description = "Ticket Line"
    _inherit = ["aftersales.fact.mixin"]
    _facts = FACTS
    _order = "ticket_id, sequence, id"
    _check_company_auto = True

    # ------------------------------------------------------------
    # Work
    # ------------------------------------------------------------
    ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="ticket_id.company_id", store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    equipment_id = fields.Many2one(
        related="ticket_id.equipment_id",
        store=True,
        index="btree_not_null",
        precompute=True,
    )
    partner_id = fields.Many2one(related="ticket_id.partner_id")
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        selection=[
            ("labour", "Labour"),
            ("part", "Part"),
            ("travel", "Travel"),
            ("fee", "Fee"),
        ],
        required=True,
        default="part",
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        compute="_compute_product_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        index="btree_not_null",
        domain="[('sale_ok', '=', True)]",
    )
    name = fields.Char(
        string="Description",
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
    )
    component_id = fields.Many2one(
        comodel_name="aftersales.component",
        string="Component Group",
        compute="_compute_component_id",
        store=True,
        readonly=False,
        precompute=True,
        help="What is worked on; empty: the unit as a whole.",
    )
    quantity = fields.Float(digits="Product Unit", default=1.0, required=True)
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit of Measure")
    state = fields.Selection(
        selection=[("planned", "Planned"), ("used", "Used"), ("unused", "Not Used")],
        required=True,
        default="planned",
        copy=False,
    )
    date_done = fields.Datetime(string="Done on", copy=False)
    employee_id = fields.Many2one(
        comodel_name="hr.employee",
        string="Done by",
        check_company=True,
        help="Whose time it is.",
    )
    dispatch_id = fields.Many2one(
        comodel_name="aftersales.dispatch",
        string="Dispatch Order",
        check_company=True,
        copy=False,
        index="btree_not_null",
        domain="[('ticket_id', '=', ticket_id)]",
        groups="aftersales_service.aftersales_service_group_technician",
        help="Visit on which it is done.",
    )
    old_lot_id = fields.Many2one(
        comodel_name="stock.lot",
        string="Removed Serial",
        check_company=True,
        copy=False,
    )
    new_lot_id = fields.Many2one(
        comodel_name="stock.lot",
        string="Built-in Serial",
        check_company=True,
        copy=False,
    )

    # ------------------------------------------------------------
    # Who pays
    # ------------------------------------------------------------
    coverage = fields.Selection(
        selection=COVERAGES,
        string="Who Pays",
        required=True,
        default="customer",
        copy=False,
    )
    coverage_id = fields.Many2one(
        comodel_name="aftersales.coverage",
        string="Cover",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    contract_id = fields.Many2one(
        comodel_name="aftersales.contract",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    coverage_code = fields.Selection(
        selection=RULES,
        string="Rule",
        readonly=True,
        copy=False,
        help="Rule by which it was decided who pays.",
    )
    coverage_facts = fields.Json(readonly=True, copy=False)
    coverage_reason = fields.Char(
        string="Reason",
        compute="_compute_coverage_reason",
        inverse="_inverse_coverage_reason",
        help="Why somebody pays; after an override, why it was overridden.",
    )
    override_reason = fields.Char(copy=False, readonly=True)
    override_user_id = fields.Many2one(
        comodel_name="res.users", string="Overridden by", copy=False, readonly=True
    )
    share_company = fields.Float(string="Our Share (%)", copy=False, default=0.0)
    share_customer = fields.Float(
        string="Customer's Share (%)", copy=False, default=100
    )
    share_third_party = fields.Float(string="Third Party's Share (%)", copy=False)
    third_party_id = fields.Many2one(
        comodel_name="res.partner",
        check_company=True,
        copy=False,
        help="Who bears the third party's share.",
    )

    # ------------------------------------------------------------
    # Money
    # ------------------------------------------------------------
    price_unit = fields.Float(
        string="Price",
        digits="Product Price",
        compute="_compute_price_unit",
        store=True,
        readonly=False,
        precompute=True,
        help="By the service price list, before it is decided who pays.",
    )
    price_list = fields.Float(
        string="List Price",
        digits="Product Price",
        compute="_compute_price_list",
        store=True,
        precompute=True,
        help="Price by the service price list, whatever price was typed.",
    )
    amount_list = fields.Monetary(
        string="List Amount", compute="_compute_amounts", store=True, precompute=True
    )
    amount_customer = fields.Monetary(
        string="Customer Pays", compute="_compute_amounts", store=True, precompute=True
    )
    amount_company = fields.Monetary(
        string="We Pay", compute="_compute_amounts", store=True, precompute=True
    )
    amount_third_party = fields.Monetary(
        string="Third Party Pays",
        compute="_compute_amounts",
        store=True,
        precompute=True,
    )
    cost_unit = fields.Float(
        digits="Product Price",
        readonly=True,
        copy=False,
        groups="aftersales_service.aftersales_service_group_supervisor",
        help="Our cost per unit on the day of use: the employee's hourly cost, or the "
        "cost of the part.",
    )
    cost_total = fields.Monetary(
        string="Cost",
        compute="_compute_cost_total",
        store=True,
        groups="aftersales_service.aftersales_service_group_supervisor",
    )

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "The quantity of a ticket line must be positive."
    )
    _price_positive = models.Constraint(
        "CHECK (COALESCE(price_unit, 0) >= 0)",
        "The price of a ticket line cannot be negative.",
    )
    _shares_range = models.Constraint(
        "CHECK (share_company BETWEEN 0 AND 100 AND share_customer BETWEEN 0 AND 100 "
        "AND COALESCE(share_third_party, 0) BETWEEN 0 AND 100)",
        "A share lies between 0 and 100 %.",
    )
    _done_when_used = models.Constraint(
        "CHECK (state <> 'used' OR date_done IS NOT NULL)",
        "A used line says when.",
    )
    _open_idx = models.Index("(equipment_id) WHERE state = 'planned'")
    _refused_idx = models.Index(
        "(company_id, coverage_code) WHERE coverage_code <> 'covered'"
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("product_id")
    def _compute_name(self):
        for line in self:
            line.name = line.product_id.display_name or line.name

    @api.depends("product_id", "kind", "ticket_id.component_id")
    def _compute_component_id(self):
        for line in self:
            part = (
                line.product_id if line.kind == "part" else self.env["product.product"]
            )
            line.component_id = (
                part.aftersales_component_id
                or line.ticket_id.component_id
                or line.component_id
            )

    @api.depends("kind")
    def _compute_product_id(self):
        """Propose the service product of labour, travel and fees."""
        services = self._get_service_products()
        generic = self.env["product.product"].union(*services.values())
        for line in self:
            product = line.product_id
            if not product or product in generic:
                product = services.get(line.kind, self.env["product.product"])
            line.product_id = product

    @api.model
    def _get_service_products(self):
        """Return ``{kind: service product}`` of lines that name none."""
        found = {
            kind: self.env.ref(
                f"aftersales_service.product_product_{kind}", raise_if_not_found=False
            )
            for kind in ("labour", "travel", "fee")
        }
        return {kind: item for kind, item in found.items() if item and item.active}

    @api.depends(
        "product_id", "quantity", "ticket_id.partner_id", "ticket_id.for_store"
    )
    def _compute_price_list(self):
        for line in self:
            product = line.product_id
            # What was done keeps the price of its day.
            if not product or (line._origin and line.state != "planned"):
                line.price_list = line.price_list
                continue
            pricelist = line.ticket_id._get_pricelist()
            # A list reckons in its own currency, whatever is asked.
            currency = pricelist.currency_id or line.currency_id
            price = pricelist._get_product_price(
                product, line.quantity or 1.0, currency=currency
            )
            if currency != line.currency_id:
                price = currency._convert(
                    price, line.currency_id, line.company_id, round=False
                )
            line.price_list = price

    @api.depends(
        "product_id", "quantity", "ticket_id.partner_id", "ticket_id.for_store"
    )
    def _compute_price_unit(self):
        for line in self:
            if not line._keeps_price():
                line.price_unit = line.price_list
            else:
                line.price_unit = line.price_unit

    def _keeps_price(self):
        """Tell whether the list does not change the price (any more)."""
        self.ensure_one()
        done = bool(self._origin) and self.state != "planned"
        return done or not self.product_id

    @api.depends(
        "quantity", "price_unit", "share_company", "share_customer", "share_third_party"
    )
    def _compute_amounts(self):
        for line in self:
            amount = line.quantity * line.price_unit
            line.amount_list = amount
            line.amount_customer = amount * line.share_customer / 100
            line.amount_third_party = amount * line.share_third_party / 100
            line.amount_company = (
                amount - line.amount_customer - line.amount_third_party
            )

    @api.depends("quantity", "cost_unit", "state")
    def _compute_cost_total(self):
        for line in self:
            used = line.state == "used"
            line.cost_total = line.quantity * line.cost_unit if used else 0.0

    @api.depends("coverage_code", "coverage_facts", "override_reason", "coverage")
    @api.depends_context("lang")
    def _compute_coverage_reason(self):
        Equipment = self.env["aftersales.equipment"]
        coverages = dict(self._fields["coverage"]._description_selection(self.env))
        for line in self:
            if line.override_user_id:
                line.coverage_reason = self.env._(
                    "%(coverage)s: %(reason)s",
                    coverage=coverages[line.coverage],
                    reason=line.override_reason,
                )
            elif line.coverage_code:
                line.coverage_reason = Equipment._explain_coverage(
                    line.coverage_code, line.coverage_facts or {}
                )
            else:
                line.coverage_reason = False

    @api.depends("name", "product_id", "ticket_id.name")
    def _compute_display_name(self):
        for line in self:
            parts = (line.ticket_id.name, line.name or line.product_id.display_name)
            line.display_name = " · ".join(part for part in parts if part)

    # ------------------------------------------------------------
    # CONSTRAINS
    # ------------------------------------------------------------

    @api.constrains("share_company", "share_customer", "share_third_party")
    def _check_shares(self):
        """What one does not pay, another one does (R21)."""
        for line in self:
            total = line.share_company + line.share_customer + line.share_third_party
            if abs(total - 100) > 0.005:
                raise ValidationError(
                    self.env._(
                        "%(line)s: the shares add up to %(total)s %%, they must add "
                        "up to 100 %%.",
                        line=line.display_name,
                        total=f"{total:g}",
                    )
                )

    @api.constrains("share_third_party", "third_party_id")
    def _check_third_party(self):
        for line in self:
            if line.share_third_party and not line.third_party_id:
                raise ValidationError(
                    self.env._(
                        "%s: name the third party that bears a share.",
                        line.display_name,
                    )
                )
