from odoo import api, fields, models

SUPERVISOR = "aftersales_service.aftersales_service_group_supervisor"
LEAD = "aftersales_quality.aftersales_quality_group_lead"
FACTS = frozenset({"name", "state", "date_done", "sanction_proposed"})
OUTCOMES = [
    ("done", "Really Done"),
    ("missing", "Not Done"),
    ("false", "Reported, Not Done"),
]
# What an answer of the look-back check proposes against who reported it (R99).
TRIGGERS = {
    ("inspection_result", "missing"): "missing_inspection",
    ("inspection_result", "false"): "false_inspection",
    ("backup_result", "missing"): "missing_backup",
    ("backup_result", "false"): "missing_backup",
}


class AftersalesAudit(models.Model):
    """An unannounced check by the head, with findings and what is put right (R99)."""

    _name = "aftersales.audit"
    _description = "Spot Check"
    _inherit = [
        "aftersales.document.mixin",
        "aftersales.archive.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _facts = FACTS
    _kept_states = ("done",)
    _order = "date desc, id desc"
    _rec_names_search = ["name", "place"]
    _check_company_auto = True

    kind = fields.Selection(
        selection=[
            ("spot", "Spot Check"),
            ("look_back", "Look-back on a Fault"),
        ],
        string="Kind of Check",
        required=True,
        default="spot",
        tracking=True,
    )
    date = fields.Datetime(
        string="Checked on", required=True, default=fields.Datetime.now, copy=False
    )
    auditor_id = fields.Many2one(
        comodel_name="res.users",
        string="Checked by",
        required=True,
        index=True,
        tracking=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    place = fields.Char()
    team_id = fields.Many2one(
        comodel_name="aftersales.team", index="btree_not_null", check_company=True
    )
    employee_id = fields.Many2one(
        comodel_name="hr.employee",
        string="Person Checked",
        compute="_compute_employee_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
        tracking=True,
    )
    dispatch_id = fields.Many2one(
        comodel_name="aftersales.dispatch",
        string="Visit",
        index="btree_not_null",
        check_company=True,
        help="The visit that is checked, or whose report is looked back on.",
    )
    ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        string="Fault Looked Into",
        index="btree_not_null",
        check_company=True,
        help="The fault that would not be there had the earlier work been done.",
    )
    inspection_result = fields.Selection(
        selection=OUTCOMES,
        string="Inspection",
        copy=False,
        help="Was the inspection that was reported really done?",
    )
    backup_result = fields.Selection(
        selection=OUTCOMES,
        string="Backup",
        copy=False,
        help="Was the backup that was reported really made?",
    )
    evidence = fields.Text(
        string="What Shows It",
        copy=False,
        help="Log, photo, seal, the customer's word.",
    )
    point_ids = fields.One2many(
        comodel_name="aftersales.audit.point",
        inverse_name="audit_id",
        string="Points",
        copy=True,
    )
    summary = fields.Text(string="Conclusion", copy=False)
    date_done = fields.Datetime(string="Finished on", readonly=True, copy=False)
    is_false_report = fields.Boolean(
        string="False Report", compute="_compute_is_false_report", store=True
    )
    sanction_proposed = fields.Boolean(
        string="Reported to the Performance Officer", readonly=True, copy=False
    )
    point_count = fields.Integer(
        string="Points Checked", compute="_compute_counts", compute_sudo=True
    )
    failed_count = fields.Integer(
        string="Not in Order", compute="_compute_counts", compute_sudo=True
    )
    open_action_count = fields.Integer(
        string="To Be Put Right", compute="_compute_counts", compute_sudo=True
    )
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
        copy=False,
    )
    can_finish = fields.Boolean(compute="_compute_can")
    can_cancel = fields.Boolean(compute="_compute_can")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("dispatch_id")
    def _compute_employee_id(self):
        for audit in self:
            audit.employee_id = audit.employee_id or (audit.dispatch_id.technician_id)

    @api.depends("inspection_result", "backup_result")
    def _compute_is_false_report(self):
        for audit in self:
            audit.is_false_report = "false" in (
                audit.inspection_result,
                audit.backup_result,
            )

    @api.depends("point_ids.result", "point_ids.action_id.state")
    def _compute_counts(self):
        for audit in self:
            points = audit.point_ids
            audit.point_count = len(points.filtered("result"))
            audit.failed_count = len(points.filtered(lambda p: p.result == "not_ok"))
            audit.open_action_count = len(
                points.action_id.filtered(lambda action: action.state == "open")
            )

    @api.depends("state")
    @api.depends_context("uid", "su")
    def _compute_can(self):
        head = self._is_head()
        for audit in self:
            audit.can_finish = head and audit.state == "draft"
            audit.can_cancel = head and audit.state == "draft"

    @api.model
    def _is_head(self):
        """Tell whether the user checks others: supervisors and quality."""
        user = self.env.user
        return self.env.su or user.has_group(SUPERVISOR) or user.has_group(LEAD)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        self._number(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        if not self._is_by_method() and vals.keys() - {"activity_ids", "message_ids"}:
            self._ensure_draft(vals)
        return super().write(vals)

    def _ensure_draft(self, vals):
        """Refuse to change what was found.

        :raise UserError: naming the checks
        """
        own = {name for name in vals if name in self._get_content_fields()}
        if own and (ended := self.filtered(lambda audit: audit.state != "draft")):
            ended._refuse(
                self.env._("What was found stays as it is; make another check.")
            )

    @api.model
    def _get_content_fields(self):
        return {
            "kind",
            "date",
            "auditor_id",
            "place",
            "team_id",
            "employee_id",
            "dispatch_id",
            "ticket_id",
            "inspection_result",
            "backup_result",
            "evidence",
            "point_ids",
            "summary",
            "company_id",
        }

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def action_finish(self):
        """Finish the check: what is not in order is put right, falsehood is reported.

        Each point not in order becomes a corrective action with owner and due date;
        an inspection or backup that was reported and not made is proposed for a
        sanction, which the rule doubles (R99).

        :raise UserError: without a finding, for points without owner or day, for the
            own work, or when it is finished
        """
        self._ensure_can(
            "can_finish", self.env._("Supervisors and quality finish a draft.")
        )
        self._ensure_complete()
        for audit in self:
            audit.point_ids._decide_actions()
            audit._report_falsehood()
        self._by_method().write({"state": "done", "date_done": fields.Datetime.now()})
        return True

    def action_cancel(self):
        """Drop checks that were not made.

        :raise UserError: for others than supervisors and quality, or finished ones
        """
        self._ensure_can(
            "can_cancel", self.env._("Supervisors and quality drop a draft.")
        )
        self._by_method().write({"state": "cancelled"})
        return True

    def _ensure_complete(self):
        """Refuse checks that say too little, or are about the auditor's own work.

        :raise UserError: naming what is missing
        """
        for audit in self:
            # Whose user the person is, is kept in the personnel records.
            employee_sudo = audit.sudo().employee_id
            if employee_sudo.user_id and employee_sudo.user_id == audit.auditor_id:
                audit._refuse(self.env._("Nobody checks his own work."))
            if audit.kind == "spot":
                if not audit.point_ids.filtered("result"):
                    audit._refuse(self.env._("Say what was checked and what you saw."))
            elif not (audit.inspection_result or audit.backup_result):
                audit._refuse(
                    self.env._(
                        "Say whether the inspection or the backup was really done."
                    )
                )
            if audit._get_triggers():
                if not audit.employee_id:
                    audit._refuse(self.env._("Name the person who reported it."))
                if not (audit.evidence or "").strip():
                    audit._refuse(self.env._("Say what shows that it was not done."))
            audit.point_ids._ensure_complete()

    # ------------------------------------------------------------
    # FALSE REPORTS
    # ------------------------------------------------------------

    def _get_triggers(self):
        """Return the events that the look-back check has shown."""
        self.ensure_one()
        return [
            trigger
            for (name, value), trigger in TRIGGERS.items()
            if self[name] == value
        ]

    def _report_falsehood(self):
        """Propose sanctions for what was not done; nobody is punished by this alone."""
        self.ensure_one()
        triggers = self._get_triggers()
        Sanction = self.env["aftersales.sanction"]
        for trigger in triggers:
            Sanction._propose(
                trigger,
                self.employee_id,
                self,
                team=self.team_id,
                description=self.evidence,
            )
        if triggers:
            self._by_method().write({"sanction_proposed": True})

    # ------------------------------------------------------------
    # OPENING
    # ------------------------------------------------------------

    def action_view_actions(self):
        """Open what is put right after this check."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_quality.aftersales_action_action"
        )
        return action | {
            "domain": [("id", "in", self.point_ids.action_id.ids)],
            "context": {"create": False},
        }

    def _get_report_base_filename(self):
        self.ensure_one()
        return f"{self.env._('Spot Check')} {self.name}"
