from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

AGENT = "aftersales_service.aftersales_service_group_agent"
SUPERVISOR = "aftersales_service.aftersales_service_group_supervisor"

# Composed from the records of the day; people add their remarks.
FACTS = frozenset(
    {
        "kind",
        "company_id",
        "date",
        "employee_id",
        "team_id",
        "state",
        "confirm_date",
        "confirmed_by_id",
        "compose_date",
        "line_ids",
        "technician_line_ids",
        "job_line_ids",
        "visit_count",
        "done_count",
        "failed_count",
        "late_count",
        "first_fix_count",
        "work_hours",
        "travel_hours",
        "internal_hours",
        "later_hours",
        "has_calendar",
        "hours_available",
        "open_count",
        "postponed_count",
        "unresolved_count",
        "overdue_count",
        "bad_card_count",
        "hazard_count",
        "technician_count",
        "unconfirmed_told",
    }
)


class AftersalesDailyReport(models.Model):
    """What a technician, or a team, did on one day, from the records (R05, R30)."""

    _name = "aftersales.daily.report"
    _description = "Daily Report"
    _inherit = ["aftersales.fact.mixin", "mail.thread", "mail.activity.mixin"]
    _facts = FACTS
    _order = "date desc, kind desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    kind = fields.Selection(
        selection=[("technician", "Technician"), ("team", "Team")],
        required=True,
        default="technician",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    date = fields.Date(
        string="Day",
        required=True,
        default=lambda self: self.env.company._aftersales_today(),
        help="Where the company works.",
    )
    employee_id = fields.Many2one(
        comodel_name="hr.employee",
        string="Technician",
        index="btree_not_null",
        ondelete="restrict",
    )
    user_id = fields.Many2one(related="employee_id.user_id", store=True, index=True)
    team_id = fields.Many2one(
        comodel_name="aftersales.team",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    state = fields.Selection(
        selection=[("draft", "To Confirm"), ("confirmed", "Confirmed")],
        required=True,
        default="draft",
        help="To Confirm: follows the records of the day.\n"
        "Confirmed: stays as it is; what is noted later is shown as such.",
    )
    note = fields.Text(string="Remarks", help="What the records do not say.")
    confirm_date = fields.Datetime(string="Confirmed on", readonly=True)
    confirmed_by_id = fields.Many2one(
        comodel_name="res.users", string="Confirmed by", readonly=True
    )
    compose_date = fields.Datetime(string="Composed on", readonly=True)
    line_ids = fields.One2many(
        comodel_name="aftersales.daily.report.line",
        inverse_name="report_id",
        readonly=True,
    )

    technician_line_ids = fields.One2many(
        comodel_name="aftersales.daily.report.line",
        inverse_name="report_id",
        domain=[("section", "=", "technician")],
        string="Technicians",
        readonly=True,
    )
    job_line_ids = fields.One2many(
        comodel_name="aftersales.daily.report.line",
        inverse_name="report_id",
        domain=[("section", "!=", "technician")],
        string="Jobs",
        readonly=True,
    )

    # ------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------
    visit_count = fields.Integer(string="Visits", readonly=True)
    done_count = fields.Integer(string="Visits Done", readonly=True)
    failed_count = fields.Integer(string="Visits Failed", readonly=True)
    late_count = fields.Integer(
        string="Late Arrivals",
        readonly=True,
        help="Later than the agreed time and the minutes of grace.",
    )
    first_fix_count = fields.Integer(
        string="Solved at the First Visit",
        readonly=True,
        help="As of now: whether it holds is told when the days to look back are over.",
    )
    work_hours = fields.Float(
        readonly=True, help="At customers' and on tickets in the workshop."
    )
    travel_hours = fields.Float(readonly=True)
    internal_hours = fields.Float(
        readonly=True, help="Labour on internal tickets; no customer, no payer."
    )
    later_hours = fields.Float(
        string="Noted Later (Hours)",
        readonly=True,
        help="Work and travel noted after the report was confirmed.",
    )
    total_hours = fields.Float(
        string="Work and Travel",
        compute="_compute_total_hours",
        store=True,
        help="Also what was noted later.",
    )
    has_calendar = fields.Boolean(
        readonly=True,
        help="Without working hours of the technician there is no utilisation.",
    )
    hours_available = fields.Float(
        string="Working Time",
        readonly=True,
        help="By his calendar, without holidays and leaves.",
    )
    utilisation = fields.Float(
        compute="_compute_utilisation",
        aggregator="avg",
        help="Work and travel by working time, of technicians with working hours.",
    )
    open_count = fields.Integer(string="Jobs Left Open", readonly=True)
    postponed_count = fields.Integer(string="Postponed", readonly=True)
    unresolved_count = fields.Integer(string="Unresolved Tickets", readonly=True)
    overdue_count = fields.Integer(string="Late Tickets", readonly=True)
    bad_card_count = fields.Integer(string="Bad Evaluations", readonly=True)
    hazard_count = fields.Integer(string="Hazards Found", readonly=True)
    technician_count = fields.Integer(string="Technicians at Work", readonly=True)
    unconfirmed_told = fields.Boolean(readonly=True)
    can_confirm = fields.Boolean(compute="_compute_can_confirm")
    has_later = fields.Boolean(compute="_compute_has_later")

    _one_of_a_day = models.UniqueIndex(
        "(employee_id, date) WHERE kind = 'technician'",
        "A technician has one report a day.",
    )
    _one_of_a_team = models.UniqueIndex(
        "(team_id, date) WHERE kind = 'team'", "A team has one report a day."
    )
    _somebody = models.Constraint(
        "CHECK (CASE kind WHEN 'technician' THEN employee_id ELSE team_id END "
        "IS NOT NULL)",
        "A daily report names its technician, or its team.",
    )
    _day_idx = models.Index("(company_id, date)")
    _unconfirmed_idx = models.Index(
        "(company_id, date) WHERE kind = 'technician' AND state = 'draft'"
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("kind", "date", "employee_id", "team_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for report in self:
            who = report.employee_id if report.kind == "technician" else report.team_id
            day = report.date and format_date(self.env, report.date)
            # The name of a colleague is no secret.
            report.display_name = " · ".join(filter(None, (who.sudo().name, day)))

    @api.depends("work_hours", "travel_hours", "later_hours")
    def _compute_total_hours(self):
        for report in self:
            report.total_hours = (
                report.work_hours + report.travel_hours + report.later_hours
            )

    @api.depends("total_hours", "has_calendar", "hours_available")
    def _compute_utilisation(self):
        for report in self:
            known = report.has_calendar and report.hours_available
            report.utilisation = known and report.total_hours / report.hours_available

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Aggregate the utilisation as sum by sum, not as a mean of the days."""
        if aggregate_spec != "utilisation:avg":
            return super()._read_group_select(aggregate_spec, query)
        total, available, known = (
            self._field_to_sql(self._table, field, query)
            for field in ("total_hours", "hours_available", "has_calendar")
        )
        return SQL(
            "SUM(%(total)s) FILTER (WHERE %(known)s) "
            "/ NULLIF(SUM(%(available)s) FILTER (WHERE %(known)s), 0)",
            total=total,
            available=available,
            known=known,
        )

    @api.depends("state", "kind", "user_id")
    @api.depends_context("uid", "su")
    def _compute_can_confirm(self):
        """Tell who confirms: the technician, the desk for those without a user."""
        user = self.env.user
        is_agent = self.env.su or user.has_group(AGENT)
        is_supervisor = self.env.su or user.has_group(SUPERVISOR)
        for report in self:
            own = report.user_id == user or (is_agent and not report.user_id)
            report.can_confirm = (
                report.kind == "technician"
                and report.state == "draft"
                and (own or is_supervisor)
            )

    @api.depends("line_ids.noted_later")
    def _compute_has_later(self):
        for report in self:
            report.has_later = any(report.line_ids.mapped("noted_later"))

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def write(self, vals):
        self._ensure_no_facts(vals)
        if "note" in vals and not self._is_by_method():
            if signed := self.filtered(
                lambda report: report.kind == "technician"
                and report.state == "confirmed"
            ):
                raise UserError(
                    self.env._(
                        "%s: what is confirmed stays. Write a message below instead.",
                        ", ".join(signed.mapped("display_name")),
                    )
                )
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_by_method():
            raise UserError(
                self.env._(
                    "Daily reports are composed from the records of the day: open "
                    "today's with My Day, the others are made in the evening."
                )
            )
        return super().create(vals_list)

    def action_confirm(self):
        """Confirm what the day's records say; they are read once more before (R05).

        :raise UserError: for whoever it is not to confirm, before the day, or when
            more than 24 hours were noted
        """
        self.check_access("write")
        if refused := self.filtered(lambda report: not report.can_confirm):
            raise UserError(
                self.env._(
                    "%s: reports are confirmed once, by the technician, by the desk for "
                    "technicians without a user, or by a supervisor.",
                    ", ".join(refused.mapped("display_name")),
                )
            )
        self._recompose()
        for report in self:
            hours = report.work_hours + report.travel_hours + report.internal_hours
            if hours > 24:
                raise UserError(
                    self.env._(
                        "%(report)s has %(hours)s hours, a day has 24: mend the times "
                        "of the visits first.",
                        report=report.display_name,
                        hours=f"{hours:.1f}",
                    )
                )
        self._by_method().write(
            {
                "state": "confirmed",
                "confirm_date": fields.Datetime.now(),
                "confirmed_by_id": self.env.uid,
            }
        )
        self._close_told()
        return True

    def action_recompose(self):
        """Read the records of the day once more."""
        self.check_access("read")
        self._recompose()
        return True

    def _recompose(self):
        """Compose these reports anew; confirmed ones show what was noted later."""
        for (company, day), reports in self.grouped(
            lambda report: (report.company_id, report.date)
        ).items():
            # As the job does in the evening: the technician's rights are enough for
            # his own records, not for the calendar.
            composer_sudo = reports.sudo()
            people = composer_sudo.filtered(lambda report: report.kind == "technician")
            composer_sudo._compose(company, day, people.employee_id)
            composer_sudo._compose_teams(
                company,
                day,
                composer_sudo.filtered(lambda report: report.kind == "team").team_id,
            )
        self.invalidate_recordset()

    @api.model
    def _get_today_action(self):
        """Open the report of today of the user, composed as of now."""
        company = self.env.company
        # Whose user one is, is for everybody to know of himself.
        employee_sudo = self.env.user.sudo().employee_ids.filtered_domain(
            [("company_id", "=", company.id), ("aftersales_technician", "=", True)]
        )[:1]
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_daily_report_action"
        )
        if not employee_sudo:
            return action
        # Composed for him as the job does in the evening.
        report_sudo = self.sudo()._compose(
            company, company._aftersales_today(), employee_sudo, always=True
        )
        return {
            **action,
            "name": self.env._("My Day"),
            "views": [(False, "form")],
            "view_mode": "form",
            "res_id": report_sudo.id,
            "context": {},
        }
