from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

TO_DO = "aftersales_quality.mail_activity_type_aftersales_clearance"
KINDS = [
    ("mission", "Approval before Leaving"),
    ("review", "Technical Review"),
]
ROLES = [
    ("lead", "Quality Lead"),
    ("manager", "General Manager"),
    ("sales", "Sales"),
    ("technical", "Technical Department"),
    ("production", "Production"),
]
# Who clears what, and the field of the company that names him (R68, R88).
NEEDED = {
    "mission": ("lead", "manager"),
    "review": ("lead", "sales", "technical", "production"),
}
PEOPLE = {
    "lead": "aftersales_quality_lead_id",
    "manager": "aftersales_general_manager_id",
    "sales": "aftersales_sales_director_id",
    "technical": "aftersales_technical_lead_id",
    "production": "aftersales_production_lead_id",
}
# A refusal stays on record; somebody has to ask again.
ENDED = ("refused", "dropped")
FACTS = frozenset(
    {
        "dispatch_id",
        "kind",
        "role",
        "user_id",
        "state",
        "date_asked",
        "date_reminded",
        "decided_by_id",
        "date_decided",
    }
)


class AftersalesClearance(models.Model):
    """What one department says of a visit before anybody is sent (R68, R88)."""

    _name = "aftersales.clearance"
    _description = "Clearance of a Visit"
    _inherit = ["aftersales.fact.mixin", "mail.thread", "mail.activity.mixin"]
    _facts = FACTS
    _step_access = "read"
    _mail_post_access = "read"
    _order = "dispatch_id desc, kind, id"

    dispatch_id = fields.Many2one(
        comodel_name="aftersales.dispatch",
        string="Visit",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="dispatch_id.company_id", store=True, index=True, precompute=True
    )
    kind = fields.Selection(
        selection=KINDS, string="What Is Asked", required=True, readonly=True
    )
    role = fields.Selection(
        selection=ROLES, string="Asked as", required=True, readonly=True
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Person Asked",
        required=True,
        readonly=True,
        index=True,
    )
    state = fields.Selection(
        selection=[
            ("waiting", "Waiting"),
            ("approved", "Approved"),
            ("refused", "Not Approved"),
            ("dropped", "Dropped"),
        ],
        default="waiting",
        required=True,
        readonly=True,
        index=True,
    )
    note = fields.Text(
        string="Words",
        help="Remark of who decides. In a technical review the lead of quality writes "
        "the solution here; it becomes part of the job.",
    )
    date_asked = fields.Datetime(string="Asked on", readonly=True)
    date_reminded = fields.Datetime(string="Reminded on", readonly=True)
    decided_by_id = fields.Many2one(
        comodel_name="res.users", string="Decided by", readonly=True
    )
    date_decided = fields.Datetime(string="Decided on", readonly=True)

    # Those who are asked need not see visits and tickets.
    customer_label = fields.Char(related="dispatch_id.customer_label")
    unit_label = fields.Char(related="dispatch_id.unit_label")
    symptom = fields.Char(related="dispatch_id.symptom")
    date_start = fields.Datetime(related="dispatch_id.date_start")
    technician_name = fields.Char(
        string="Technician", compute="_compute_technician_name", compute_sudo=True
    )
    mission_reason = fields.Text(related="dispatch_id.mission_reason")
    review_solution = fields.Text(related="dispatch_id.review_solution")
    can_decide = fields.Boolean(compute="_compute_can_decide")

    _once = models.UniqueIndex(
        "(dispatch_id, kind, role) WHERE state IN ('waiting', 'approved')",
        "Each department is asked once about a visit.",
    )
    _waiting_idx = models.Index("(date_asked, id) WHERE state = 'waiting'")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("role", "dispatch_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        roles = dict(self._fields["role"]._description_selection(self.env))
        for row in self:
            # Who is asked need not see the visit.
            name = row.sudo().dispatch_id.name
            row.display_name = f"{name} · {roles.get(row.role, '')}"

    @api.depends("dispatch_id.technician_id", "dispatch_id.crew_ids")
    def _compute_technician_name(self):
        for row in self:
            people = row.dispatch_id.technician_id | row.dispatch_id.crew_ids
            row.technician_name = ", ".join(people.mapped("name"))

    @api.depends("state", "user_id", "dispatch_id")
    @api.depends_context("uid")
    def _compute_can_decide(self):
        Delegate = self.env["aftersales.complaint.delegate"]
        delegates = Delegate._get_delegates(self.company_id)
        user, nobody = self.env.user, self.env["res.users"]
        for row in self:
            key = (row.company_id.id, row.user_id.id)
            asked = row.user_id | delegates.get(key, nobody)
            row.can_decide = (
                row.state == "waiting"
                and user in asked
                and user not in row._get_parties()
                and not row._has_decided(user)
            )

    def _get_parties(self):
        """Return the users whose own case it is: who goes, and who planned it."""
        # Who asks need not see the visit, nor the personnel records.
        visits_sudo = self.sudo().dispatch_id
        people_sudo = visits_sudo.technician_id | visits_sudo.crew_ids
        # sudo ends here: told apart from the user alone
        return (people_sudo.user_id | visits_sudo.create_uid).with_env(self.env)

    def _is_alive(self):
        """Tell whether it waits or clears the visit."""
        self.ensure_one()
        return self.state not in ENDED

    def _has_decided(self, user):
        """Tell whether somebody approved the mission in another role: two people do."""
        self.ensure_one()
        if self.kind != "mission":
            return False
        # Rows of the same visit, whoever may see them.
        rows_sudo = self.sudo().dispatch_id.clearance_ids
        return any(
            other.kind == "mission"
            and other.state == "approved"
            and other.decided_by_id == user
            for other in rows_sudo - self.sudo()  # see above
        )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_by_method():
            raise UserError(
                self.env._("Clearances are asked for on the visit, by its buttons.")
            )
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        if "note" in vals and not self._is_by_method():
            self._ensure_decider()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_waiting(self):
        """What was decided is a record."""
        if decided := self.filtered("decided_by_id"):
            decided._refuse(self.env._("What was decided stays on record."))

    # ------------------------------------------------------------
    # DECIDING
    # ------------------------------------------------------------

    def _ensure_decider(self):
        """Refuse deciding on the own visit, twice, or in somebody else's place.

        :raise UserError: naming the clearances and who decides
        """
        user = self.env.user
        if own := self.filtered(lambda row: user in row._get_parties()):
            own._refuse(
                self.env._(
                    "Nobody clears his own visit: not who goes there, nor who planned "
                    "it. Ask somebody else, or name a delegate."
                )
            )
        if again := self.filtered(
            lambda row: row.state == "waiting" and row._has_decided(user)
        ):
            again._refuse(
                self.env._(
                    "Two people approve a mission: you have approved it already. Name "
                    "a delegate for the other approval."
                )
            )
        self._ensure_can(
            "can_decide",
            self.env._(
                "It is for %s to decide, while it waits, or for who stands in.",
                ", ".join(self.user_id.mapped("name")),
            ),
        )

    def action_approve(self, note=None):
        """Clear the visit on the part of one department (R68, R88).

        :param str note: a remark; the solution, from the lead of a technical review;
            the one on the form when empty
        :raise UserError: for the own visit, in somebody else's place, when it does not
            wait any more, and for a technical review without a solution
        """
        self._ensure_decider()
        for row in self:
            words = (note or row.note or "").strip()
            if row.kind == "review" and row.role == "lead":
                if not words:
                    row._refuse(
                        self.env._("Write the solution first: it goes into the job.")
                    )
                # Who leads the review writes it into the job, and nothing else.
                visit_sudo = row.sudo().dispatch_id
                visit_sudo._by_method().write({"review_solution": words})
            row._decide("approved", words)
        return True

    def action_refuse(self, note=None):
        """Do not clear the visit: it is planned anew and asked for again.

        :param str note: why; the one on the form when empty
        :raise UserError: without a reason, and as :meth:`action_approve`
        """
        self._ensure_decider()
        for row in self:
            words = (note or row.note or "").strip()
            if not words:
                row._refuse(self.env._("Say why it is not approved."))
            row._decide("refused", words)
            row._tell_planner()
        return True

    def _decide(self, state, note):
        # Who is asked may only read the row otherwise.
        row_sudo = self.sudo()
        row_sudo._by_method().write(
            {
                "state": state,
                "decided_by_id": self.env.uid,
                "date_decided": fields.Datetime.now(),
                "note": note or False,
            }
        )
        row_sudo.activity_unlink([TO_DO])

    def _tell_planner(self):
        """Write to who planned the visit that it is not cleared."""
        # Planner and visit need not be his who refuses.
        visit_sudo = self.sudo().dispatch_id
        planner = visit_sudo.create_uid
        self._notify(
            planner,
            lambda talk: talk.env._(
                "%(clearance)s: not approved. %(note)s",
                clearance=talk.display_name,
                note=talk.note or "",
            ),
        )

    # ------------------------------------------------------------
    # ASKING
    # ------------------------------------------------------------

    def _ask(self):
        """Give those who are asked the to-do to decide."""
        for user, rows in self.grouped("user_id").items():
            # Activities are for others than the user, too.
            rows_sudo = rows.sudo().with_context(mail_activity_quick_update=True)
            rows_sudo.activity_schedule(
                TO_DO,
                user_id=user.id,
                date_deadline=rows.company_id[:1]._aftersales_today(),
            )

    def _notify(self, user, say):
        """Write a user about the clearance, in his words."""
        self.ensure_one()
        if not user.active:
            return
        # Mails to others are nobody's right.
        talk = self.with_context(lang=user.lang or self.env.lang).sudo()
        text = say(talk)
        talk.message_notify(
            partner_ids=user.partner_id.ids,
            subject=text,
            body=text,
            author_id=self.company_id.sudo().partner_id.id,  # whose mail it is
            force_send=False,
        )

    @api.model
    def _cron_remind(self):
        """Write once to those who let a visit wait for a day.

        Only rows that wait are read; each is marked before the next batch.
        """
        Cron = self.env["ir.cron"]
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        domain = (
            Domain("state", "=", "waiting")
            & Domain("date_asked", "<=", limit)
            & Domain("date_reminded", "=", False)
        )
        Cron._commit_progress(remaining=self.search_count(domain))
        while rows := self.search(domain, limit=100, order="date_asked, id"):
            rows = rows.try_lock_for_update(allow_referencing=True)
            if not rows:
                break
            rows._by_method().write({"date_reminded": fields.Datetime.now()})
            for row in rows:
                row._notify(
                    row.user_id,
                    lambda talk: talk.env._(
                        "%s waits for your approval.", talk.display_name
                    ),
                )
            if not Cron._commit_progress(len(rows)):
                break
