from odoo import api, fields, models

PLACES = [
    ("return", "Return from a Customer"),
    ("workshop", "Workshop"),
    ("incoming", "Incoming Goods"),
    ("field", "In the Field"),
    ("customer", "Reported by a Customer"),
    ("stock", "On Stock"),
]
OPEN_STATES = ("open", "decided", "inspection")
# Dispositions after which the goods are inspected again before they may be used.
REWORKED = ("rework", "repair")
FACTS = frozenset(
    {
        "name",
        "state",
        "inspection_id",
        "split_from_id",
        "decided_by_id",
        "decided_on",
        "reworked_by_id",
        "reworked_on",
        "closed_on",
        "cancel_reason",
    }
)
# What was decided about stands as it was, so that the decision can be read later.
DECIDED_UPON = frozenset(
    {
        "company_id",
        "product_id",
        "lot_id",
        "quantity",
        "disposition",
        "decision_reason",
        "concession_until",
        "return_line_id",
        "ticket_line_id",
        "repair_id",
        "move_id",
    }
)


class AftersalesNonconformity(models.Model):
    """One failing product or lot and what becomes of it (R52, R63)."""

    _name = "aftersales.nonconformity"
    _description = "Nonconformity"
    _inherit = [
        "aftersales.document.mixin",
        "aftersales.hold.mixin",
        "aftersales.archive.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _facts = FACTS
    _kept_states = ("done",)
    _hold_link = "aftersales_nonconformity_id"
    _order = "id desc"
    _check_company_auto = True

    # ------------------------------------------------------------
    # What fails
    # ------------------------------------------------------------
    product_id = fields.Many2one(
        comodel_name="product.product",
        compute="_compute_from_source",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('type', '=', 'consu')]",
    )
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit of Measure")
    tracking = fields.Selection(related="product_id.tracking")
    lot_id = fields.Many2one(
        comodel_name="stock.lot",
        string="Lot/Serial Number",
        compute="_compute_from_source",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('product_id', '=', product_id)]",
        check_company=True,
    )
    quantity = fields.Float(
        digits="Product Unit", default=1.0, required=True, tracking=True
    )
    description = fields.Text(string="What Fails")
    attachment_ids = fields.Many2many(
        comodel_name="ir.attachment",
        relation="aftersales_nonconformity_attachment_rel",
        string="Photos",
        bypass_search_access=True,
        copy=False,
    )
    grave = fields.Boolean(
        tracking=True, help="The quality lead is told of it at once."
    )

    # ------------------------------------------------------------
    # Where it was found
    # ------------------------------------------------------------
    found_at = fields.Selection(
        selection=PLACES,
        compute="_compute_found_at",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
    )
    found_on = fields.Date(
        required=True,
        index=True,
        default=lambda self: self.env.company._aftersales_today(),
    )
    found_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Found by",
        default=lambda self: self.env.user,
    )
    return_line_id = fields.Many2one(
        comodel_name="aftersales.return.line",
        string="Line of a Return",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    return_id = fields.Many2one(
        related="return_line_id.return_id",
        store=True,
        index="btree_not_null",
        precompute=True,
    )
    inspection_id = fields.Many2one(
        comodel_name="aftersales.return.inspection",
        string="Finding of the Inspection",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        compute="_compute_from_source",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    ticket_line_id = fields.Many2one(
        comodel_name="aftersales.ticket.line",
        string="Failed Part of a Ticket",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('ticket_id', '=?', ticket_id), ('kind', '=', 'part')]",
        check_company=True,
    )
    repair_id = fields.Many2one(
        comodel_name="repair.order",
        string="Found in Repair",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    move_id = fields.Many2one(
        comodel_name="stock.move",
        string="Received with",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('state', '=', 'done'), ('location_id.usage', '=', 'supplier')]",
    )
    picking_id = fields.Many2one(
        related="move_id.picking_id",
        string="Receipt",
        store=True,
        index="btree_not_null",
        precompute=True,
    )
    complaint_id = fields.Many2one(
        comodel_name="aftersales.complaint",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    split_from_id = fields.Many2one(
        comodel_name="aftersales.nonconformity",
        string="Split from",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    split_ids = fields.One2many(
        comodel_name="aftersales.nonconformity",
        inverse_name="split_from_id",
        string="Split off",
    )

    # ------------------------------------------------------------
    # Why
    # ------------------------------------------------------------
    cause_id = fields.Many2one(
        comodel_name="aftersales.cause",
        compute="_compute_from_source",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        tracking=True,
        ondelete="restrict",
        check_company=True,
    )
    department_id = fields.Many2one(
        related="cause_id.department_id", store=True, index="btree_not_null"
    )
    process = fields.Char(related="cause_id.process")
    purchase_line_id = fields.Many2one(
        comodel_name="purchase.order.line",
        string="Bought with",
        compute="_compute_purchase_line_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
        help="The purchase that brought this lot.",
    )
    purchase_id = fields.Many2one(
        related="purchase_line_id.order_id", string="Bought by Order"
    )
    supplier_id = fields.Many2one(
        comodel_name="res.partner",
        compute="_compute_supplier_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        tracking=True,
        check_company=True,
    )

    # ------------------------------------------------------------
    # What becomes of it
    # ------------------------------------------------------------
    disposition = fields.Selection(
        selection=[
            ("rework", "Rework"),
            ("repair", "Repair"),
            ("concession", "Concession"),
            ("scrap", "Scrap"),
        ],
        tracking=True,
        copy=False,
        help="Rework: it is made as it should be, and inspected again.\n"
        "Repair: it is made usable, and inspected again.\n"
        "Concession: it is used as it is; the quality lead agrees.\n"
        "Scrap: it is destroyed.",
    )
    decision_reason = fields.Text(string="Reason of the Decision", copy=False)
    concession_until = fields.Date(
        string="Conceded until",
        copy=False,
        help="Until when goods may be used as they are.",
    )
    decided_by_id = fields.Many2one(
        comodel_name="res.users", string="Decided by", readonly=True, copy=False
    )
    decided_on = fields.Datetime(readonly=True, copy=False)
    reworked_by_id = fields.Many2one(
        comodel_name="res.users", string="Reworked by", readonly=True, copy=False
    )
    reworked_on = fields.Datetime(readonly=True, copy=False)
    closed_on = fields.Datetime(readonly=True, copy=False, index="btree_not_null")
    cancel_reason = fields.Char(string="Cancellation Reason", readonly=True, copy=False)
    state = fields.Selection(
        selection=[
            ("open", "To Decide"),
            ("decided", "Decision Made"),
            ("inspection", "To Inspect Again"),
            ("done", "Closed"),
            ("cancelled", "Cancelled"),
        ],
        default="open",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
        copy=False,
        group_expand=True,
    )
    check_ids = fields.One2many(
        comodel_name="aftersales.nonconformity.check",
        inverse_name="nonconformity_id",
        string="Inspections after Rework",
        readonly=True,
    )
    action_ids = fields.One2many(
        comodel_name="aftersales.action",
        inverse_name="nonconformity_id",
        string="Improvement Actions",
    )

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "A nonconformity is about a quantity above zero."
    )
    _inspection_uniq = models.UniqueIndex(
        "(inspection_id) WHERE inspection_id IS NOT NULL AND split_from_id IS NULL",
        "This finding has its nonconformity already.",
    )
    _cancel_reason_set = models.Constraint(
        "CHECK (state <> 'cancelled' OR cancel_reason IS NOT NULL)",
        "A cancelled nonconformity says why.",
    )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        self._number(vals_list)
        rows = super().create(vals_list)
        rows._ensure_within_source()
        rows._keep_photos()
        rows.filtered("grave")._tell_grave()
        return rows

    def write(self, vals):
        self._ensure_no_facts(vals)
        if not self._is_by_method():
            self._ensure_undecided(vals)
        grave = self.filtered("grave") if vals.get("grave") else self
        result = super().write(vals)
        if DECIDED_UPON & vals.keys():
            self._ensure_within_source()
        if "attachment_ids" in vals:
            self._keep_photos()
        if vals.get("grave"):
            (self - grave)._tell_grave()
        return result

    def _ensure_undecided(self, vals):
        """Refuse to change what a decision was made about.

        :raise UserError: naming the nonconformities
        """
        touched = DECIDED_UPON & vals.keys()
        if not touched:
            return
        decided = self.filtered(
            lambda row: row.state != "open"
            and any(row._get_change(name, vals[name]) for name in touched)
        )
        if decided:
            decided._refuse(
                self.env._(
                    "It was decided upon; what it is about and how it was decided "
                    "stands. Open another nonconformity for other goods."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        """Nothing that was decided or kept apart is deleted (R66)."""
        kept = self.filtered(
            lambda row: row.state != "open" or row.quantity_held or row.check_ids
        )
        if kept:
            kept._refuse(
                self.env._(
                    "Only what nobody decided on yet, and what is not kept apart, is "
                    "deleted; cancel it with the reason instead."
                )
            )

    def _keep_photos(self):
        """Let photos belong to their record, so that whoever reads it sees them."""
        for row in self.filtered("attachment_ids"):
            # Uploaded by the user, who sees no files of nobody's but his own.
            files_sudo = row.attachment_ids.sudo()
            files_sudo.filtered(
                lambda file, row=row: not file.res_id
                and file.create_uid == row.env.user
            ).write({"res_model": self._name, "res_id": row.id})

    def _tell_grave(self):
        """Give the quality lead something to do, at once."""
        for company, rows in self.grouped("company_id").items():
            lead = company.aftersales_quality_lead_id
            if not lead:
                continue
            talk = rows.with_context(
                lang=lead.lang or self.env.lang, mail_activity_quick_update=True
            )
            for row in talk:
                row.activity_schedule(
                    "mail.mail_activity_data_todo",
                    date_deadline=company._aftersales_today(),
                    summary=talk.env._("Grave nonconformity: decide at once"),
                    note=row.description,
                    user_id=lead.id,
                )
