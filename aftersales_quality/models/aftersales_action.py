from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

LEAD = "aftersales_quality.aftersales_quality_group_lead"
AGENT = "aftersales_service.aftersales_service_group_agent"
SUPERVISOR = "aftersales_service.aftersales_service_group_supervisor"
KINDS = [
    ("containment", "Containment"),
    ("corrective", "Corrective"),
    ("preventive", "Preventive"),
]
FACTS = frozenset(
    {
        "name",
        "state",
        "date_done",
        "done_by_id",
        "effective",
        "date_checked",
        "checked_by_id",
        "recurrence_count",
        "reminded_due",
        "overdue_told",
        "check_reminded",
    }
)
# What an owner from another department says of his action.
OWNER_FIELDS = frozenset({"evidence", "evidence_ids"})
# What a named checker from another department says of it.
CHECKER_FIELDS = frozenset({"check_note"})
# What the owner does not move himself.
TIMES = frozenset({"owner_id", "date_due", "check_date", "checker_id"})
# What stays as it was decided once the action is done, and once its effect is checked.
DECIDED = frozenset({"kind", "description", "owner_id", "date_due", "company_id"})
ABOUT = frozenset(
    {
        "cause_id",
        "product_id",
        "complaint_id",
        "nonconformity_id",
        "follow_up_of_id",
        "meeting_id",
        "date",
        "check_date",
        "evidence",
        "evidence_ids",
        "check_note",
        "checker_id",
        "cancel_reason",
    }
)


class AftersalesAction(models.Model):
    """What is done about a cause, checked for its effect later (R59, F102)."""

    _name = "aftersales.action"
    _description = "Improvement Action"
    _inherit = [
        "aftersales.document.mixin",
        "aftersales.archive.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _facts = FACTS
    _kept_states = ("closed",)
    _order = "date_due, id"
    _rec_names_search = ["name", "description"]
    _check_company_auto = True
    _mail_post_access = "read"
    _step_access = "read"

    kind = fields.Selection(
        selection=KINDS,
        required=True,
        default="corrective",
        tracking=True,
        help="Containment: nobody else is hurt meanwhile.\n"
        "Corrective: the cause is removed.\n"
        "Preventive: it cannot arise elsewhere.",
    )
    description = fields.Text(string="Measure")
    date = fields.Date(
        string="Decided on",
        required=True,
        default=lambda self: self.env.company._aftersales_today(),
        copy=False,
    )
    owner_id = fields.Many2one(
        comodel_name="res.users",
        required=True,
        index=True,
        tracking=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    date_due = fields.Date(string="Due on", tracking=True)
    evidence = fields.Text(
        copy=False, help="What shows that it was done: drawing, record, training."
    )
    evidence_ids = fields.Many2many(
        comodel_name="ir.attachment",
        relation="aftersales_action_evidence_rel",
        string="Evidence Files",
        copy=False,
    )
    date_done = fields.Date(string="Done on", readonly=True, copy=False)
    done_by_id = fields.Many2one(
        comodel_name="res.users", string="Reported by", readonly=True, copy=False
    )

    # ------------------------------------------------------------
    # Effect
    # ------------------------------------------------------------
    check_date = fields.Date(
        string="Effect Check on",
        compute="_compute_check_date",
        store=True,
        readonly=False,
        tracking=True,
        copy=False,
        help="When it shows whether the action helps: the set time after it was done, "
        "unless quality chooses another day.",
    )
    checker_id = fields.Many2one(
        comodel_name="res.users",
        string="To Be Checked by",
        index="btree_not_null",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Not the owner; the quality lead when empty.",
    )
    check_note = fields.Text(
        string="What the Check Showed", copy=False, help="Evidence of the effect."
    )
    check_ids = fields.One2many(
        comodel_name="aftersales.action.check",
        inverse_name="action_id",
        string="Effect Checks",
        readonly=True,
    )
    effective = fields.Selection(
        selection=[("yes", "Effective"), ("no", "Not Effective")],
        string="Effect",
        readonly=True,
        tracking=True,
        copy=False,
    )
    date_checked = fields.Datetime(string="Checked on", readonly=True, copy=False)
    checked_by_id = fields.Many2one(
        comodel_name="res.users", string="Checked by", readonly=True, copy=False
    )
    follow_up_of_id = fields.Many2one(
        comodel_name="aftersales.action",
        string="Follow-up of",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        copy=False,
        help="The action that did not help.",
    )
    follow_up_ids = fields.One2many(
        comodel_name="aftersales.action",
        inverse_name="follow_up_of_id",
        string="Follow-ups",
    )
    recurrence_count = fields.Integer(
        string="Recurrences",
        readonly=True,
        copy=False,
        help="How often the cause came again after the action was found effective.",
    )
    state = fields.Selection(
        selection=[
            ("open", "Open"),
            ("done", "Done"),
            ("closed", "Checked"),
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
    cancel_reason = fields.Text(copy=False)

    # ------------------------------------------------------------
    # About
    # ------------------------------------------------------------
    cause_id = fields.Many2one(
        comodel_name="aftersales.cause",
        compute="_compute_cause_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    cause_name = fields.Char(related="cause_id.name", string="Cause in Short")
    case_label = fields.Char(
        string="Case",
        compute="_compute_case_label",
        compute_sudo=True,
        help="Complaint or nonconformity it is about.",
    )
    department_id = fields.Many2one(
        related="cause_id.department_id", store=True, index="btree_not_null"
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="When the action is about one product: the cause counts as recurred only "
        "there.",
    )
    complaint_id = fields.Many2one(
        comodel_name="aftersales.complaint",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    nonconformity_id = fields.Many2one(
        comodel_name="aftersales.nonconformity",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    meeting_id = fields.Many2one(
        comodel_name="aftersales.meeting",
        string="Decided in",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        copy=False,
    )
    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    is_check_due = fields.Boolean(
        string="Effect Check Due",
        compute="_compute_is_overdue",
        search="_search_is_check_due",
    )
    can_edit = fields.Boolean(compute="_compute_can_edit")
    can_plan = fields.Boolean(compute="_compute_can_edit")

    _open_idx = models.Index("(company_id, date_due) WHERE state = 'open'")
    _check_idx = models.Index("(company_id, check_date) WHERE state = 'done'")
    _watched_idx = models.Index(
        "(cause_id, date_checked) WHERE state = 'closed' AND effective = 'yes'"
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("complaint_id", "nonconformity_id", "meeting_id", "follow_up_of_id")
    def _compute_cause_id(self):
        """The cause of what the action is about, unless another one was chosen."""
        for action in self:
            action.cause_id = (
                action.cause_id
                or action.nonconformity_id.cause_id
                or action.complaint_id.cause_id
                or action.meeting_id.cause_id
                or action.follow_up_of_id.cause_id
            )

    @api.depends("complaint_id.name", "nonconformity_id.name")
    def _compute_case_label(self):
        for action in self:
            action.case_label = action.nonconformity_id.name or action.complaint_id.name

    @api.depends("date_done", "kind", "state")
    def _compute_check_date(self):
        for action in self:
            if action.state == "open":
                # Counted again from the day on which it is done.
                action.check_date = False
            elif action.date_done and not action.check_date:
                action.check_date = action.date_done + timedelta(
                    days=action._get_check_days()
                )

    @api.depends("state", "date_due", "check_date", "company_id")
    def _compute_is_overdue(self):
        days = {company: company._aftersales_today() for company in self.company_id}
        for action in self:
            today = days.get(action.company_id)
            due, check = action.date_due, action.check_date
            action.is_overdue = action.state == "open" and bool(due and due < today)
            action.is_check_due = action.state == "done" and bool(
                check and check <= today
            )

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_day_domain("open", "date_due", "<")

    @api.model
    def _search_is_check_due(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_day_domain("done", "check_date", "<=")

    @api.model
    def _get_day_domain(self, state, field, operator):
        """Domain of actions of a state whose day has come where the company works."""
        return Domain("state", "=", state) & Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain(field, operator, company._aftersales_today())
            for company in self.env.companies
        )

    @api.depends("state", "owner_id")
    @api.depends_context("uid", "su")
    def _compute_can_edit(self):
        """The desk and quality edit actions; times are not the owner's to move."""
        desk, plans = self._is_desk(), self._is_planner()
        for action in self:
            is_open = action.state == "open" or not action.id
            action.can_edit = is_open and desk
            action.can_plan = plans or action.can_edit and not action._is_own()

    def _is_own(self):
        """Tell whether the user is the owner of a registered action."""
        return bool(self.id) and self.owner_id == self.env.user

    @api.model
    def _is_desk(self):
        """Tell whether the user decides on actions, not only does his own."""
        user = self.env.user
        return self.env.su or user.has_group(AGENT) or user.has_group(LEAD)

    @api.model
    def _is_planner(self):
        """Tell whether the user may move the times of actions, his own, too."""
        user = self.env.user
        return self.env.su or user.has_group(SUPERVISOR) or user.has_group(LEAD)

    def _get_check_days(self):
        """Return how many days after doing it the effect is looked at (hook)."""
        self.ensure_one()
        if self.kind == "containment":
            return 0
        # How long to wait is no secret.
        return self.sudo().company_id.aftersales_action_check_days

    @api.constrains("follow_up_of_id")
    def _check_follow_up(self):
        if self._has_cycle("follow_up_of_id"):
            raise ValidationError(
                self.env._(
                    "An action cannot follow up itself; choose the one that did not help."
                )
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        self._number(vals_list)
        actions = super().create(vals_list)
        actions._link_evidence()
        actions._tell_owners()
        return actions

    def write(self, vals):
        self._ensure_no_facts(vals)
        if not self._is_by_method():
            self._ensure_editable(vals)
        moved = self.browse()
        if "owner_id" in vals:
            moved = self.filtered(lambda action: action.owner_id.id != vals["owner_id"])
        res = super().write(vals)
        if "evidence_ids" in vals:
            self._link_evidence()
        moved._tell_owners()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_open(self):
        """What was done or checked is a record."""
        kept = self.filtered(lambda action: action.state != "open" or action.check_ids)
        if kept:
            kept._refuse(
                self.env._(
                    "Only open actions that were never done are deleted; cancel the "
                    "action with its reason instead."
                )
            )

    def _ensure_editable(self, vals):
        """Refuse changes of what is decided, and by those who only do it.

        :raise UserError: naming the actions, the fields and the way out
        """
        given = vals.keys() & (DECIDED | ABOUT)
        desk, planner = self._is_desk(), self._is_planner()
        refused, fields_refused = self.browse(), set()
        for action in self:
            names, own = action._get_fixed_fields(), action._is_own()
            if own:
                names |= {"check_note"}
            if not desk:
                names |= (DECIDED | ABOUT) - action._get_own_fields()
            elif not planner and own:
                names |= TIMES
            if touched := {
                name for name in given & names if action._get_change(name, vals[name])
            }:
                refused += action
                fields_refused |= touched
        if not refused:
            return
        described = self.fields_get(sorted(fields_refused), ["string"])
        refused._refuse(
            self.env._(
                "You cannot change these fields now: %s. Owners say what they did, "
                "checkers what they saw; quality or a supervisor moves times while the "
                "action is open. What was checked stays as it is.",
                ", ".join(text["string"] for text in described.values()),
            )
        )

    def _get_own_fields(self):
        """Return what the user writes on the action of another department."""
        if self._is_own():
            return OWNER_FIELDS
        return CHECKER_FIELDS if self.checker_id == self.env.user else frozenset()

    def _get_fixed_fields(self):
        """Return what nobody changes any more in this state."""
        self.ensure_one()
        if self.state == "open":
            return set()
        if self.state == "done":
            return set(DECIDED)
        return set(DECIDED | ABOUT)

    def _link_evidence(self):
        """Let whoever sees the action see its files."""
        for action in self:
            files = action.evidence_ids.filtered(
                lambda file: file.res_model in (False, "mail.compose.message")
                or not file.res_id
            )
            if files:
                # They were uploaded for this very action and hang nowhere else.
                files.sudo().write({"res_model": action._name, "res_id": action.id})

    def _get_strict(self):
        """Return the actions of companies that demand texts and proofs."""
        # What a company demands is no secret.
        companies_sudo = self.sudo().company_id
        strict = companies_sudo.filtered("aftersales_complaint_records")
        return self.filtered(lambda action: action.company_id.id in strict.ids)

    def _ensure_named(self, names, way_out):
        """Refuse a step for actions of strict companies without one of these fields.

        :param names: fields of which one is enough
        :raise UserError: naming the actions and the way out
        """
        silent = self._get_strict().filtered(
            lambda action: not any(action[name] for name in names)
        )
        if silent:
            silent._refuse(way_out)
