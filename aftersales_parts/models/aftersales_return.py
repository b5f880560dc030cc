from odoo import api, fields, models

# Lines of these keep their quantity from everybody else.
HOLDING_STATES = ("authorised", "received", "inspected")
OPEN_STATES = ("draft", *HOLDING_STATES)

# Written by the transitions alone: they carry the rules.
FACTS = frozenset(
    {
        "name",
        "state",
        "authorised_by_id",
        "authorise_date",
        "receive_date",
        "inspect_date",
        "done_date",
        "end_reason",
        "deadline_reported",
        "deadline_max",
        "release_reason",
        "released_by_id",
        "approval_user_id",
        "approval_asked_by_id",
        "approval_date",
        "notice_due",
    }
)


class AftersalesReturn(models.Model):
    """RMA: what comes back from a customer, for whatever remedy (R28, R48–R53)."""

    _name = "aftersales.return"
    _description = "Return"
    _inherit = [
        "aftersales.document.mixin",
        "portal.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _facts = FACTS
    _step_access = "read"
    _order = "id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(string="RMA Number")
    active = fields.Boolean(default=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        tracking=True,
        check_company=True,
    )
    ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        index="btree_not_null",
        check_company=True,
        tracking=True,
    )
    warehouse_id = fields.Many2one(
        comodel_name="stock.warehouse",
        string="Comes back to",
        compute="_compute_warehouse_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        help="Warehouse that receives the goods.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Handled by",
        default=lambda self: self.env.user if self.env.user._is_internal() else None,
        tracking=True,
        check_company=True,
        index="btree_not_null",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    description = fields.Text(string="Reason in Words")
    deadline = fields.Date(
        copy=False,
        tracking=True,
        help="Until when the customer has the result, in working days of the company.",
    )
    state = fields.Selection(
        selection=[
            ("draft", "Requested"),
            ("authorised", "Authorised"),
            ("received", "Received"),
            ("inspected", "Inspected"),
            ("done", "Done"),
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
    line_ids = fields.One2many(
        comodel_name="aftersales.return.line",
        inverse_name="return_id",
        string="Lines",
        copy=True,
    )
    picking_ids = fields.One2many(
        comodel_name="stock.picking",
        inverse_name="aftersales_return_id",
        string="Transfers",
        copy=False,
    )
    refund_ids = fields.One2many(
        comodel_name="account.move",
        inverse_name="aftersales_return_id",
        string="Credit Notes",
        copy=False,
    )
    repair_ids = fields.One2many(
        comodel_name="repair.order",
        inverse_name="aftersales_return_id",
        string="Repair Orders",
        copy=False,
    )

    # ------------------------------------------------------------
    # What happened
    # ------------------------------------------------------------
    authorise_date = fields.Datetime(string="Authorised on", readonly=True, copy=False)
    authorised_by_id = fields.Many2one(
        comodel_name="res.users", string="Authorised by", readonly=True, copy=False
    )
    receive_date = fields.Datetime(
        string="Received on", readonly=True, copy=False, help="When all of it was here."
    )
    inspect_date = fields.Datetime(string="Inspected on", readonly=True, copy=False)
    done_date = fields.Datetime(string="Closed on", readonly=True, copy=False)
    end_reason = fields.Char(
        string="Refused or Cancelled because", readonly=True, copy=False
    )

    _name_uniq = models.UniqueIndex(
        "(name, company_id)", "The number of a return is given once in a company."
    )
    _open_idx = models.Index(
        "(company_id, deadline) "
        "WHERE state IN ('draft', 'authorised', 'received', 'inspected')"
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("ticket_id", "line_ids.move_id", "line_ids.equipment_id")
    def _compute_partner_id(self):
        for rma in self:
            if rma.partner_id:
                continue
            lines = rma.line_ids
            # Who returns reads neither the orders nor the transfers of others.
            moves_sudo = lines.move_id.sudo()
            rma.partner_id = (
                rma.ticket_id.partner_id
                or moves_sudo.sale_line_id.order_id.partner_id[:1]
                or lines.equipment_id.partner_id[:1]
                or moves_sudo.picking_id.partner_id[:1]
            )

    @api.depends("line_ids.move_id", "company_id")
    def _compute_warehouse_id(self):
        Warehouse = self.env["stock.warehouse"].sudo()  # its name, for everybody
        first = {}
        for rma in self:
            if rma.warehouse_id.company_id == rma.company_id:
                continue
            # The warehouse that delivered takes it back.
            delivered_sudo = rma.line_ids.move_id.sudo().picking_type_id.warehouse_id
            if rma.company_id not in first:
                first[rma.company_id] = Warehouse.search(
                    [("company_id", "=", rma.company_id.id)], limit=1
                )
            rma.warehouse_id = delivered_sudo[:1] or first[rma.company_id]

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for rma in self:
            rma.access_url = f"/my/returns/{rma.id}"
        return result

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
        return super().write(vals)

    def _step(self, vals):
        """Write the facts of a transition."""
        return self._by_method().write(vals)
