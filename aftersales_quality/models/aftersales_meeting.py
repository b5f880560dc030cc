from odoo import api, fields, models
from odoo.exceptions import LockError

from .aftersales_action import LEAD, SUPERVISOR

FACTS = frozenset({"name", "state", "confirmed_on", "invited_on"})
# What the chair confirmed.
CONFIRMED = frozenset(
    {
        "date",
        "place",
        "chair_id",
        "company_id",
        "attendee_ids",
        "complaint_ids",
        "nonconformity_ids",
        "cause_id",
        "why_ids",
        "department_id",
        "liability",
        "minutes",
        "action_ids",
    }
)


class AftersalesMeeting(models.Model):
    """Joint meeting of the departments about a cause, with its minutes (R59, F100)."""

    _name = "aftersales.meeting"
    _description = "Joint Meeting"
    _inherit = [
        "aftersales.document.mixin",
        "aftersales.archive.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _facts = FACTS
    _kept_states = ("confirmed",)
    _order = "date desc, id desc"
    _rec_names_search = ["name", "subject"]
    _check_company_auto = True
    _mail_post_access = "read"

    subject = fields.Char()
    date = fields.Datetime(
        string="Held on", required=True, tracking=True, default=fields.Datetime.now
    )
    place = fields.Char()
    chair_id = fields.Many2one(
        comodel_name="res.users",
        required=True,
        index=True,
        tracking=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    attendee_ids = fields.One2many(
        comodel_name="aftersales.meeting.attendee",
        inverse_name="meeting_id",
        string="Attendees",
        copy=True,
    )
    complaint_ids = fields.Many2many(
        comodel_name="aftersales.complaint",
        relation="aftersales_meeting_complaint_rel",
        column1="meeting_id",
        column2="complaint_id",
        string="Complaints",
        check_company=True,
    )
    nonconformity_ids = fields.Many2many(
        comodel_name="aftersales.nonconformity",
        relation="aftersales_meeting_nonconformity_rel",
        column1="meeting_id",
        column2="nonconformity_id",
        string="Nonconformities",
        check_company=True,
    )
    why_ids = fields.One2many(
        comodel_name="aftersales.meeting.why",
        inverse_name="meeting_id",
        string="Five Times Why",
        copy=False,
    )
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
        help="The cause by department and process that the meeting found.",
    )
    department_id = fields.Many2one(
        comodel_name="hr.department",
        string="Liable Department",
        compute="_compute_department_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
    )
    liability = fields.Text(help="Who answers for it, and for which share.")
    action_ids = fields.One2many(
        comodel_name="aftersales.action",
        inverse_name="meeting_id",
        string="Actions Decided",
    )
    minutes = fields.Html(copy=False)
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("confirmed", "Confirmed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        index=True,
        tracking=True,
        copy=False,
    )
    invited_on = fields.Datetime(string="Invited on", readonly=True, copy=False)
    confirmed_on = fields.Datetime(string="Confirmed on", readonly=True, copy=False)
    attended_count = fields.Integer(
        string="Attended", compute="_compute_attended_count"
    )
    can_invite = fields.Boolean(compute="_compute_can")
    can_confirm = fields.Boolean(compute="_compute_can")
    can_reopen = fields.Boolean(compute="_compute_can")
    can_cancel = fields.Boolean(compute="_compute_can")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("name", "subject")
    def _compute_display_name(self):
        for meeting in self:
            parts = (meeting.name, meeting.subject)
            meeting.display_name = " ".join(part for part in parts if part)

    @api.depends("complaint_ids.cause_id", "nonconformity_ids.cause_id")
    def _compute_cause_id(self):
        for meeting in self:
            causes = meeting.nonconformity_ids.cause_id | meeting.complaint_ids.cause_id
            meeting.cause_id = meeting.cause_id or causes[:1]

    @api.depends("cause_id")
    def _compute_department_id(self):
        for meeting in self:
            meeting.department_id = (
                meeting.cause_id.department_id or meeting.department_id
            )

    @api.depends("attendee_ids.attended")
    def _compute_attended_count(self):
        for meeting in self:
            meeting.attended_count = len(meeting.attendee_ids.filtered("attended"))

    @api.depends("state", "chair_id", "attendee_ids")
    @api.depends_context("uid", "su")
    def _compute_can(self):
        user = self.env.user
        leads = self.env.su or user.has_group(SUPERVISOR) or user.has_group(LEAD)
        for meeting in self:
            draft = meeting.state == "draft"
            meeting.can_invite = draft and bool(meeting.attendee_ids)
            meeting.can_confirm = draft and meeting.chair_id == user
            meeting.can_cancel = draft and (leads or meeting.chair_id == user)
            meeting.can_reopen = not draft and (leads or meeting.chair_id == user)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        self._number(vals_list)
        meetings = super().create(vals_list)
        meetings._link_actions()
        return meetings

    def write(self, vals):
        self._ensure_no_facts(vals)
        if CONFIRMED & vals.keys() and not self._is_by_method():
            self._ensure_draft()
        res = super().write(vals)
        if "action_ids" in vals:
            self._link_actions()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        self._ensure_draft()

    def _ensure_draft(self):
        """Refuse to change what was confirmed or cancelled.

        :raise UserError: naming the meetings
        """
        if ended := self.filtered(lambda meeting: meeting.state != "draft"):
            ended._refuse(
                self.env._(
                    "Confirmed minutes stay as they are; the chair, quality or a "
                    "supervisor sets them back to draft."
                )
            )

    def _link_actions(self):
        """Actions decided about one single complaint or nonconformity are about it."""
        for meeting in self:
            actions = meeting.action_ids.filtered(
                lambda action: action.state == "open"
                and not action.complaint_id
                and not action.nonconformity_id
            )
            vals = {
                field: documents.id
                for field, documents in (
                    ("complaint_id", meeting.complaint_ids),
                    ("nonconformity_id", meeting.nonconformity_ids),
                )
                if len(documents) == 1
            }
            if actions and vals:
                actions.write(vals)

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def action_invite(self):
        """Write to the attendees what is talked about, when and where.

        :raise UserError: for ended meetings and those without attendees
        """
        self._ensure_can(
            "can_invite",
            self.env._("Name the attendees of the draft first, then invite them."),
        )
        template = self.env.ref(
            "aftersales_quality.mail_template_meeting_invitation",
            raise_if_not_found=False,
        )
        for attendee in self.attendee_ids if template else ():
            if attendee.partner_id.email:
                # Attendees of other departments are written to by the system.
                template.sudo().send_mail(attendee.id, force_send=False)
        self._by_method().write({"invited_on": fields.Datetime.now()})
        return True

    def action_confirm(self):
        """Confirm the minutes; the cause found goes to the cases that have none.

        :raise UserError: for others than the chair, and where the company demands
            records, without minutes, cause or attendees
        """
        self._ensure_can(
            "can_confirm", self.env._("The chair confirms the draft of the minutes.")
        )
        self._ensure_complete()
        try:
            self.lock_for_update(allow_referencing=True)
        except LockError:
            self._refuse(self.env._("Somebody else was faster; look at it again."))
        self._by_method().write(
            {"state": "confirmed", "confirmed_on": fields.Datetime.now()}
        )
        for meeting in self:
            meeting._share_cause()
        return True

    def _ensure_complete(self):
        """Refuse to confirm minutes that say too little, where records are demanded.

        :raise UserError: naming the meetings and what is missing
        """
        # What a company demands is no secret.
        companies_sudo = self.sudo().company_id
        strict = companies_sudo.filtered("aftersales_complaint_records")
        for meeting in self:
            if meeting.company_id.id not in strict.ids:
                continue
            missing = [
                meeting._fields[name]._description_string(self.env)
                for name in ("cause_id", "minutes", "attended_count")
                if not meeting[name]
            ]
            if missing:
                meeting._refuse(self.env._("The minutes lack: %s", ", ".join(missing)))

    def _share_cause(self):
        """Give the cases without a cause the one that the meeting found."""
        self.ensure_one()
        if not self.cause_id:
            return
        complaints = self.complaint_ids.filtered(
            lambda complaint: not complaint.cause_id
            and complaint.state not in ("archived", "rejected")
        )
        nonconformities = self.nonconformity_ids.filtered(
            lambda row: not row.cause_id and row.state not in ("done", "cancelled")
        )
        # The chair may come from another department.
        for documents_sudo in (complaints.sudo(), nonconformities.sudo()):
            documents_sudo.write({"cause_id": self.cause_id.id})

    def action_cancel(self):
        """Call the meetings off.

        :raise UserError: for ended meetings
        """
        self._ensure_can(
            "can_cancel",
            self.env._("The chair, quality or a supervisor calls off what is a draft."),
        )
        self._by_method().write({"state": "cancelled"})
        return True

    def action_reopen(self):
        """Set minutes back to draft, to complete them.

        :raise UserError: for others than the chair, quality and supervisors
        """
        self._ensure_can(
            "can_reopen",
            self.env._(
                "The chair, quality or a supervisor sets minutes back to draft."
            ),
        )
        self._by_method().write({"state": "draft", "confirmed_on": False})
        return True

    def _get_report_base_filename(self):
        self.ensure_one()
        return f"{self.env._('Minutes')} {self.name}"
