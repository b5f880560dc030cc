from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.aftersales_service.tools.turn import take_turn

TO_DO = "aftersales_quality.mail_activity_type_aftersales_complaint_approval"
LEVELS = [
    ("lead", "Quality Lead"),
    ("officer", "Performance Officer"),
    ("manager", "General Manager"),
]
FACTS = frozenset(
    {
        "complaint_id",
        "level",
        "round",
        "amount",
        "user_id",
        "state",
        "date_asked",
        "date_reminded",
        "decided_by_id",
        "date_decided",
        "note",
    }
)


class AftersalesComplaintApproval(models.Model):
    """One level that approves the solution of a complaint, or did not (R58)."""

    _name = "aftersales.complaint.approval"
    _description = "Approval of a Complaint"
    _inherit = ["aftersales.fact.mixin"]
    _facts = FACTS
    _step_access = "read"
    _order = "complaint_id, round, sequence, id"
    _rec_name = "level"

    complaint_id = fields.Many2one(
        comodel_name="aftersales.complaint",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="complaint_id.company_id", store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(related="complaint_id.partner_id")
    round = fields.Integer(
        string="Proposal", required=True, readonly=True, help="Number of the proposal."
    )
    sequence = fields.Integer(required=True, default=1, readonly=True)
    level = fields.Selection(selection=LEVELS, required=True, readonly=True)
    amount = fields.Monetary(
        readonly=True, help="What was asked for; no more than this is approved."
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Asked",
        required=True,
        readonly=True,
        index=True,
    )
    state = fields.Selection(
        selection=[
            ("next", "Later"),
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
    date_asked = fields.Datetime(string="Asked on", readonly=True)
    date_reminded = fields.Datetime(string="Reminded on", readonly=True)
    decided_by_id = fields.Many2one(
        comodel_name="res.users", string="Decided by", readonly=True
    )
    date_decided = fields.Datetime(string="Decided on", readonly=True)
    note = fields.Char(readonly=True)
    can_decide = fields.Boolean(compute="_compute_can_decide")

    _once = models.UniqueIndex(
        "(complaint_id, round, level)", "Each level is asked once per proposal."
    )
    _waiting_idx = models.Index("(date_asked, id) WHERE state = 'waiting'")

    @api.depends("level", "complaint_id.name")
    def _compute_display_name(self):
        levels = dict(self._fields["level"]._description_selection(self.env))
        for approval in self:
            approval.display_name = (
                f"{approval.complaint_id.name} · {levels.get(approval.level, '')}"
            )

    @api.depends("state", "user_id", "complaint_id.owner_id")
    @api.depends_context("uid")
    def _compute_can_decide(self):
        Delegate = self.env["aftersales.complaint.delegate"]
        delegates = Delegate._get_delegates(self.company_id)
        user = self.env.user
        for approval in self:
            key = (approval.company_id.id, approval.user_id.id)
            asked = approval.user_id | delegates.get(key, self.env["res.users"])
            approval.can_decide = (
                approval.state == "waiting"
                and user in asked
                and user not in approval.complaint_id._get_parties()
            )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        return super().write(vals)

    # ------------------------------------------------------------
    # DECIDING
    # ------------------------------------------------------------

    def _ensure_can_decide(self):
        """Refuse deciding on the own case, or on what others are asked for.

        :raise UserError: naming the approvals and who decides
        """
        own = self.filtered(
            lambda approval: self.env.user in approval.complaint_id._get_parties()
        )
        if own:
            own._refuse(
                self.env._(
                    "Nobody approves his own case: not who handles or proposed it, "
                    "nor who is responsible for it. Ask %s, or name a delegate.",
                    ", ".join((own.user_id - self.env.user).mapped("name"))
                    or self.env._("the next level"),
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
        """Approve the proposed solution on this level (R58).

        :param str note: a remark
        :raise UserError: for the own case, for somebody else's level, or when it does
            not wait any more
        """
        return self._decide("approved", note)

    def action_refuse(self, note=None):
        """Do not approve: another solution has to be proposed.

        :param str note: why
        :raise UserError: without a reason, and as :meth:`action_approve`
        """
        if not (note or "").strip():
            raise UserError(self.env._("Say why it is not approved."))
        return self._decide("refused", note)

    def _decide(self, state, note):
        self._ensure_can_decide()
        # Of two who decide at once, the second one reads what was decided.
        take_turn(self.complaint_id)
        # Approvers decide on the row that asks them; they may only read it otherwise.
        self.sudo()._by_method().write(
            {
                "state": state,
                "decided_by_id": self.env.uid,
                "date_decided": fields.Datetime.now(),
                "note": note,
            }
        )
        # What follows – the next level, the customer – is the complaint's own affair.
        for complaint_sudo in self.complaint_id.sudo():
            complaint_sudo._follow_approval()
        return True

    def _plan_decision(self):
        """Give a to-do to those who are asked, or who stand in for them."""
        delegates = self.env["aftersales.complaint.delegate"]._get_delegates(
            self.company_id
        )
        nobody = self.env["res.users"]
        for approval in self:
            complaint = approval.complaint_id
            key = (approval.company_id.id, approval.user_id.id)
            asked = delegates.get(key, nobody) or approval.user_id
            for user in asked - complaint._get_parties():
                complaint._plan_todo(
                    user,
                    TO_DO,
                    self.env._("Approve the solution of %s", complaint.display_name),
                    complaint.solution,
                )

    def _remind(self):
        """Write once more to those who let a solution wait."""
        for approval in self:
            complaint = approval.complaint_id
            user = approval.user_id
            words = complaint.with_context(lang=user.lang or self.env.lang)
            complaint.message_notify(
                partner_ids=user.partner_id.ids,
                subject=words.env._("Approval of %s", complaint.display_name),
                body=words.env._(
                    "The solution of %s waits for your approval.",
                    complaint.display_name,
                ),
                force_send=False,
            )

    def action_open_complaint(self):
        """Open the complaint that is to be approved."""
        return self.complaint_id._get_records_action()
