from odoo import api, fields, models

KINDS = [
    ("accessory", "Accessory"),
    ("spare", "Spare Part"),
    ("makeup", "Make-up Part"),
    ("gift", "Gift"),
]
OPEN_STATES = ("draft", "submitted", "approved")
FACTS = frozenset(
    {
        "name",
        "state",
        "submit_date",
        "approve_date",
        "approved_by_id",
        "done_date",
        "end_reason",
    }
)
# What is approved is what was asked for.
ASKED = frozenset(
    {
        "kind",
        "reason",
        "technician_id",
        "ticket_id",
        "company_id",
        "warehouse_id",
        "deliver_to",
        "site_id",
        "line_ids",
    }
)


class AftersalesPartRequest(models.Model):
    """Parts a technician or a station asks for (R42, R43, R45)."""

    _name = "aftersales.part.request"
    _description = "Part Request"
    _inherit = ["aftersales.document.mixin", "mail.thread", "mail.activity.mixin"]
    _facts = FACTS
    _order = "id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(string="Part Request")
    kind = fields.Selection(
        selection=KINDS,
        string="Kind of Part",
        required=True,
        default="spare",
        tracking=True,
        help="Make-up parts were missing at the delivery; say why. Gifts are given away.",
    )
    reason = fields.Char(
        help="Why it is needed; mandatory for make-up parts.", tracking=True
    )
    technician_id = fields.Many2one(
        comodel_name="hr.employee",
        domain="[('aftersales_technician', '=', True)]",
        default=lambda self: self._default_technician(),
        index="btree_not_null",
        tracking=True,
        help="Who asks, and whose van the parts are for.",
    )
    ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        index="btree_not_null",
        check_company=True,
        tracking=True,
    )
    partner_id = fields.Many2one(
        related="ticket_id.partner_id", store=True, precompute=True, string="Customer"
    )
    unit_label = fields.Char(related="ticket_id.unit_label", string="Model")
    warehouse_id = fields.Many2one(
        comodel_name="stock.warehouse",
        string="Asked of",
        compute="_compute_warehouse_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        help="Depot that is asked first; what it does not have comes from its parent "
        "depot, and so on, else it is purchased.",
    )
    deliver_to = fields.Selection(
        selection=[
            ("van", "Technician's Van"),
            ("depot", "Depot"),
            ("site", "Straight to the Site"),
        ],
        string="Where to",
        compute="_compute_deliver_to",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    site_id = fields.Many2one(
        comodel_name="res.partner",
        compute="_compute_site_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        help="Where parts that go straight to the site are sent.",
    )
    contact_name = fields.Char(
        string="Contact on Site",
        compute="_compute_site_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    contact_phone = fields.Char(
        string="Phone on Site",
        compute="_compute_site_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    date_needed = fields.Datetime(string="Needed by", tracking=True)
    date_promised = fields.Datetime(
        string="Promised Arrival",
        tracking=True,
        help="When the parts will be there, as far as somebody has said so.",
    )
    note = fields.Text()
    line_ids = fields.One2many(
        comodel_name="aftersales.part.request.line",
        inverse_name="request_id",
        string="Parts",
        copy=True,
    )
    amount = fields.Monetary(
        string="Cost of the Parts",
        compute="_compute_amount",
        compute_sudo=True,
        groups="aftersales_service.aftersales_service_group_supervisor",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(
        selection=[
            ("draft", "To Send"),
            ("submitted", "To Approve"),
            ("approved", "On Its Way"),
            ("done", "Arrived"),
            ("refused", "Refused"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    submit_date = fields.Datetime(string="Asked on", readonly=True, copy=False)
    approve_date = fields.Datetime(string="Approved on", readonly=True, copy=False)
    approved_by_id = fields.Many2one(
        comodel_name="res.users", string="Approved by", readonly=True, copy=False
    )
    done_date = fields.Datetime(string="Ended on", readonly=True, copy=False)
    end_reason = fields.Char(
        string="Refused or Cancelled because", readonly=True, copy=False
    )
    picking_ids = fields.One2many(
        comodel_name="stock.picking",
        inverse_name="aftersales_part_request_id",
        string="Transfers",
        copy=False,
    )

    _name_uniq = models.UniqueIndex(
        "(name, company_id)", "The number of a part request is given once in a company."
    )
    _open_idx = models.Index(
        "(company_id, ticket_id) WHERE state IN ('draft', 'submitted', 'approved')"
    )
    _site_named = models.Constraint(
        "CHECK (deliver_to <> 'site' OR site_id IS NOT NULL)",
        "Say to which address the parts go.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.model
    def _default_technician(self):
        # Who asks, when he is sent himself.
        employee_sudo = self.env.user.sudo().employee_id
        return employee_sudo.aftersales_technician and employee_sudo.id

    @api.depends("technician_id", "company_id")
    def _compute_warehouse_id(self):
        Location = self.env["stock.location"]
        vans = Location._aftersales_get_vans(self.technician_id, self.company_id)
        for request in self:
            company = request.company_id
            van = vans.get((request.technician_id.id, company.id))
            if van:
                request.warehouse_id = van.aftersales_depot_id
            elif request.warehouse_id.company_id != company:
                # Which depot is the first one is no secret.
                request.warehouse_id = company.sudo().aftersales_main_depot_id

    @api.depends("technician_id", "company_id")
    def _compute_deliver_to(self):
        vans = self.env["stock.location"]._aftersales_get_vans(
            self.technician_id, self.company_id
        )
        for request in self:
            has_van = (request.technician_id.id, request.company_id.id) in vans
            if request.deliver_to == "site":
                continue
            request.deliver_to = "van" if has_van else "depot"

    @api.depends("ticket_id")
    def _compute_site_id(self):
        for request in self:
            ticket = request.ticket_id
            request.site_id = ticket.site_id or ticket.partner_id or request.site_id
            request.contact_name = (
                ticket.partner_name or ticket.partner_id.name or request.contact_name
            )
            request.contact_phone = ticket.partner_phone or request.contact_phone

    @api.depends("line_ids.product_id", "line_ids.quantity")
    def _compute_amount(self):
        for request in self:
            request.amount = sum(
                line.quantity
                * line.product_id.with_company(request.company_id).standard_price
                for line in request.line_ids
            )

    @api.depends("name", "ticket_id.name")
    def _compute_display_name(self):
        for request in self:
            parts = (request.name, request.ticket_id.name)
            request.display_name = " · ".join(part for part in parts if part)

    # ------------------------------------------------------------
    # CREATE, WRITE
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        tickets = self.env["aftersales.ticket"].browse(
            vals["ticket_id"] for vals in vals_list if vals.get("ticket_id")
        )
        for vals in vals_list:
            self._ensure_no_facts(vals)
            if vals.get("date_promised"):
                self._ensure_may_promise()
            if vals.get("ticket_id") and not vals.get("company_id"):
                ticket = tickets.browse(vals["ticket_id"])
                vals["company_id"] = ticket.company_id.id
        self._number(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        if not self._is_by_method() and ASKED & vals.keys():
            self._ensure_editable()
        if "date_promised" in vals and not self._is_by_method():
            self._ensure_may_promise()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        if sent := self.filtered("submit_date"):
            sent._refuse(self.env._("It was sent already: cancel it instead."))

    def _ensure_editable(self):
        """Refuse changes to what is approved; who approves may still correct it.

        :raise UserError: naming the requests and the way out
        """
        closed = self.filtered(
            lambda request: request.state != "draft" and not request.can_approve
        )
        if closed:
            closed._refuse(
                self.env._(
                    "What was asked for stays as it was sent; make another request for "
                    "what is needed besides."
                )
            )

    def _ensure_may_promise(self):
        """Only those who send the parts say when they arrive.

        :raise UserError: naming the requests
        """
        agent = "aftersales_service.aftersales_service_group_agent"
        if not (self.env.su or self.env.user.has_group(agent)):
            self._refuse(self.env._("The desk says when the parts arrive."))

    def _step(self, vals):
        return self._by_method().write(vals)
