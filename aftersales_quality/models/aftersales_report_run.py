from odoo import api, fields, models
from odoo.tools import format_date

from ..tools import period
from .aftersales_report import CONFIRMED, MONTHS

SUPERVISOR = "aftersales_service.aftersales_service_group_supervisor"
FACTS = frozenset(
    {
        "report_id",
        "period_start",
        "period_end",
        "date_due",
        "state",
        "figure_ids",
        "attachment_ids",
        "confirmed_by_id",
        "date_confirmed",
        "date_sent",
        "mail_ids",
        "unreached",
    }
)


class AftersalesReportRun(models.Model):
    """One report of one period: counted, confirmed where a person answers, sent."""

    _name = "aftersales.report.run"
    _description = "Report of a Period"
    _inherit = [
        "aftersales.archive.mixin",
        "aftersales.fact.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _facts = FACTS
    _kept_states = ("sent",)
    _order = "period_end desc, kind, id desc"
    _check_company_auto = True

    report_id = fields.Many2one(
        comodel_name="aftersales.report",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    kind = fields.Selection(
        string="Kind of Report",
        related="report_id.kind",
        store=True,
        precompute=True,
    )
    company_id = fields.Many2one(
        related="report_id.company_id", store=True, index=True, precompute=True
    )
    period_start = fields.Date(string="From", required=True, readonly=True)
    period_end = fields.Date(string="To", required=True, readonly=True)
    date_due = fields.Datetime(string="Due on", readonly=True)
    state = fields.Selection(
        selection=[("draft", "To Confirm"), ("sent", "Sent")],
        default="draft",
        required=True,
        readonly=True,
        index=True,
        copy=False,
        tracking=True,
    )
    comment = fields.Text(
        string="Words of the Supervisor",
        copy=False,
        help="What was achieved, what was not, and what is done about it.",
    )
    figure_ids = fields.One2many(
        comodel_name="aftersales.report.figure",
        inverse_name="run_id",
        string="Figures",
        readonly=True,
    )
    attachment_ids = fields.Many2many(
        comodel_name="ir.attachment",
        relation="aftersales_report_run_attachment_rel",
        string="Files",
        readonly=True,
        copy=False,
    )
    confirmed_by_id = fields.Many2one(
        comodel_name="res.users", string="Confirmed by", readonly=True, copy=False
    )
    date_confirmed = fields.Datetime(string="Confirmed on", readonly=True, copy=False)
    date_sent = fields.Datetime(string="Sent on", readonly=True, copy=False)
    mail_ids = fields.Many2many(
        comodel_name="mail.mail",
        relation="aftersales_report_run_mail_rel",
        readonly=True,
        copy=False,
        groups="base.group_system",
    )
    unreached = fields.Char(
        string="Without Address",
        readonly=True,
        copy=False,
        help="Readers to whom nothing could be mailed.",
    )
    failed_count = fields.Integer(
        string="Mails Not Delivered", compute="_compute_failed_count"
    )
    is_confirmed_kind = fields.Boolean(compute="_compute_can_confirm")
    can_confirm = fields.Boolean(compute="_compute_can_confirm")
    can_send_again = fields.Boolean(compute="_compute_can_send_again")

    _period_unique = models.UniqueIndex(
        "(company_id, kind, period_start)", "A period is reported once."
    )
    _period_sane = models.Constraint(
        "CHECK (period_start <= period_end)", "A period ends after it begins."
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("kind", "period_start", "period_end")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for run in self:
            run.display_name = f"{kinds.get(run.kind, '')} {run._say_period()}".strip()

    def _say_period(self):
        """Return the months of the report in words."""
        self.ensure_one()
        if not (self.period_start and self.period_end):
            return ""
        ends = dict.fromkeys(
            day.replace(day=1) for day in (self.period_start, self.period_end)
        )
        return " – ".join(
            format_date(self.env, day, date_format="MMM yyyy") for day in ends
        )

    @api.depends("state", "kind")
    @api.depends_context("uid", "su")
    def _compute_can_confirm(self):
        may = self.env.su or self.env.user.has_group(SUPERVISOR)
        for run in self:
            run.is_confirmed_kind = run.kind in CONFIRMED
            run.can_confirm = may and run.state == "draft" and run.is_confirmed_kind

    @api.depends("mail_ids.state")
    def _compute_failed_count(self):
        for run in self:
            # Mails belong to nobody: only how many are stuck.
            mails_sudo = run.sudo().mail_ids
            run.failed_count = len(
                mails_sudo.filtered(lambda m: m.state == "exception")
            )

    @api.depends("state", "failed_count")
    @api.depends_context("uid", "su")
    def _compute_can_send_again(self):
        may = self.env.su or self.env.user.has_group(SUPERVISOR)
        for run in self:
            run.can_send_again = may and run.state == "sent" and run.failed_count > 0

    # ------------------------------------------------------------
    # CREATING AND WRITING
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        if "comment" in vals and not self._is_by_method():
            self._ensure_open()
        return super().write(vals)

    def _ensure_open(self):
        """Refuse other words on a report that went out.

        :raise UserError: naming the reports
        """
        if sent := self.filtered(lambda run: run.state == "sent"):
            sent._refuse(
                self.env._(
                    "It went out to its readers and stays as it is. What is to be "
                    "added is said in a message below it."
                )
            )

    def _get_finished_date(self):
        self.ensure_one()
        return self.date_sent or self.write_date

    @api.model
    def _make(self, report, start):
        """Make the report of a period, and send it when nobody has to confirm it.

        :param report: what is reported, locked by the caller
        :param date start: first day of the period
        """
        # Made by the office, and read-only for everybody else.
        run_sudo = (
            self.sudo()
            ._by_method()
            .create(
                {
                    "report_id": report.id,
                    "period_start": start,
                    "period_end": period.end_of(start, MONTHS[report.kind]),
                    "date_due": report._get_due(start),
                }
            )
        )
        run_sudo._count()
        if report.kind in CONFIRMED:
            run_sudo._ask_for_words()
        else:
            run_sudo._send()
        return run_sudo

    def _ask_for_words(self):
        """Give the supervisor the to-do to read, comment and confirm; under sudo."""
        for run in self:
            company = run.company_id
            user = company._aftersales_supervisor()
            if user:
                run.with_context(lang=user.lang).activity_schedule(
                    "mail.mail_activity_data_todo",
                    date_deadline=fields.Date.add(
                        company._aftersales_today(run.date_due), days=4
                    ),
                    summary=self.env._("Add your words and confirm the report"),
                    user_id=user.id,
                )

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def action_count(self):
        """Count the figures of a report again that was not sent yet.

        :raise UserError: for reports that were sent
        """
        self._ensure_can(
            "can_confirm",
            self.env._("Only supervisors count again, and only before it is sent."),
        )
        # The figures are nobody's to write; the right was checked.
        self.sudo()._by_method()._count()
        return True

    def action_confirm(self):
        """Confirm a summary with the supervisor's words and send it (R98).

        The figures are counted once more; figures, words and list go into the archive
        as PDF and workbook, and out to the readers.

        :raise UserError: for others than supervisors, sent reports, and those without
            words
        """
        self._ensure_can(
            "can_confirm",
            self.env._(
                "Supervisors confirm the monthly and yearly reports, each once; the "
                "others go out by themselves."
            ),
        )
        if silent := self.filtered(lambda run: not (run.comment or "").strip()):
            silent._refuse(
                self.env._(
                    "Please write your words first: what was achieved, what was not, "
                    "and what is done about it."
                )
            )
        # Whoever confirms at the same moment waits, and finds it sent.
        runs_sudo = self.sudo()._by_method()  # made by the office, see _make
        runs_sudo.lock_for_update(allow_referencing=True)
        runs_sudo.invalidate_recordset(["state"])
        self._ensure_can("can_confirm", self.env._("Somebody else just confirmed it."))
        runs_sudo.write(
            {
                "confirmed_by_id": self.env.uid,
                "date_confirmed": fields.Datetime.now(),
            }
        )
        for run_sudo in runs_sudo:
            run_sudo._count()
            run_sudo._send()
        runs_sudo.activity_feedback(["mail.mail_activity_data_todo"])
        return True

    def action_send_again(self):
        """Queue the mails of a report once more that could not be delivered.

        :raise UserError: when there are none
        """
        self._ensure_can(
            "can_send_again", self.env._("All its mails are on their way.")
        )
        self.sudo()._requeue_mails()  # mails are nobody's; the right was checked
        return True
