import logging
from datetime import timedelta
from zoneinfo import ZoneInfo

from psycopg2 import IntegrityError, OperationalError

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import email_normalize_all

from ..tools import period

_logger = logging.getLogger(__name__)

KINDS = [
    ("complaint_rate", "Complaint Rate"),
    ("satisfaction_half", "Satisfaction, Half-Year"),
    ("satisfaction_year", "Satisfaction, Year"),
    ("summary_month", "Monthly Summary"),
    ("summary_year", "Yearly Report"),
]
MONTHS = {
    "complaint_rate": 1,
    "satisfaction_half": 6,
    "satisfaction_year": 12,
    "summary_month": 1,
    "summary_year": 12,
}
# Those to which the supervisor adds his words before they go out (R98).
CONFIRMED = ("summary_month", "summary_year")
# Day of the month that follows, local hour: the fifth at five (R62).
DUE = {
    "complaint_rate": (5, 17.0),
    "satisfaction_half": (10, 17.0),
    "satisfaction_year": (10, 17.0),
    "summary_month": (1, 9.0),
    "summary_year": (1, 9.0),
}


class AftersalesReport(models.Model):
    """A report that a company gets by itself: which, when, and who reads it."""

    _name = "aftersales.report"
    _description = "Report by Itself"
    _order = "company_id, kind, id"
    _check_company_auto = True

    kind = fields.Selection(selection=KINDS, string="Report", required=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    active = fields.Boolean(default=True)
    date_from = fields.Date(
        string="Reported from",
        required=True,
        default=lambda self: self.env.company._aftersales_today(),
        help="A day of the first period: those missed since then are caught up, each "
        "once.",
    )
    due_day = fields.Integer(
        string="Day of the Month",
        compute="_compute_due",
        store=True,
        readonly=False,
        precompute=True,
        help="Of the month that follows.",
    )
    due_hour = fields.Float(
        string="Local Time",
        compute="_compute_due",
        store=True,
        readonly=False,
        precompute=True,
        help="Where the company works.",
    )
    first_month = fields.Integer(
        string="Year Begins in Month",
        default=1,
        required=True,
        help="The month, 1 to 12, in which the maintenance year begins.",
    )
    user_ids = fields.Many2many(
        comodel_name="res.users",
        relation="aftersales_report_user_rel",
        string="Readers",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Nobody named: the general manager, the sales director, the lead of "
        "quality and the supervisor.",
    )
    partner_ids = fields.Many2many(
        comodel_name="res.partner",
        relation="aftersales_report_partner_rel",
        string="Readers Outside",
        check_company=True,
    )
    email_to = fields.Char(
        string="Other Addresses", help="Mail addresses, with commas between."
    )
    run_ids = fields.One2many(
        comodel_name="aftersales.report.run", inverse_name="report_id", string="Runs"
    )
    next_due = fields.Datetime(string="Next on", compute="_compute_next_due")

    _kind_unique = models.UniqueIndex(
        "(company_id, kind)", "A company gets each report once."
    )
    _due_sane = models.Constraint(
        "CHECK (due_day BETWEEN 1 AND 28 AND due_hour >= 0 AND due_hour < 24 "
        "AND first_month BETWEEN 1 AND 12)",
        "A report is due on the 1st to the 28th, at an hour of the day, and a year "
        "begins in month 1 to 12.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("kind")
    def _compute_due(self):
        for report in self:
            day, hour = DUE.get(report.kind, (1, 9.0))
            report.due_day, report.due_hour = day, hour

    @api.depends("kind", "company_id.name")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for report in self:
            report.display_name = kinds.get(report.kind, "")

    @api.depends("kind", "date_from", "due_day", "due_hour", "first_month", "run_ids")
    def _compute_next_due(self):
        latest = dict(
            self.env["aftersales.report.run"]._read_group(
                [("report_id", "in", self.ids)], ["report_id"], ["period_start:max"]
            )
        )
        for report in self:
            if not (report.kind and report.date_from):
                report.next_due = False
                continue
            months = MONTHS[report.kind]
            start = period.start_of(report.date_from, months, report.first_month)
            if last := latest.get(report._origin):
                start = max(start, period.end_of(last, months) + timedelta(days=1))
            report.next_due = report._get_due(start)

    @api.constrains("email_to")
    def _check_email_to(self):
        for report in self:
            if report.email_to and len(email_normalize_all(report.email_to)) != len(
                report._split_addresses()
            ):
                raise ValidationError(
                    self.env._(
                        "These are not all mail addresses, with commas between: %s",
                        report.email_to,
                    )
                )

    def _split_addresses(self):
        self.ensure_one()
        parts = (part.strip() for part in (self.email_to or "").split(","))
        return [part for part in parts if part]

    def _get_due(self, start):
        """Return when the report of a period falls due, as naive UTC."""
        self.ensure_one()
        local = period.due_moment(start, MONTHS[self.kind], self.due_day, self.due_hour)
        # The time zone of a company is no secret.
        zone = ZoneInfo(self.company_id.sudo().partner_id.tz or "UTC")
        moment = local.replace(tzinfo=zone).astimezone(ZoneInfo("UTC"))
        return moment.replace(tzinfo=None)

    # ------------------------------------------------------------
    # REGISTER
    # ------------------------------------------------------------

    @api.model
    def _ensure_reports(self, companies):
        """Give companies the reports they do not have yet, also archived ones."""
        # Made for the company, by whoever comes first.
        Report = self.sudo().with_context(active_test=False)
        known = {
            (report.company_id, report.kind)
            for report in Report.search([("company_id", "in", companies.ids)])
        }
        return Report.create(
            [
                {
                    "company_id": company.id,
                    "kind": kind,
                    "date_from": company._aftersales_today(),
                }
                for company in companies
                for kind, _title in KINDS
                if (company, kind) not in known
            ]
        )

    @api.model
    def _get_register_action(self):
        """Return the action that shows the reports of the company and their readers."""
        self.check_access("read")
        self._ensure_reports(self.env.company)
        return self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_quality.aftersales_report_action"
        )

    def _get_missing_starts(self):
        """Return the periods that are due and have no run, the oldest first."""
        self.ensure_one()
        done = set(
            self.env["aftersales.report.run"]
            .search_fetch([("report_id", "=", self.id)], ["period_start"])
            .mapped("period_start")
        )
        starts = period.due_starts(
            self.date_from,
            self.company_id._aftersales_now(),
            MONTHS[self.kind],
            self.first_month,
            self.due_day,
            self.due_hour,
        )
        return [start for start in starts if start not in done]

    def _make_due(self):
        """Make the runs of these reports that are due, in this transaction."""
        Run = self.env["aftersales.report.run"]
        for report in self:
            for start in report._get_missing_starts():
                Run._make(report, start)

    # ------------------------------------------------------------
    # SCHEDULED
    # ------------------------------------------------------------

    @api.model
    def _cron_report(self):
        """Make the reports that are due, and those that were missed, each once.

        Safe in two processes at once, when killed, and when run twice: a period has
        one run, made and mailed in one transaction.
        """
        Cron = self.env["ir.cron"]
        # Companies that work with after-sales have a team.
        teams = self.env["aftersales.team"].search([("active", "=", True)])
        try:
            self._ensure_reports(teams.company_id)
        except (OperationalError, IntegrityError):
            # Another process gives them.
            self.env.cr.rollback()
        reports = self.search([("active", "=", True)])
        left = Cron._commit_progress(remaining=len(reports))
        for report in reports:
            if not left:
                break
            try:
                left = report._make_missing()
            except (OperationalError, IntegrityError):
                # Another process is at it.
                self.env.cr.rollback()
            except Exception:
                # The others go out all the same; this one is tried again.
                self.env.cr.rollback()
                _logger.exception("Report %s was not made", report.id)
            left = Cron._commit_progress(1)
        if left:
            self.env["aftersales.report.run"]._retry_mails()

    def _make_missing(self):
        """Make the runs of a report that are due, one transaction each.

        :return: seconds left for the job
        """
        self.ensure_one()
        Cron, Run = self.env["ir.cron"], self.env["aftersales.report.run"]
        left = True
        while left and self.try_lock_for_update(allow_referencing=True):
            starts = self._get_missing_starts()
            if not starts:
                break
            Run._make(self, starts[0])
            left = Cron._commit_progress()
        return left

    # ------------------------------------------------------------
    # READERS
    # ------------------------------------------------------------

    def _get_readers(self):
        """Return the users, else those who lead the department."""
        self.ensure_one()
        # Who leads a company is for all to know.
        report_sudo = self.sudo()
        company_sudo = report_sudo.company_id
        named = report_sudo.user_ids
        if not (named or report_sudo.partner_ids or report_sudo.email_to):
            named = (
                company_sudo.aftersales_general_manager_id
                | company_sudo.aftersales_sales_director_id
                | company_sudo.aftersales_quality_lead_id
                | company_sudo._aftersales_supervisor()
            )
        return named.filtered(lambda user: user.active and not user.share)
