from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

# Visits to come or going on: their people are taken.
BOOKED_STATES = ("assigned", "accepted", "on_site")
OPEN_STATES = ("draft", *BOOKED_STATES)

# Written by the transitions alone: they carry the rules.
FACTS = frozenset(
    {
        "name",
        "company_id",
        "state",
        "assign_date",
        "assigned_by_id",
        "accept_date",
        "arrive_date",
        "finish_date",
        "end_reason",
        "override_reason",
        "override_by_id",
        "override_text",
        "signed_on",
        "confirmed_date",
        "confirmed_start",
        "announced_start",
        "told_user_ids",
        "told_start",
        "depart_date",
        "check_out_date",
        "left_without_check_out",
        "arrive_latitude",
        "arrive_longitude",
        "finish_latitude",
        "finish_longitude",
        "check_out_latitude",
        "check_out_longitude",
        "escalate_date",
        "escalate_reason",
        "correction_user_id",
        "correction_reason",
    }
)


class AftersalesDispatch(models.Model):
    """Dispatch order: one visit of a technician for a ticket (R22)."""

    _name = "aftersales.dispatch"
    _description = "Dispatch Order"
    _inherit = [
        "aftersales.document.mixin",
        "hr.mixin",
        "portal.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _facts = FACTS
    _order = "date_start desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(string="Dispatch Order")
    active = fields.Boolean(default=True)

    # ------------------------------------------------------------
    # What for
    # ------------------------------------------------------------
    ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('state', 'in', ('new', 'open', 'waiting'))]",
    )
    company_id = fields.Many2one(
        related="ticket_id.company_id", store=True, precompute=True, default=None
    )
    partner_id = fields.Many2one(
        related="ticket_id.partner_id",
        store=True,
        index="btree_not_null",
        precompute=True,
    )
    equipment_id = fields.Many2one(
        related="ticket_id.equipment_id",
        store=True,
        index="btree_not_null",
        precompute=True,
    )
    product_id = fields.Many2one(
        related="ticket_id.product_id", store=True, precompute=True
    )
    team_id = fields.Many2one(related="ticket_id.team_id", store=True, precompute=True)
    symptom = fields.Char(related="ticket_id.symptom")
    customer_label = fields.Char(related="ticket_id.customer_label")
    unit_label = fields.Char(related="ticket_id.unit_label")
    partner_phone = fields.Char(related="ticket_id.partner_phone")
    site_id = fields.Many2one(related="ticket_id.site_id")
    priority = fields.Selection(related="ticket_id.priority")
    zone_id = fields.Many2one(
        comodel_name="aftersales.zone",
        compute="_compute_from_ticket",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        index="btree_not_null",
    )
    job_type_id = fields.Many2one(
        comodel_name="aftersales.job.type",
        compute="_compute_from_ticket",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        tracking=True,
    )

    # ------------------------------------------------------------
    # Plan
    # ------------------------------------------------------------
    technician_id = fields.Many2one(
        comodel_name="hr.employee",
        domain="[('aftersales_technician', '=', True)]",
        index="btree_not_null",
        tracking=True,
        help="Answers for the visit.",
    )
    crew_ids = fields.Many2many(
        comodel_name="hr.employee",
        relation="aftersales_dispatch_hr_employee_rel",
        domain="[('aftersales_technician', '=', True)]",
        help="Who else goes along.",
    )
    user_ids = fields.Many2many(
        comodel_name="res.users",
        relation="aftersales_dispatch_res_users_rel",
        string="Users of the Crew",
        compute="_compute_user_ids",
        compute_sudo=True,
        store=True,
        help="Whose job it is on the phone: nobody's before it is assigned.",
    )
    date_start = fields.Datetime(string="Planned Start", index=True, tracking=True)
    date_end = fields.Datetime(
        string="Planned End",
        compute="_compute_date_end",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )
    planned_hours = fields.Float(compute="_compute_planned_hours", store=True)
    slot_ids = fields.One2many(
        comodel_name="aftersales.dispatch.slot",
        inverse_name="dispatch_id",
        string="Booked Time",
    )
    reschedule_ids = fields.One2many(
        comodel_name="aftersales.reschedule",
        inverse_name="dispatch_id",
        string="Postponements",
    )
    override_reason = fields.Char(
        string="Sent All the Same Because",
        readonly=True,
        copy=False,
        help="Why a supervisor sends somebody whom the suggestion refuses.",
    )
    override_by_id = fields.Many2one(
        comodel_name="res.users", string="Decided by", readonly=True, copy=False
    )
    override_text = fields.Text(
        string="Refused for",
        readonly=True,
        copy=False,
        help="What spoke against sending him, at that time.",
    )

    # ------------------------------------------------------------
    # What happened
    # ------------------------------------------------------------
    state = fields.Selection(
        selection=[
            ("draft", "To Assign"),
            ("assigned", "Assigned"),
            ("accepted", "Accepted"),
            ("on_site", "Working on Site"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
        help="To Assign: the dispatcher has still to send somebody.\n"
        "Assigned: somebody is sent, he has not answered yet.\n"
        "Accepted: he goes.\n"
        "Working on Site: he is at the customer's.\n"
        "Done: the visit is finished.\n"
        "Failed: nothing could be done, the ticket needs another visit.\n"
        "Cancelled: not needed.",
    )
    assign_date = fields.Datetime(string="Assigned on", readonly=True, copy=False)
    assigned_by_id = fields.Many2one(
        comodel_name="res.users", string="Dispatcher", readonly=True, copy=False
    )
    accept_date = fields.Datetime(string="Accepted at", readonly=True, copy=False)
    arrive_date = fields.Datetime(string="Arrived on", readonly=True, copy=False)
    finish_date = fields.Datetime(string="Finished on", readonly=True, copy=False)
    result = fields.Selection(
        selection=[("solved", "Solved"), ("follow_up", "Another Visit Needed")],
        default="solved",
        required=True,
        copy=False,
        tracking=True,
    )
    work_done = fields.Text(copy=False, help="What was found and done.")
    customer_opinion = fields.Text(
        string="Customer's Opinion", copy=False, help="In the customer's own words."
    )
    signature = fields.Image(
        string="Customer's Signature",
        max_width=1024,
        max_height=1024,
        copy=False,
        attachment=True,
    )
    signed_by = fields.Char(copy=False)
    signed_on = fields.Datetime(copy=False, readonly=True)
    end_reason = fields.Char(
        string="Reason",
        readonly=True,
        copy=False,
        help="Why the visit failed or was cancelled.",
    )

    _name_uniq = models.UniqueIndex(
        "(company_id, name) WHERE name <> '/'",
        "The number of a dispatch order must be unique per company.",
    )
    _end_after_start = models.Constraint(
        "CHECK (date_end > date_start)",
        "A visit ends after it starts: check the planned times.",
    )
    _arrive_after_assignment = models.Constraint(
        "CHECK (arrive_date >= assign_date)",
        "Nobody arrives before he was sent: check when the visit was assigned.",
    )
    _finish_after_arrival = models.Constraint(
        "CHECK (finish_date >= arrive_date)",
        "A visit is finished after the arrival: check the times.",
    )
    _assigned_is_whole = models.Constraint(
        "CHECK (state NOT IN ('assigned', 'accepted', 'on_site', 'done') OR "
        "(technician_id IS NOT NULL AND date_start IS NOT NULL "
        "AND date_end IS NOT NULL AND assign_date IS NOT NULL))",
        "An assigned visit has a technician and a planned time.",
    )
    _open_idx = models.Index(
        "(ticket_id) WHERE state IN ('draft', 'assigned', 'accepted', 'on_site')"
    )
    _plan_idx = models.Index(
        "(technician_id, date_start) "
        "WHERE state IN ('assigned', 'accepted', 'on_site', 'done')"
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.model
    def _get_open_domain(self):
        """Domain of the visits to plan, to come or going on."""
        return Domain("state", "in", OPEN_STATES)

    @api.depends("ticket_id")
    def _compute_from_ticket(self):
        for dispatch in self:
            ticket = dispatch.ticket_id
            dispatch.zone_id = ticket.zone_id or dispatch.zone_id
            dispatch.job_type_id = ticket.job_type_id or dispatch.job_type_id

    @api.depends("technician_id.user_id", "crew_ids.user_id", "state")
    def _compute_user_ids(self):
        for dispatch in self:
            people = dispatch.technician_id | dispatch.crew_ids
            given = dispatch.state not in ("draft", "cancelled")
            dispatch.user_ids = people.user_id if given else False

    @api.depends("date_start", "job_type_id")
    def _compute_date_end(self):
        """Move the end with the start; a job type says how long a new visit takes."""
        for dispatch in self:
            if not dispatch.date_start:
                dispatch.date_end = False
                continue
            if dispatch.date_end and dispatch.date_end > dispatch.date_start:
                dispatch.date_end = dispatch.date_end
                continue
            hours = dispatch.job_type_id.hours or 2.0
            dispatch.date_end = dispatch.date_start + timedelta(hours=hours)

    @api.depends("date_start", "date_end")
    def _compute_planned_hours(self):
        for dispatch in self:
            begin, end = dispatch.date_start, dispatch.date_end
            hours = (end - begin).total_seconds() / 3600 if begin and end else 0.0
            dispatch.planned_hours = hours

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for dispatch in self:
            dispatch.access_url = f"/my/visits/{dispatch.id}"
        return result

    @api.depends("name", "symptom")
    def _compute_display_name(self):
        for dispatch in self:
            parts = (dispatch.name, dispatch.symptom)
            dispatch.display_name = " · ".join(part for part in parts if part)

    # ------------------------------------------------------------
    # CONSTRAINS
    # ------------------------------------------------------------

    @api.constrains("technician_id", "crew_ids")
    def _check_people(self):
        """Those who go are technicians, and of the company (R22)."""
        # The job of a colleague is not for every dispatcher to read.
        for dispatch in self.sudo():
            people, company = dispatch._get_people(), dispatch.company_id
            technicians = people.filtered("aftersales_technician")
            fit = technicians.filtered_domain([("company_id", "=", company.id)])
            if wrong := people - fit:
                raise ValidationError(
                    self.env._(
                        "%(dispatch)s: %(people)s cannot be sent. Only service "
                        "technicians of the company are; the tick is on the employee.",
                        dispatch=dispatch.name,
                        people=", ".join(wrong.mapped("name")),
                    )
                )
            if dispatch.technician_id in dispatch.crew_ids:
                raise ValidationError(
                    self.env._(
                        "%(dispatch)s: %(technician)s leads the visit and need not be "
                        "named in the crew, too.",
                        dispatch=dispatch.name,
                        technician=dispatch.technician_id.name,
                    )
                )
