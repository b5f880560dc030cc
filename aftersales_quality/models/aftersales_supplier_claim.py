from odoo import api, fields, models

KINDS = [
    ("request", "Service Request"),
    ("claim", "Claim"),
    ("both", "Service Request and Claim"),
]
# Those that hold their costs against other claims.
DEAD_STATES = ("refused", "cancelled")
OPEN_STATES = ("draft", "sent", "answered", "agreed")
FACTS = frozenset(
    {
        "name",
        "state",
        "date_sent",
        "date_answered",
        "date_agreed",
        "date_solved",
        "goods_date",
        "agreed_by_id",
        "left_out",
        "mail_due",
        "reminded",
    }
)
# What the supplier has read stays as he read it.
SENT = frozenset({"partner_id", "kind", "problem", "product_id", "lot_id", "quantity"})


class AftersalesSupplierClaim(models.Model):
    """What a supplier is asked to do or to pay for his failed part (R57)."""

    _name = "aftersales.supplier.claim"
    _description = "Supplier Claim"
    _inherit = [
        "aftersales.document.mixin",
        "aftersales.archive.mixin",
        "mail.thread.cc",
        "mail.activity.mixin",
    ]
    _facts = FACTS
    _kept_states = ("done", "refused")
    _order = "id desc"
    _check_company_auto = True

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Supplier",
        required=True,
        index=True,
        tracking=True,
        ondelete="restrict",
        check_company=True,
    )
    kind = fields.Selection(
        selection=KINDS,
        string="What is Asked",
        required=True,
        default="claim",
        tracking=True,
        help="Service Request: the supplier repairs, replaces or advises.\n"
        "Claim: he bears costs that his part has caused.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        index=True,
        tracking=True,
        domain="[('share', '=', False)]",
        help="Follows it until it is solved.",
    )
    currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )

    # ------------------------------------------------------------
    # What is asked
    # ------------------------------------------------------------
    problem = fields.Text()
    product_id = fields.Many2one(
        comodel_name="product.product",
        string="Model",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="Product that failed.",
    )
    lot_id = fields.Many2one(
        comodel_name="stock.lot",
        string="Lot/Serial Number",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('product_id', '=', product_id)]",
        check_company=True,
    )
    quantity = fields.Float(digits="Product Unit", default=1.0)
    site_id = fields.Many2one(
        comodel_name="res.partner",
        check_company=True,
        help="Where the goods are that the supplier is asked to see to.",
    )
    contact_id = fields.Many2one(
        comodel_name="res.partner",
        string="Contact on Site",
        check_company=True,
        help="Whom the supplier calls before he comes.",
    )
    cost_bearer = fields.Selection(
        selection=[
            ("supplier", "Supplier"),
            ("company", "We"),
            ("shared", "Both by Agreement"),
        ],
        string="Cost Borne by",
        default="supplier",
        tracking=True,
    )
    answer = fields.Text(
        string="Supplier's Answer", copy=False, help="In his own words."
    )
    solution = fields.Text(
        string="Repair Report",
        copy=False,
        help="What was done, and the cause the supplier has found.",
    )

    # ------------------------------------------------------------
    # Costs
    # ------------------------------------------------------------
    date_from = fields.Date(string="Costs From", copy=False)
    date_to = fields.Date(string="Costs Until", copy=False)
    ticket_ids = fields.Many2many(
        comodel_name="aftersales.ticket",
        string="Only of Tickets",
        check_company=True,
        copy=False,
        help="Costs of these alone are collected; of all tickets when empty.",
    )
    left_out = fields.Text(
        string="Not Claimed",
        readonly=True,
        copy=False,
        help="Costs that the last collection left out, and why.",
    )
    line_ids = fields.One2many(
        comodel_name="aftersales.supplier.claim.line",
        inverse_name="claim_id",
        string="Lines",
    )
    amount_cost = fields.Monetary(
        string="Our Cost", compute="_compute_amounts", store=True
    )
    amount_claimed = fields.Monetary(compute="_compute_amounts", store=True)
    amount_offered = fields.Monetary(compute="_compute_amounts", store=True)
    amount_agreed = fields.Monetary(compute="_compute_amounts", store=True)
    agreed_share = fields.Float(
        string="Agreed (%)",
        compute="_compute_amounts",
        store=True,
        aggregator=None,
        help="Agreed amount of the claimed one.",
    )

    # ------------------------------------------------------------
    # Days
    # ------------------------------------------------------------
    date_due = fields.Date(
        string="Answer Due on",
        tracking=True,
        copy=False,
        help="Set when it is sent: by the days agreed with the supplier, of a repair by "
        "the turnaround of its quantity.",
    )
    claim_until = fields.Date(
        compute="_compute_claim_until",
        store=True,
        help="Last day on which the supplier accepts the oldest of these costs, by the "
        "agreement with him.",
    )
    date_sent = fields.Datetime(string="Sent on", readonly=True, copy=False)
    date_answered = fields.Datetime(string="Answered on", readonly=True, copy=False)
    date_agreed = fields.Date(string="Agreed on", readonly=True, copy=False)
    date_solved = fields.Datetime(string="Solved on", readonly=True, copy=False)
    agreed_by_id = fields.Many2one(
        comodel_name="res.users", string="Agreed by", readonly=True, copy=False
    )

    nonconformity_id = fields.Many2one(
        comodel_name="aftersales.nonconformity",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    complaint_id = fields.Many2one(
        comodel_name="aftersales.complaint",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("sent", "Sent"),
            ("answered", "Answered"),
            ("agreed", "Agreed"),
            ("done", "Done"),
            ("refused", "Refused"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
        copy=False,
    )

    _quantity_sane = models.Constraint(
        "CHECK (COALESCE(quantity, 0) >= 0)",
        "The quantity of a supplier claim is not negative.",
    )
    _dates_sane = models.Constraint(
        "CHECK (date_to IS NULL OR date_from IS NULL OR date_to >= date_from)",
        "The costs are collected from a day until a later one.",
    )

    @api.depends(
        "line_ids.cost", "line_ids.claimed", "line_ids.offered", "line_ids.agreed"
    )
    def _compute_amounts(self):
        for claim in self:
            lines = claim.line_ids
            claim.amount_cost = sum(lines.mapped("cost"))
            claim.amount_claimed = sum(lines.mapped("claimed"))
            claim.amount_offered = sum(lines.mapped("offered"))
            claim.amount_agreed = sum(lines.mapped("agreed"))
            claimed = claim.amount_claimed
            claim.agreed_share = claimed and 100 * claim.amount_agreed / claimed

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        self._number(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        if SENT & vals.keys() and not self._is_by_method():
            self._ensure_unsent(vals)
        return super().write(vals)

    def _ensure_unsent(self, vals):
        """Refuse to change what the supplier has read.

        :raise UserError: naming the claims and the way out
        """
        changed = self.filtered(
            lambda claim: claim.state != "draft"
            and any(claim._get_change(name, vals[name]) for name in SENT & vals.keys())
        )
        if changed:
            changed._refuse(
                self.env._(
                    "The supplier has read it: write to him below, or cancel it and "
                    "send another one."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        """What a supplier was asked for is history (R66)."""
        if kept := self.filtered(lambda claim: claim.state != "draft"):
            kept._refuse(
                self.env._("Only drafts are deleted; cancel what is no longer wanted.")
            )
