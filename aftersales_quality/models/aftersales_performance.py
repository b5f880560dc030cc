from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .aftersales_performance_criterion import ROLES
from .aftersales_performance_part_mixin import select_known_mean

IDENTITY = frozenset({"employee_id", "company_id", "month"})
# Measured from the records of the month.
FIGURES = frozenset(
    {
        "role",
        "team_id",
        "line_ids",
        "pay_ids",
        "score",
        "is_scored",
        "visit_count",
        "failed_count",
        "feedback_count",
        "feedback_missing",
        "complaint_count",
        "work_hours",
        "travel_hours",
        "on_probation",
        "compose_date",
    }
)
FACTS = (
    IDENTITY
    | FIGURES
    | {
        "state",
        "check_date",
        "checked_by_id",
        "approve_date",
        "approved_by_id",
        "reopen_reason",
    }
)
# What talking about a locked sheet writes.
TALK = ("message_", "activity_", "website_message_")


class AftersalesPerformance(models.Model):
    """Month sheet of one employee: what he did, measured from records (R65)."""

    _name = "aftersales.performance"
    _description = "Month Sheet"
    _inherit = [
        "aftersales.fact.mixin",
        "aftersales.archive.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _facts = FACTS
    _kept_states = ("approved",)
    _given_at_creation = IDENTITY
    _order = "month desc, team_id, role, id"
    _check_company_auto = True
    _mail_post_access = "read"

    # ------------------------------------------------------------
    # Whose sheet
    # ------------------------------------------------------------
    employee_id = fields.Many2one(
        comodel_name="hr.employee",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    user_id = fields.Many2one(
        related="employee_id.user_id", store=True, index=True, string="User"
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    month = fields.Date(
        string="First Day",
        required=True,
        index=True,
        default=lambda self: self._default_month(),
        help="First day of the month.",
    )
    month_text = fields.Char(string="Month", compute="_compute_month_text")
    role = fields.Selection(
        selection=ROLES,
        default="technician",
        required=True,
        readonly=True,
        help="Who leads a team is measured by the work of the whole team.",
    )
    team_id = fields.Many2one(
        comodel_name="aftersales.team",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The team he leads or is in, else that of most of his visits, else the "
        "first one; its leader checks the sheet.",
    )

    # ------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------
    line_ids = fields.One2many(
        comodel_name="aftersales.performance.line",
        inverse_name="performance_id",
        string="Criteria",
        readonly=True,
    )
    pay_ids = fields.One2many(
        comodel_name="aftersales.performance.pay",
        inverse_name="performance_id",
        string="Pay Parts",
        readonly=True,
    )
    score = fields.Float(
        readonly=True,
        aggregator="avg",
        digits=(5, 1),
        help="0 to 100: mean of the points of the criteria, by their weights.",
    )
    is_scored = fields.Boolean(
        string="Has a Score",
        readonly=True,
        help="Something was measured in the month.",
    )
    left_out_text = fields.Char(
        string="Left Out",
        compute="_compute_left_out_text",
        help="Criteria of which the month has no records; the others count in full.",
    )
    visit_count = fields.Integer(
        string="Visits Done",
        readonly=True,
        help="Finished in the month, crew included.",
    )
    failed_count = fields.Integer(string="Visits Failed", readonly=True)
    feedback_count = fields.Integer(
        string="Feedback Complete",
        readonly=True,
        help="Visits whose feedback form has the work done, the customer's signature "
        "with his name, and his opinion or his evaluation card.",
    )
    feedback_missing = fields.Integer(string="Feedback Incomplete", readonly=True)
    complaint_count = fields.Integer(
        string="Verified Complaints",
        readonly=True,
        help="Found valid in the month, with this employee as responsible person.",
    )
    work_hours = fields.Float(
        readonly=True, help="On site, of the visits he answered for."
    )
    travel_hours = fields.Float(
        readonly=True, help="On the way, of the visits he answered for."
    )
    on_probation = fields.Boolean(
        readonly=True, help="A probation ran in the month: no bonus."
    )
    pay_total = fields.Monetary(
        string="Pay Parts Total",
        compute="_compute_pay_total",
        store=True,
        help="For payroll to take over; nothing is posted.",
    )
    compose_date = fields.Datetime(string="Measured on", readonly=True, copy=False)
    note = fields.Text(string="Remarks", help="What the figures do not say.")

    # ------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("checked", "Checked"),
            ("approved", "Approved"),
        ],
        default="draft",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
        copy=False,
        help="Draft: measured anew when asked; the employee does not see it yet.\n"
        "Checked: by the team leader; the employee sees it.\n"
        "Approved: by the performance officer, and locked.",
    )
    check_date = fields.Datetime(string="Checked on", readonly=True, copy=False)
    checked_by_id = fields.Many2one(
        comodel_name="res.users", string="Checked by", readonly=True, copy=False
    )
    approve_date = fields.Datetime(string="Approved on", readonly=True, copy=False)
    approved_by_id = fields.Many2one(
        comodel_name="res.users", string="Approved by", readonly=True, copy=False
    )
    reopen_reason = fields.Char(string="Reopened Because", readonly=True, copy=False)

    _month_first = models.Constraint(
        "CHECK (EXTRACT(DAY FROM month) = 1)",
        "A month sheet is of a whole month: choose its first day.",
    )
    _employee_month = models.UniqueIndex(
        "(employee_id, month, company_id)",
        "There is one month sheet for each employee and month.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.model
    def _default_month(self):
        """Return the last month that is over where the company works."""
        return self._get_first_day(self.env.company._aftersales_today(), -1)

    @api.model
    def _get_first_day(self, day, months=0):
        """Return the first day of a month, so many months away from a day."""
        return fields.Date.add(day.replace(day=1), months=months)

    @api.depends("pay_ids.amount")
    def _compute_pay_total(self):
        for sheet in self:
            sheet.pay_total = sum(sheet.pay_ids.mapped("amount"))

    @api.depends("line_ids.has_data", "line_ids.name")
    def _compute_left_out_text(self):
        for sheet in self:
            missing = sheet.line_ids.filtered(lambda line: not line.has_data)
            sheet.left_out_text = ", ".join(missing.mapped("name")) or False

    @api.depends("employee_id", "month")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for sheet in self:
            sheet.display_name = sheet._get_title()

    @api.depends("month")
    @api.depends_context("lang")
    def _compute_month_text(self):
        for sheet in self:
            sheet.month_text = sheet.month and format_date(
                self.env, sheet.month, date_format="MMMM y"
            )

    def _get_title(self):
        """Return whose sheet of which month it is."""
        self.ensure_one()
        # The name of a colleague is no secret.
        name = self.employee_id.sudo().name
        return " · ".join(part for part in (name, self.month_text) if part)

    def _get_statistics(self):
        """Return the sheets for the printed statistics, a page for each month.

        :return: list of dicts with company, title and sheets
        """
        return [
            {
                "company": company,
                "title": format_date(self.env, month, date_format="MMMM y"),
                "sheets": sheets.sorted(lambda sheet: sheet.employee_id.name),
            }
            for (company, month), sheets in self.grouped(
                lambda sheet: (sheet.company_id, sheet.month)
            ).items()
        ]

    def action_view_visits(self):
        """Open the visits that were finished in the month."""
        self.ensure_one()
        self.check_access("read")
        model, ids = self._find_records("feedback", False, own=True)
        return self.line_ids._open(model, ids, self._get_title())

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Leave sheets without any measure out of the mean."""
        if aggregate_spec == "score:avg":
            return select_known_mean(self, aggregate_spec, query, "is_scored")
        return super()._read_group_select(aggregate_spec, query)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Make month sheets and measure them.

        :raise UserError: for figures that are typed, and months that have not begun
        """
        for vals in vals_list:
            self._ensure_no_facts(vals)
        sheets = super().create(vals_list)
        sheets._ensure_begun()
        sheets._compose()
        return sheets

    def write(self, vals):
        self._ensure_no_facts(vals)
        if not self._is_by_method() and not all(name.startswith(TALK) for name in vals):
            self._ensure_not_locked()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        """Keep what was checked."""
        if kept := self.filtered(lambda sheet: sheet.state != "draft"):
            kept._refuse(
                self.env._(
                    "A checked month sheet is kept. The performance officer reopens it "
                    "when it is wrong."
                )
            )

    def _ensure_begun(self):
        """Refuse sheets of months to come.

        :raise UserError: naming the sheets
        """
        future = self.filtered(
            lambda sheet: sheet.month > sheet.company_id._aftersales_today()
        )
        if future:
            raise UserError(
                self.env._(
                    "Nothing is measured in a month to come: %s",
                    ", ".join(future.mapped("display_name")),
                )
            )

    def _ensure_not_locked(self):
        """Refuse changes of approved sheets.

        :raise UserError: naming the sheets and the way out
        """
        if locked := self.filtered(lambda sheet: sheet.state == "approved"):
            locked._refuse(
                self.env._(
                    "The month is approved and locked. The performance officer reopens "
                    "it with a reason when it has to change."
                )
            )
