from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..tools.clock import CLOCKS

OPEN_STATES = ("new", "open", "waiting")

# Written by the transitions alone: they carry the rules.
FACTS = frozenset(
    {
        "name",
        "date_open",
        "respond_date",
        "solve_date",
        "close_date",
        "arrive_date",
        "done_date",
        "cancel_date",
        *(
            f"{clock}_{part}"
            for clock in CLOCKS
            for part in ("deadline", "warning", "hold", "missed")
        ),
        "next_deadline",
        "clock_terms",
        "reopen_count",
        "duplicate_of_id",
        "cancel_reason",
        "repair_count",
        "remedy_check_date",
        "verified_by_id",
        "to_verify",
        "maker_date",
        "order_id",
        "used_solution_ids",
        "escalated_date",
        "next_escalation",
        "open_day",
        "delay_activity_id",
        "is_repeat",
        "repeat_total",
        "repeat_count",
    }
)


class AftersalesTicket(models.Model):
    """The one case: everything that happens around one service request (R01)."""

    _name = "aftersales.ticket"
    _description = "Service Ticket"
    _inherit = [
        "aftersales.document.mixin",
        "portal.mixin",
        "mail.thread.cc",
        "mail.thread.phone",
        "mail.activity.mixin",
    ]
    _facts = FACTS
    _given_at_creation = frozenset({"name", "date_open"})
    _order = "priority desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _primary_email = "partner_email"

    # ------------------------------------------------------------
    # Register
    # ------------------------------------------------------------
    name = fields.Char(string="Ticket")
    active = fields.Boolean(default=True)
    date_open = fields.Datetime(
        string="Registered on",
        required=True,
        copy=False,
        default=fields.Datetime.now,
        help="When the customer's call reached us.",
    )
    channel = fields.Selection(
        selection=[
            ("phone", "Phone"),
            ("letter", "Letter"),
            ("fax", "Fax"),
            ("email", "Email"),
            ("visit", "Visit"),
            ("store", "Store"),
            ("portal", "Portal"),
            ("web", "Website"),
            ("qr", "QR Label"),
            ("staff", "Own Staff"),
        ],
        required=True,
        default="phone",
        tracking=True,
        help="How the call reached us. A report of our own staff is verified by the "
        "desk before work starts.",
    )
    symptom = fields.Char(required=True, tracking=True, index="trigram")
    description = fields.Html(help="What the customer says, in his own words.")
    service_kind = fields.Selection(
        selection=[
            ("paid", "A · Paid"),
            ("contract", "B · Contract"),
            ("warranty", "C · Free"),
            ("internal", "D · Internal"),
        ],
        compute="_compute_service_kind",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
        help="Who pays: A the customer, B his service contract, C the warranty, "
        "D internal work without customer.",
    )
    service_mode = fields.Selection(
        selection=[
            ("phone", "By Phone"),
            ("online", "Online"),
            ("onsite", "On Site"),
            ("workshop", "Workshop"),
        ],
        required=True,
        default="phone",
        tracking=True,
        help="How the ticket is served. Remote help is tried first.",
    )
    remote_result = fields.Selection(
        selection=[
            ("untried", "Not Tried"),
            ("solved", "Solved"),
            ("failed", "Did Not Help"),
            ("impossible", "Not Possible"),
        ],
        string="Remote Help",
        required=True,
        default="untried",
        tracking=True,
        help="What came of helping by phone or online before anybody travels.",
    )
    priority = fields.Selection(
        selection=[("0", "Normal"), ("1", "Urgent"), ("2", "Very Urgent")],
        default="0",
        index=True,
        tracking=True,
    )
    team_id = fields.Many2one(
        comodel_name="aftersales.team",
        compute="_compute_team_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        index="btree_not_null",
        tracking=True,
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        index="btree_not_null",
        copy=False,
        tracking=True,
    )

    # ------------------------------------------------------------
    # Customer and unit
    # ------------------------------------------------------------
    equipment_id = fields.Many2one(
        comodel_name="aftersales.equipment",
        string="Unit",
        check_company=True,
        index="btree_not_null",
        tracking=True,
        help="Type a serial, phone, order or voucher number.",
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        compute="_compute_from_equipment",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        index="btree_not_null",
    )
    lot_id = fields.Many2one(
        comodel_name="stock.lot",
        string="Lot/Serial",
        compute="_compute_from_equipment",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        index="btree_not_null",
    )
    serial = fields.Char(
        string="Serial Number",
        related="equipment_id.serial",
        store=True,
        index="trigram",
    )
    sale_order_id = fields.Many2one(
        comodel_name="sale.order",
        string="Sales Order",
        compute="_compute_from_equipment",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        index="btree_not_null",
        help="Order the unit was sold on.",
    )
    customer_label = fields.Char(
        string="Customer or Caller",
        compute="_compute_customer_label",
        help="The customer, or who called when he has no contact yet.",
    )
    unit_label = fields.Char(
        string="Serial or Product",
        compute="_compute_unit_label",
        help="Serial number, or the product of a unit without one.",
    )
    order_ref = fields.Char(related="equipment_id.order_ref", string="Order Number")
    dealer_id = fields.Many2one(related="equipment_id.dealer_id")
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        compute="_compute_from_equipment",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        index="btree_not_null",
        tracking=True,
    )
    site_id = fields.Many2one(
        comodel_name="res.partner",
        compute="_compute_from_equipment",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        help="Where the service is needed.",
    )
    partner_name = fields.Char(
        string="Caller",
        compute="_compute_partner_name",
        store=True,
        readonly=False,
        precompute=True,
        index="trigram",
    )
    partner_phone = fields.Char(
        string="Phone",
        compute="_compute_partner_phone",
        store=True,
        readonly=False,
        precompute=True,
    )
    partner_email = fields.Char(
        string="Email",
        compute="_compute_partner_email",
        store=True,
        readonly=False,
        precompute=True,
    )
    similar_ids = fields.Many2many(
        comodel_name="aftersales.ticket",
        string="Open Tickets of the Same Unit",
        compute="_compute_similar_ids",
    )

    # ------------------------------------------------------------
    # Progress
    # ------------------------------------------------------------
    state = fields.Selection(
        selection=[
            ("new", "New"),
            ("open", "In Progress"),
            ("waiting", "Waiting"),
            ("solved", "Solved"),
            ("closed", "Closed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="new",
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
        help="New: registered, nobody works on it yet.\n"
        "In Progress: somebody works on it.\n"
        "Waiting: for the customer, parts, a supplier or something else.\n"
        "Solved: the work is done, the customer has not confirmed yet.\n"
        "Closed: finished, kept as a record.\n"
        "Cancelled: not needed or merged into another ticket.",
    )
    waiting_reason = fields.Selection(
        selection=[
            ("customer", "Customer"),
            ("parts", "Parts"),
            ("supplier", "Supplier"),
            ("other", "Other"),
        ],
        copy=False,
        tracking=True,
    )
    cancel_reason = fields.Char(string="Cancellation Reason", copy=False, readonly=True)
    promised_date = fields.Datetime(
        string="Promised for",
        copy=False,
        tracking=True,
        help="The solution promised to the customer.",
    )
    respond_date = fields.Datetime(string="First Response", copy=False, readonly=True)
    solve_date = fields.Datetime(string="Solved on", copy=False, readonly=True)
    close_date = fields.Datetime(string="Closed on", copy=False, readonly=True)
    reopen_count = fields.Integer(string="Reopened", copy=False, readonly=True)
    resolution = fields.Text(copy=False, help="What was found and done.")
    to_verify = fields.Boolean(
        string="To Be Verified",
        copy=False,
        readonly=True,
        help="Reported by our own staff: the desk verifies it before work.",
    )
    verified_by_id = fields.Many2one(
        comodel_name="res.users", string="Verified by", copy=False, readonly=True
    )
    repeat_of_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        string="Repeats",
        check_company=True,
        index="btree_not_null",
        copy=False,
        tracking=True,
        help="Earlier ticket of the same unit and fault.",
    )
    duplicate_of_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        string="Merged into",
        check_company=True,
        index="btree_not_null",
        copy=False,
        readonly=True,
    )
    duplicate_ids = fields.One2many(
        comodel_name="aftersales.ticket",
        inverse_name="duplicate_of_id",
        string="Merged Tickets",
    )
    age = fields.Integer(
        string="Age (days)",
        compute="_compute_age",
        help="Full days since registration, to the solution when solved.",
    )

    can_open = fields.Boolean(compute="_compute_can")
    can_verify = fields.Boolean(compute="_compute_can")
    can_wait = fields.Boolean(compute="_compute_can")
    can_resume = fields.Boolean(compute="_compute_can")
    can_solve = fields.Boolean(compute="_compute_can")
    can_close = fields.Boolean(compute="_compute_can")
    can_reopen = fields.Boolean(compute="_compute_can")
    can_cancel = fields.Boolean(compute="_compute_can")

    _name_uniq = models.UniqueIndex(
        "(company_id, name) WHERE name <> '/'",
        "The ticket number must be unique per company.",
    )
    _list_idx = models.Index("(priority DESC, id DESC)")
    _open_idx = models.Index(
        "(company_id, user_id, state) "
        "WHERE active IS TRUE AND state IN ('new', 'open', 'waiting')"
    )
    # What the bars above the columns of the board count.
    _bars_idx = models.Index(
        "(company_id, state, priority) "
        "WHERE active IS TRUE AND state IN ('new', 'open', 'waiting')"
    )
    _waiting_reason_set = models.Constraint(
        "CHECK (state <> 'waiting' OR waiting_reason IS NOT NULL)",
        "A waiting ticket says what it waits for.",
    )
    _cancel_reason_set = models.Constraint(
        "CHECK (state <> 'cancelled' OR cancel_reason IS NOT NULL)",
        "A cancelled ticket says why.",
    )
    _not_own_duplicate = models.Constraint(
        "CHECK (duplicate_of_id IS NULL OR duplicate_of_id <> id)",
        "A ticket cannot be merged into itself.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.model
    def _get_open_domain(self):
        """Domain of the tickets that still need work."""
        return Domain("state", "in", OPEN_STATES)

    @api.depends("company_id")
    def _compute_team_id(self):
        teams = self.env["aftersales.team"].search_fetch(
            [("company_id", "in", self.company_id.ids)]
        )
        first = {}
        for team in teams:
            first.setdefault(team.company_id, team)
        for ticket in self:
            if not ticket.team_id or ticket.team_id.company_id != ticket.company_id:
                ticket.team_id = first.get(ticket.company_id, False)

    @api.depends("equipment_id")
    def _compute_from_equipment(self):
        for ticket in self:
            # The order is not the agent's to read, its number and link are.
            unit = ticket.equipment_id.sudo()
            if not unit:
                for field in ("partner_id", "site_id", "product_id", "lot_id"):
                    ticket[field] = ticket[field]
                ticket.sale_order_id = ticket.sale_order_id
                continue
            ticket.partner_id = unit.partner_id or ticket.partner_id
            ticket.site_id = unit.site_id or unit.partner_id or ticket.site_id
            ticket.product_id = unit.product_id
            ticket.lot_id = unit.lot_id
            ticket.sale_order_id = unit.sale_order_id

    @api.depends("partner_id.display_name", "partner_name")
    def _compute_customer_label(self):
        for ticket in self:
            customer = ticket.partner_id.display_name
            ticket.customer_label = customer or ticket.partner_name

    @api.depends("serial", "product_id.display_name")
    def _compute_unit_label(self):
        for ticket in self:
            ticket.unit_label = ticket.serial or ticket.product_id.display_name

    @api.depends("partner_id")
    def _compute_partner_name(self):
        for ticket in self:
            ticket.partner_name = ticket.partner_id.name or ticket.partner_name

    @api.depends("partner_id")
    def _compute_partner_phone(self):
        for ticket in self:
            ticket.partner_phone = ticket.partner_id.phone or ticket.partner_phone

    @api.depends("partner_id")
    def _compute_partner_email(self):
        for ticket in self:
            ticket.partner_email = ticket.partner_id.email or ticket.partner_email

    @api.depends("date_open", "solve_date")
    def _compute_age(self):
        now = fields.Datetime.now()
        for ticket in self:
            begin = ticket.date_open or now
            ticket.age = ((ticket.solve_date or now) - begin).days

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for ticket in self:
            ticket.access_url = f"/my/tickets/{ticket.id}"
        return result

    @api.model
    def _search_display_name(self, operator, value):
        """Find a ticket by number, symptom, customer, serial or phone (R01)."""
        if operator not in ("ilike", "=", "in") or not value:
            return super()._search_display_name(operator, value)
        texts = [value] if isinstance(value, str) else value
        operator = "=" if operator == "in" else operator
        return Domain.OR(
            Domain(field, operator, text)
            for text in texts
            for field in ("name", "symptom", "partner_name", "serial")
        )

    @api.depends("name", "symptom")
    def _compute_display_name(self):
        for ticket in self:
            parts = (ticket.name, ticket.symptom)
            ticket.display_name = " · ".join(part for part in parts if part)

    # ------------------------------------------------------------
    # CONSTRAINS
    # ------------------------------------------------------------

    @api.constrains(
        "service_kind", "partner_id", "partner_name", "partner_phone", "partner_email"
    )
    def _check_customer(self):
        """Every call has somebody to answer, except internal work (R01, R02)."""
        for ticket in self:
            if ticket.service_kind == "internal":
                continue
            if not (
                ticket.partner_id
                or ticket.partner_name
                or ticket.partner_phone
                or ticket.partner_email
            ):
                raise ValidationError(
                    self.env._(
                        "Ticket %s: note who called – a customer, a name, a phone "
                        "number or an address. Only internal work has no customer.",
                        ticket.name,
                    )
                )

    @api.constrains("date_open")
    def _check_date_open(self):
        """A call can be registered later than it came, not before."""
        now = fields.Datetime.now()
        if early := self.filtered(lambda ticket: ticket.date_open > now):
            raise ValidationError(
                self.env._(
                    "These tickets cannot be registered in the future: %s",
                    ", ".join(early.mapped("name")),
                )
            )

    @api.constrains("repeat_of_id", "equipment_id")
    def _check_repeat(self):
        if self.filtered("repeat_of_id")._has_cycle("repeat_of_id"):
            raise ValidationError(
                self.env._("A ticket cannot repeat itself, not even by a detour.")
            )
        for ticket in self:
            earlier = ticket.repeat_of_id
            if earlier and earlier.equipment_id != ticket.equipment_id:
                raise ValidationError(
                    self.env._(
                        "%(ticket)s repeats %(earlier)s, which concerns another unit.",
                        ticket=ticket.name,
                        earlier=earlier.display_name,
                    )
                )
