from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.tools import format_datetime

SECTIONS = [
    ("visit", "Visits"),
    ("work", "Other Work"),
    ("internal", "Internal Work"),
    ("open", "Left Open"),
    ("postponed", "Postponed"),
    ("tomorrow", "Tomorrow"),
    ("technician", "Technicians"),
]


class AftersalesDailyReportLine(models.Model):
    """One fact of a daily report: when, how long, with what result (R30).

    It keeps times, hours and results as they were; whom and what it concerned is
    read from the documents, so that nobody is kept here who was erased there.
    """

    _name = "aftersales.daily.report.line"
    _description = "Line of a Daily Report"
    _order = "report_id, sequence, id"

    report_id = fields.Many2one(
        comodel_name="aftersales.daily.report",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    section = fields.Selection(selection=SECTIONS, required=True, readonly=True)
    sequence = fields.Integer(readonly=True)
    dispatch_id = fields.Many2one(
        comodel_name="aftersales.dispatch",
        string="Dispatch Order",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    work_line_id = fields.Many2one(
        comodel_name="aftersales.ticket.line",
        string="Labour",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    reschedule_id = fields.Many2one(
        comodel_name="aftersales.reschedule",
        string="Postponement",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    technician_id = fields.Many2one(comodel_name="hr.employee", readonly=True)
    date_planned = fields.Datetime(string="Agreed", readonly=True)
    date_begin = fields.Datetime(string="Arrived", readonly=True)
    date_end = fields.Datetime(string="Finished", readonly=True)
    travel_hours = fields.Float(string="Travel", readonly=True)
    work_hours = fields.Float(string="Work", readonly=True)
    visit_state = fields.Selection(
        selection=lambda self: self._get_words("aftersales.dispatch", "state"),
        string="State",
        readonly=True,
    )
    result = fields.Selection(
        selection=lambda self: self._get_words("aftersales.dispatch", "result"),
        readonly=True,
    )
    is_late = fields.Boolean(string="Late", readonly=True)
    noted_later = fields.Boolean(
        readonly=True, help="Noted or changed after the report was confirmed."
    )
    # Of one technician in the report of his team
    visit_count = fields.Integer(string="Visits", readonly=True)
    done_count = fields.Integer(string="Done", readonly=True)
    late_count = fields.Integer(readonly=True)
    open_count = fields.Integer(string="Left Open", readonly=True)
    internal_hours = fields.Float(string="Internal", readonly=True)
    has_calendar = fields.Boolean(readonly=True)
    hours_available = fields.Float(string="Working Time", readonly=True)
    is_confirmed = fields.Boolean(string="Confirmed", readonly=True)

    customer_label = fields.Char(related="ticket_id.customer_label")
    unit_label = fields.Char(related="ticket_id.unit_label")
    symptom = fields.Char(related="ticket_id.symptom")
    service_kind = fields.Selection(related="ticket_id.service_kind")
    job_type_id = fields.Many2one(related="dispatch_id.job_type_id")
    time_label = fields.Char(string="Time", compute="_compute_time_label")
    work_done = fields.Text(compute="_compute_work_done", compute_sudo=True)

    @api.model
    def _get_words(self, model, field):
        return self.env[model]._fields[field]._description_selection(self.env)

    @api.depends("section", "date_planned", "date_begin", "date_end")
    @api.depends_context("lang")
    def _compute_time_label(self):
        """Say the times where the company works, shortly."""
        for line in self:
            # The time zone of a company is no secret.
            zone = line.report_id.company_id.sudo().partner_id.tz or "UTC"
            if line.section in ("open", "tomorrow", "postponed"):
                moments = [line.date_planned]
                if line.section == "postponed":
                    moments.append(line.date_begin)
                line.time_label = " → ".join(
                    format_datetime(self.env, moment, tz=zone, dt_format="short")
                    for moment in moments
                    if moment
                )
                continue
            span = [line.date_begin, line.date_end] if line.date_begin else []
            line.time_label = "–".join(
                moment.replace(tzinfo=ZoneInfo("UTC"))
                .astimezone(ZoneInfo(zone))
                .strftime("%H:%M")
                if moment
                else ""
                for moment in span
            )

    @api.depends(
        "section",
        "dispatch_id.work_done",
        "dispatch_id.end_reason",
        "work_line_id.name",
        "reschedule_id.reason",
    )
    def _compute_work_done(self):
        for line in self:
            if line.section == "postponed":
                line.work_done = line.reschedule_id.reason
            elif line.work_line_id:
                line.work_done = line.work_line_id.name
            else:
                visit = line.dispatch_id
                line.work_done = visit.work_done or visit.end_reason
