from odoo import api, fields, models
from odoo.fields import Domain

AGENT = "aftersales_service.aftersales_service_group_agent"
LEAD = "aftersales_quality.aftersales_quality_group_lead"
FACTS = frozenset(
    {
        "name",
        "state",
        "deadline",
        "answered_by_id",
        "date_answered",
        "tell_deadline",
        "date_told",
        "late_told",
        "rating_id",
        "callback_id",
    }
)
# What stays as it was once the customer was answered.
SAID = frozenset({"kind", "description", "partner_id", "answer", "company_id"})
# What the desk and quality decide.
ROUTED = frozenset({"owner_id", "department_id", "raised_by_id", "company_id"})
OPEN_STATES = ("open", "answered")


class AftersalesOpinion(models.Model):
    """What customers and own people suggest, ask, wish or praise (R97).

    It is answered by its owner within the days that the company gives to wishes; the
    customer is told on the very day the answer is known.
    """

    _name = "aftersales.opinion"
    _description = "Suggestion or Consultation"
    _inherit = [
        "aftersales.document.mixin",
        "aftersales.archive.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _facts = FACTS
    _kept_states = ("done",)
    _order = "is_urgent desc, date desc, id desc"
    _rec_names_search = ["name", "description"]
    _check_company_auto = True
    _mail_post_access = "read"
    _step_access = "read"

    kind = fields.Selection(
        selection=[
            ("suggestion", "Suggestion"),
            ("consultation", "Consultation"),
            ("wish", "Wish"),
            ("praise", "Praise"),
        ],
        string="Kind of Opinion",
        required=True,
        default="suggestion",
        tracking=True,
    )
    source = fields.Selection(
        selection=[
            ("customer", "Customer"),
            ("staff", "Own People"),
        ],
        string="Comes from",
        compute="_compute_source",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    channel = fields.Selection(
        selection=[
            ("phone", "Phone"),
            ("card", "Evaluation Card"),
            ("callback", "Callback"),
            ("visit", "Visit"),
            ("mail", "Mail"),
            ("portal", "Portal"),
            ("inside", "In the House"),
        ],
        string="Received by",
        required=True,
        default="phone",
    )
    date = fields.Datetime(
        string="Received on", required=True, default=fields.Datetime.now, copy=False
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        index="btree_not_null",
        check_company=True,
    )
    contact_name = fields.Char(string="Who Said It")
    contact_phone = fields.Char(string="Phone")
    contact_email = fields.Char(string="Email")
    raised_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Noted by",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.user,
        copy=False,
    )
    description = fields.Text(string="What Was Said", required=True)
    product_id = fields.Many2one(
        comodel_name="product.product",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket", index="btree_not_null", check_company=True
    )
    rating_id = fields.Many2one(
        comodel_name="rating.rating",
        string="Evaluation",
        readonly=True,
        copy=False,
        groups=f"{AGENT},{LEAD}",
    )
    callback_id = fields.Many2one(
        comodel_name="aftersales.callback",
        readonly=True,
        index="btree_not_null",
        copy=False,
    )
    is_urgent = fields.Boolean(
        string="Urgent", tracking=True, help="The leads are told at once."
    )
    department_id = fields.Many2one(
        comodel_name="hr.department",
        index="btree_not_null",
        check_company=True,
        tracking=True,
        help="Whose affair it is; its head answers unless somebody else is named.",
    )
    owner_id = fields.Many2one(
        comodel_name="res.users",
        string="To Be Answered by",
        compute="_compute_owner_id",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    deadline = fields.Datetime(
        string="Answer Due",
        readonly=True,
        copy=False,
        help="End of the day on which there is an answer.",
    )
    answer = fields.Text(copy=False, help="What the customer is told.")
    answered_by_id = fields.Many2one(
        comodel_name="res.users", string="Answered by", readonly=True, copy=False
    )
    date_answered = fields.Datetime(string="Answered on", readonly=True, copy=False)
    tell_deadline = fields.Datetime(
        string="Customer Told by",
        readonly=True,
        copy=False,
        help="End of the day on which the answer became known.",
    )
    date_told = fields.Datetime(string="Told on", readonly=True, copy=False)
    late_told = fields.Boolean(readonly=True, copy=False)
    is_useful = fields.Boolean(
        string="Useful", tracking=True, help="Collected in the list of useful ones."
    )
    useful_note = fields.Text(string="What Becomes of It")
    state = fields.Selection(
        selection=[
            ("open", "Open"),
            ("answered", "To Be Told"),
            ("done", "Done"),
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
    is_late = fields.Boolean(
        string="Overdue", compute="_compute_is_late", search="_search_is_late"
    )
    can_route = fields.Boolean(compute="_compute_can")
    can_answer = fields.Boolean(compute="_compute_can")
    can_tell = fields.Boolean(compute="_compute_can")
    can_cancel = fields.Boolean(compute="_compute_can")

    _card_unique = models.UniqueIndex(
        "(rating_id) WHERE rating_id IS NOT NULL", "A card is noted once."
    )
    _callback_unique = models.UniqueIndex(
        "(callback_id) WHERE callback_id IS NOT NULL", "A callback is noted once."
    )
    _open_idx = models.Index("(company_id, deadline) WHERE state = 'open'")
    _answered_idx = models.Index("(company_id, tell_deadline) WHERE state = 'answered'")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("partner_id", "channel")
    def _compute_source(self):
        for opinion in self:
            inside = opinion.channel == "inside" and not opinion.partner_id
            opinion.source = "staff" if inside else "customer"

    @api.depends("department_id", "company_id")
    def _compute_owner_id(self):
        """The head of the department, else the supervisor of the desk."""
        for opinion in self:
            # Who leads a department is kept in the personnel records.
            head = opinion.department_id.sudo().manager_id.user_id
            if head:
                opinion.owner_id = head
            elif not opinion.owner_id:
                opinion.owner_id = (
                    opinion.company_id
                    and opinion.company_id._aftersales_supervisor()
                    or opinion.company_id.sudo().aftersales_quality_lead_id  # likewise
                )

    @api.depends("state", "deadline", "tell_deadline")
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for opinion in self:
            limits = {"open": opinion.deadline, "answered": opinion.tell_deadline}
            limit = limits.get(opinion.state)
            opinion.is_late = bool(limit) and limit < now

    @api.model
    def _search_is_late(self, operator, value):
        if operator != "in" or list(value) != [True]:
            return NotImplemented
        return self._get_late_domain()

    @api.model
    def _get_late_domain(self):
        now = fields.Datetime.now()
        return (Domain("state", "=", "open") & Domain("deadline", "<", now)) | (
            Domain("state", "=", "answered") & Domain("tell_deadline", "<", now)
        )

    @api.model
    def _is_desk(self):
        """Tell whether the user works on everybody's opinions."""
        user = self.env.user
        return self.env.su or user.has_group(AGENT) or user.has_group(LEAD)

    @api.depends("state", "owner_id", "callback_id")
    @api.depends_context("uid", "su")
    def _compute_can(self):
        user, desk = self.env.user, self._is_desk()
        for opinion in self:
            # Wishes from callbacks are answered there.
            free = not opinion.callback_id
            mine = desk or opinion.owner_id == user
            opinion.can_route = desk and opinion.state == "open"
            opinion.can_answer = mine and free and opinion.state == "open"
            opinion.can_tell = mine and free and opinion.state == "answered"
            opinion.can_cancel = desk and free and opinion.state in OPEN_STATES

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
            if not self._is_desk():
                # Nobody notes in somebody else's name.
                vals["raised_by_id"] = self.env.uid
        self._number(vals_list)
        opinions = super().create(vals_list)
        for company, noted in opinions.grouped("company_id").items():
            days = company.sudo().aftersales_wish_days  # no secret
            noted._by_method().write({"deadline": company._aftersales_day_end(days)})
        opinions._ask_owners()
        opinions.filtered("is_urgent")._tell_leads()
        return opinions

    def write(self, vals):
        self._ensure_no_facts(vals)
        if not self._is_by_method():
            self._ensure_editable(vals)
        moved = urgent = self.browse()
        if "owner_id" in vals or "department_id" in vals:
            before = {opinion: opinion.owner_id for opinion in self}
            moved = self.filtered(lambda opinion: opinion.state == "open")
        if vals.get("is_urgent"):
            urgent = self.filtered(lambda opinion: not opinion.is_urgent)
        res = super().write(vals)
        if moved:
            moved.filtered(lambda o: o.owner_id != before[o])._ask_owners()
        urgent._tell_leads()
        return res

    def _ensure_editable(self, vals):
        """Refuse changes of what was answered, and by those it is not for.

        :raise UserError: naming the opinions and the way out
        """
        given = vals.keys()
        if SAID & given:
            if ended := self.filtered(lambda opinion: opinion.state != "open"):
                ended._refuse(
                    self.env._("What was answered stays as it is; note a new one.")
                )
        if self._is_desk() or not given - {"answer", "useful_note", "is_useful"}:
            return
        others = self.filtered(lambda o: o.raised_by_id != self.env.user)
        if others or given & ROUTED:
            (others or self)._refuse(
                self.env._(
                    "The desk or quality changes and routes opinions; owners answer."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_open(self):
        """What was answered is a record."""
        if kept := self.filtered(lambda opinion: opinion.state != "open"):
            kept._refuse(self.env._("Only open opinions are deleted."))
