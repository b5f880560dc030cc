from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

AGENT = "aftersales_service.aftersales_service_group_agent"
KINDS = [
    ("tool", "Tool of a Technician"),
    ("loaner", "Loaner of a Customer"),
    ("sample", "Showroom Sample"),
]
WAITING_STATES = ("draft", "approved")
OPEN_STATES = (*WAITING_STATES, "out")

# Written by the steps alone: goods and money hang on them.
FACTS = frozenset(
    {
        "name",
        "state",
        "approve_date",
        "approved_by_id",
        "date_out",
        "issued_by_id",
        "date_in",
        "taken_back_by_id",
        "condition",
        "to_repair",
        "end_reason",
        "origin_id",
        "request_date",
        "notice_date",
        "charge",
        "charge_state",
        "charge_reason",
        "charge_user_id",
        "charge_date",
        "invoice_id",
        "deposit_date",
        "deposit_back_date",
        "deposit_payment_id",
        "deposit_refund_id",
        "reminded_due",
        "scrap_id",
    }
)
# What was approved is what may be handed out.
APPROVED = frozenset(
    {
        "kind",
        "employee_id",
        "partner_id",
        "product_id",
        "quantity",
        "company_id",
        "deposit",
    }
)
# What was handed out is what the borrower signed for.
SIGNED_FOR = APPROVED | {
    "lot_id",
    "warehouse_id",
    "condition_out",
    "signature",
    "signed_by",
}


class AftersalesLoan(models.Model):
    """Goods lent: a tool to a technician, a loaner to a customer, a sample (R46, R55).

    They stay ours: real transfers take them to a place outside every warehouse, where
    nobody is promised them, and back.
    """

    _name = "aftersales.loan"
    _description = "Loan"
    _inherit = ["aftersales.document.mixin", "mail.thread", "mail.activity.mixin"]
    _facts = FACTS
    _step_access = "read"
    _order = "id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    kind = fields.Selection(
        selection=KINDS,
        string="Kind of Loan",
        required=True,
        default=lambda self: self._default_kind(),
        index=True,
    )
    state = fields.Selection(
        selection=[
            ("draft", "Requested"),
            ("approved", "Approved"),
            ("out", "Lent"),
            ("returned", "Taken Back"),
            ("transferred", "Passed On"),
            ("lost", "Lost"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Handled by",
        default=lambda self: self.env.user,
        check_company=True,
        index="btree_not_null",
        help="Is told when it is overdue.",
    )

    # ------------------------------------------------------------
    # Who
    # ------------------------------------------------------------
    employee_id = fields.Many2one(
        comodel_name="hr.employee",
        string="Technician",
        index="btree_not_null",
        check_company=True,
        tracking=True,
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer or Showroom",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
        tracking=True,
    )
    borrower = fields.Char(compute="_compute_borrower")
    ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        index="btree_not_null",
        check_company=True,
        help="Why the customer has a loaner.",
    )
    equipment_id = fields.Many2one(
        comodel_name="aftersales.equipment",
        string="Replaced Unit",
        compute="_compute_equipment_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
        help="The customer's own unit, while we have it.",
    )

    # ------------------------------------------------------------
    # What
    # ------------------------------------------------------------
    product_id = fields.Many2one(
        comodel_name="product.product",
        required=True,
        index=True,
        check_company=True,
        domain="[('is_storable', '=', True)]",
    )
    tracking = fields.Selection(related="product_id.tracking")
    lot_id = fields.Many2one(
        comodel_name="stock.lot",
        string="Serial or Lot",
        index="btree_not_null",
        check_company=True,
        domain="[('product_id', '=', product_id)]",
    )
    quantity = fields.Float(digits="Product Unit", required=True, default=1.0)
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit of Measure")
    warehouse_id = fields.Many2one(
        comodel_name="stock.warehouse",
        string="Lent from",
        compute="_compute_warehouse_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
    )
    condition_out = fields.Char(
        string="Condition at Hand-Out", help="Accessories and marks, as both saw them."
    )
    note = fields.Text(string="Purpose")
    move_ids = fields.One2many(
        comodel_name="stock.move",
        inverse_name="aftersales_loan_id",
        string="Moves",
        copy=False,
    )
    scrap_id = fields.Many2one(
        comodel_name="stock.scrap", string="Scrap Order", readonly=True, copy=False
    )

    # ------------------------------------------------------------
    # When
    # ------------------------------------------------------------
    date_due = fields.Date(
        string="Due Back", copy=False, tracking=True, help="Empty: for good."
    )
    approve_date = fields.Datetime(string="Approved on", readonly=True, copy=False)
    approved_by_id = fields.Many2one(
        comodel_name="res.users", string="Approved by", readonly=True, copy=False
    )
    date_out = fields.Datetime(string="Handed out on", readonly=True, copy=False)
    issued_by_id = fields.Many2one(
        comodel_name="res.users", string="Handed out by", readonly=True, copy=False
    )
    date_in = fields.Datetime(string="Back on", readonly=True, copy=False)
    taken_back_by_id = fields.Many2one(
        comodel_name="res.users", string="Taken Back by", readonly=True, copy=False
    )
    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    end_reason = fields.Char(string="Ended because", readonly=True, copy=False)
    origin_id = fields.Many2one(
        comodel_name="aftersales.loan",
        string="Taken over from",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    signature = fields.Binary(string="Signature of the Borrower", copy=False)
    signed_by = fields.Char(
        copy=False, help="Who signed the agreement, here or on the printed one."
    )

    _name_uniq = models.UniqueIndex(
        "(name, company_id)", "The number of a loan is given once in a company."
    )
    _lot_out_uniq = models.UniqueIndex(
        "(lot_id, product_id) WHERE state = 'out' AND lot_id IS NOT NULL "
        "AND serial_only",
        "This serial is lent already: take it back first.",
    )
    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "The quantity of a loan must be positive."
    )
    _out_idx = models.Index("(company_id, date_due) WHERE state = 'out'")
    # Known to the index: a lot may be lent in parts, a serial once.
    serial_only = fields.Boolean(
        compute="_compute_serial_only", store=True, precompute=True
    )

    @api.model
    def _default_kind(self):
        """Salesmen ask for samples; the desk lends tools most often."""
        user = self.env.user
        sells = user.has_group("sales_team.group_sale_salesman")
        lends = self.env.su or user.has_group(AGENT)
        return "sample" if sells and not lends else "tool"

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("product_id")
    def _compute_serial_only(self):
        for loan in self:
            loan.serial_only = loan.product_id.tracking == "serial"

    @api.depends("ticket_id", "kind")
    def _compute_partner_id(self):
        for loan in self:
            partner = loan.ticket_id.partner_id if loan.kind == "loaner" else False
            loan.partner_id = loan.partner_id or partner

    @api.depends("ticket_id")
    def _compute_equipment_id(self):
        for loan in self:
            loan.equipment_id = loan.equipment_id or loan.ticket_id.equipment_id

    @api.depends("company_id")
    def _compute_warehouse_id(self):
        first = {}
        Warehouse = self.env["stock.warehouse"].sudo()  # its name, for everybody
        for loan in self:
            company = loan.company_id
            if loan.warehouse_id and loan.warehouse_id.company_id == company:
                continue
            if company not in first:
                first[company] = Warehouse.search(
                    [("company_id", "=", company.id)], limit=1
                )
            loan.warehouse_id = first[company]

    @api.depends("kind", "employee_id", "partner_id")
    def _compute_borrower(self):
        for loan in self:
            loan.borrower = (
                loan.employee_id.name if loan.kind == "tool" else loan.partner_id.name
            )

    @api.depends("state", "date_due", "company_id")
    def _compute_is_overdue(self):
        today = {company: company._aftersales_today() for company in self.company_id}
        for loan in self:
            loan.is_overdue = bool(
                loan.state == "out"
                and loan.date_due
                and loan.date_due < today[loan.company_id]
            )

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        # A company is overdue by its own day.
        return Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("state", "=", "out")
            & Domain("date_due", "<", company._aftersales_today())
            for company in self.env.companies
        )

    @api.depends("name", "product_id.display_name")
    def _compute_display_name(self):
        for loan in self:
            parts = (loan.name, loan.product_id.display_name)
            loan.display_name = " · ".join(part for part in parts if part)

    # ------------------------------------------------------------
    # CONSTRAINS
    # ------------------------------------------------------------

    @api.constrains("kind", "employee_id", "partner_id")
    def _check_borrower(self):
        for loan in self:
            missing = loan.employee_id if loan.kind == "tool" else loan.partner_id
            if not missing:
                raise ValidationError(
                    self.env._(
                        "%s: say who gets it: a technician for a tool, a customer or "
                        "showroom for the rest.",
                        loan.display_name,
                    )
                )

    @api.constrains("product_id", "lot_id", "quantity")
    def _check_goods(self):
        for loan in self:
            product = loan.product_id
            if not product.is_storable:
                raise ValidationError(
                    self.env._(
                        "%s is not kept in stock, so it cannot be lent. Let its "
                        "inventory be tracked first.",
                        product.display_name,
                    )
                )
            if loan.lot_id and loan.lot_id.product_id != product:
                raise ValidationError(
                    self.env._(
                        "%(loan)s: %(lot)s is a number of another product.",
                        loan=loan.display_name,
                        lot=loan.lot_id.name,
                    )
                )
            if loan.serial_only and product.uom_id.compare(loan.quantity, 1.0):
                raise ValidationError(
                    self.env._(
                        "%s has serial numbers: lend each one by itself.",
                        loan.display_name,
                    )
                )

    # ------------------------------------------------------------
    # CREATE, WRITE
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            self._ensure_no_facts(vals)
        self._number(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        if vals.keys() & SIGNED_FOR and not self._is_by_method():
            self._ensure_as_signed(vals)
            self._ensure_as_approved(vals)
        return super().write(vals)

    def _ensure_as_signed(self, vals):
        """Refuse to change what was lent, and to whom, after it went out.

        :raise UserError: naming the loans and the fields
        """
        for loan in self.filtered(lambda loan: loan.state not in WAITING_STATES):
            if labels := loan._get_changed_labels(SIGNED_FOR, vals):
                raise UserError(
                    self.env._(
                        "%(loan)s was handed out as it is: take it back and lend it "
                        "again, or pass it on, instead of changing: %(fields)s",
                        loan=loan.display_name,
                        fields=", ".join(labels),
                    )
                )

    def _ensure_as_approved(self, vals):
        """Refuse to change what was approved, for others than who may approve it.

        :raise UserError: naming the loans and the fields
        """
        for loan in self.filtered(lambda loan: loan.state == "approved"):
            labels = loan._get_changed_labels(APPROVED, vals)
            kinds = {loan.kind, vals.get("kind", loan.kind)}
            if labels and not all(map(self._may_approve, kinds)):
                raise UserError(
                    self.env._(
                        "%(loan)s was approved as it is: cancel it and request another "
                        "one instead of changing: %(fields)s",
                        loan=loan.display_name,
                        fields=", ".join(labels),
                    )
                )

    def _get_changed_labels(self, names, vals):
        """Return the labels of those of the fields that the values change."""
        changes = (
            self._get_change(name, vals[name]) for name in sorted(names & vals.keys())
        )
        return [change[0] for change in changes if change]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_lent(self):
        if kept := self.filtered(lambda loan: loan.state not in ("draft", "cancelled")):
            raise UserError(
                self.env._(
                    "Only requested or cancelled loans can be deleted: %s",
                    ", ".join(kept.mapped("display_name")),
                )
            )

    def _step(self, vals):
        """Write the facts of a step."""
        return self._by_method().write(vals)

    def _lock(self):
        """Keep others from taking a step with these loans until this one is done.

        Who comes second sees the state that the first one left, or is repeated.
        """
        self.flush_recordset()
        self.env.cr.execute(
            "SELECT id FROM aftersales_loan WHERE id = ANY(%s) ORDER BY id "
            "FOR NO KEY UPDATE",
            [self.ids],
        )
        self.invalidate_recordset(["state"])
