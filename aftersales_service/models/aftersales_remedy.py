from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.remedy import add_days
from .aftersales_remedy_rule import BEARERS, REMEDIES, TRIGGERS

FACTS = frozenset(
    {
        "ticket_id",
        "equipment_id",
        "rule_id",
        "state",
        "remedy",
        "choice",
        "cost_bearer",
        "trigger",
        "facts",
        "right_key",
        "occurrence",
        "holds",
        "date_proposed",
        "date_deadline",
        "decision_reason",
        "decided_by_id",
        "decided_on",
        "done_on",
    }
)


class AftersalesRemedy(models.Model):
    """A right of the customer, proposed by a rule and decided by a person (R17, R18)."""

    _name = "aftersales.remedy"
    _description = "Remedy"
    _inherit = ["aftersales.fact.mixin", "mail.thread", "mail.activity.mixin"]
    _facts = FACTS
    _step_access = "read"
    _order = "date_proposed desc, id desc"
    _check_company_auto = True

    ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    equipment_id = fields.Many2one(
        comodel_name="aftersales.equipment",
        string="Unit",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="ticket_id.company_id", store=True, index=True, precompute=True
    )
    team_id = fields.Many2one(
        related="ticket_id.team_id", store=True, index="btree_not_null", precompute=True
    )
    partner_id = fields.Many2one(related="equipment_id.partner_id", string="Customer")
    rule_id = fields.Many2one(
        comodel_name="aftersales.remedy.rule",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    legal_reference = fields.Char(related="rule_id.legal_reference")
    rule_note = fields.Text(related="rule_id.note", string="About the Rule")
    trigger = fields.Selection(selection=TRIGGERS, required=True, readonly=True)
    state = fields.Selection(
        selection=[
            ("proposed", "Proposed"),
            ("approved", "Approved"),
            ("refused", "Refused"),
            ("done", "Done"),
        ],
        required=True,
        readonly=True,
        default="proposed",
        index=True,
        copy=False,
        tracking=True,
        group_expand=True,
        help="Proposed: by the rule, a supervisor decides.\n"
        "Approved: the customer gets it.\n"
        "Refused: he does not, with the reason.\n"
        "Done: the customer has it.",
    )
    remedy = fields.Selection(
        selection=REMEDIES, string="Right to", required=True, readonly=True
    )
    choice = fields.Selection(
        selection=REMEDIES,
        string="Given",
        readonly=True,
        copy=False,
        tracking=True,
        help="What was agreed, among what the rule lets the customer choose.",
    )
    choices_label = fields.Char(string="Customer May Choose", compute="_compute_labels")
    cost_bearer = fields.Selection(
        selection=BEARERS, string="Borne by", required=True, readonly=True
    )
    facts = fields.Json(readonly=True, copy=False)
    reason = fields.Char(
        compute="_compute_labels", help="What gave the right, as it was counted."
    )
    right_key = fields.Char(required=True, readonly=True, copy=False)
    occurrence = fields.Integer(readonly=True, copy=False)
    holds = fields.Boolean(
        string="Facts Still Support It",
        default=True,
        readonly=True,
        copy=False,
        help="False when the ticket was corrected and the rule no longer applies.",
    )
    date_proposed = fields.Datetime(
        string="Proposed on",
        required=True,
        readonly=True,
        default=fields.Datetime.now,
        copy=False,
    )
    date_asked = fields.Date(
        string="Asked for on",
        copy=False,
        tracking=True,
        help="Day on which the customer asked for it; our answer is due from then.",
    )
    date_deadline = fields.Date(
        string="Answer by",
        compute="_compute_date_deadline",
        store=True,
        precompute=True,
        index="btree_not_null",
        copy=False,
    )
    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    decision_reason = fields.Char(readonly=True, copy=False, tracking=True)
    decided_by_id = fields.Many2one(
        comodel_name="res.users", string="Decided by", readonly=True, copy=False
    )
    decided_on = fields.Datetime(readonly=True, copy=False)
    done_on = fields.Datetime(readonly=True, copy=False)
    can_approve = fields.Boolean(compute="_compute_can")
    can_refuse = fields.Boolean(compute="_compute_can")
    can_finish = fields.Boolean(compute="_compute_can")

    _right_uniq = models.UniqueIndex(
        "(equipment_id, rule_id, right_key, occurrence)",
        "This right of the unit was proposed already.",
    )
    _open_uniq = models.UniqueIndex(
        "(equipment_id, remedy, right_key) WHERE state IN ('proposed', 'approved')",
        "The unit already has an open remedy of this kind for the same cause.",
    )
    _refusal_reason = models.Constraint(
        "CHECK (state <> 'refused' OR decision_reason IS NOT NULL)",
        "A refusal says why.",
    )
    _due_idx = models.Index("(company_id, date_deadline) WHERE state = 'proposed'")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("facts", "rule_id")
    @api.depends_context("lang")
    def _compute_labels(self):
        labels = dict(self._fields["remedy"]._description_selection(self.env))
        for remedy in self:
            remedy.reason = self._explain_finding(remedy.facts or {})
            # Rules are for everybody who sees a remedy.
            choices = remedy.rule_id.sudo()._get_choices() if remedy.rule_id else ()
            remedy.choices_label = ", ".join(
                label for key, label in labels.items() if key in choices
            )

    @api.depends("date_asked", "rule_id")
    def _compute_date_deadline(self):
        for remedy in self:
            rule = remedy.rule_id
            remedy.date_deadline = (
                add_days(
                    remedy.date_asked,
                    rule.answer_days,
                    rule.answer_unit,
                    remedy.ticket_id._get_working_days(),
                )
                if remedy.date_asked and rule.answer_days
                else False
            )

    @api.depends("state", "date_deadline")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for remedy in self:
            deadline = remedy.date_deadline
            remedy.is_overdue = bool(
                remedy.state == "proposed" and deadline and deadline < today
            )

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [
            ("state", "=", "proposed"),
            ("date_deadline", "<", fields.Date.context_today(self)),
        ]

    @api.depends("state", "holds")
    @api.depends_context("uid", "su")
    def _compute_can(self):
        decides = self._is_allowed("supervisor")
        carries_out = self._is_allowed("agent")
        for remedy in self:
            proposed = remedy.state == "proposed"
            remedy.can_approve = decides and proposed and remedy.holds
            remedy.can_refuse = decides and proposed
            remedy.can_finish = carries_out and remedy.state == "approved"

    @api.depends("remedy", "choice", "equipment_id.display_name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["remedy"]._description_selection(self.env))
        for remedy in self:
            given = labels.get(remedy.choice or remedy.remedy)
            parts = (given, remedy.equipment_id.serial or remedy.equipment_id.name)
            remedy.display_name = " · ".join(part for part in parts if part)

    @api.model
    def _is_allowed(self, level):
        return self.env.su or self.env.user.has_group(
            f"aftersales_service.aftersales_service_group_{level}"
        )

    # ------------------------------------------------------------
    # GUARDS
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._ensure_by_method()
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        if "date_asked" in vals and not self._is_by_method():
            self._ensure_undecided()
        return super().write(vals)

    @api.model
    def _ensure_by_method(self):
        """A right follows the rule: nobody makes one up.

        :raise UserError: for everything but the rules' own proposals
        """
        if not self._is_by_method():
            raise UserError(
                self.env._(
                    "A remedy is proposed by its rule when the facts are on the ticket "
                    "– its unit, component group, severity, repairs and days in "
                    "repair. What you give beyond the rules is goodwill on a line of "
                    "the ticket."
                )
            )

    def _ensure_undecided(self):
        if decided := self.filtered(lambda remedy: remedy.state != "proposed"):
            decided._refuse(self.env._("It is decided already and stays as it is."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        """A right that was found is history, whatever was decided (R66)."""
        raise UserError(
            self.env._(
                "Remedies are not deleted; refuse what the customer does not get: %s",
                ", ".join(self.mapped("display_name")),
            )
        )

    @api.constrains("date_asked")
    def _check_date_asked(self):
        for remedy in self:
            asked = remedy.date_asked
            unit = remedy.equipment_id
            reported = unit._get_local_day(remedy.ticket_id.date_open)
            if asked and not reported <= asked <= unit._get_local_day():
                raise ValidationError(
                    self.env._(
                        "%(remedy)s: the customer asked between his call on "
                        "%(reported)s and today.",
                        remedy=remedy.display_name,
                        reported=reported,
                    )
                )

    # ------------------------------------------------------------
    # DECISION
    # ------------------------------------------------------------

    def action_approve(self, choice=None, reason=None):
        """Grant the remedy (supervisors).

        :param str choice: what the customer chose among what the rule offers, the
            rule's own remedy when empty
        :param str reason: remark, kept on the remedy
        :raise UserError: when it is decided, the facts no longer support it, the rule
            does not offer the choice, or the user is no supervisor
        """
        self._ensure_can(
            "can_approve",
            self.env._(
                "Only a supervisor approves, only what is still proposed, and only "
                "while the facts on the ticket support it."
            ),
        )
        labels = dict(self._fields["remedy"]._description_selection(self.env))
        for remedy in self:
            given = choice or remedy.remedy
            # The rule is read by whoever decides.
            if given not in remedy.rule_id.sudo()._get_choices():
                remedy._refuse(
                    self.env._(
                        "The rule does not offer this: %(choice)s. The customer may "
                        "choose: %(choices)s",
                        choice=labels.get(given, given),
                        choices=remedy.choices_label,
                    )
                )
        for remedy, group in self.grouped("remedy").items():
            group._decide("approved", reason, choice=choice or remedy)
        return True

    def action_refuse(self, reason=None):
        """Refuse the remedy (supervisors).

        :param str reason: why, mandatory
        :raise UserError: without a reason, when it is decided, or the user is no
            supervisor
        """
        self._ensure_can(
            "can_refuse",
            self.env._("Only a supervisor refuses, and only what is still proposed."),
        )
        if not (reason or "").strip():
            self._refuse(self.env._("Say why it is refused."))
        return self._decide("refused", reason)

    def action_done(self):
        """Note that the customer has what was approved.

        :raise UserError: when it was not approved, or the user is no agent
        """
        self._ensure_can(
            "can_finish",
            self.env._("Only an approved remedy can be done, and the desk notes it."),
        )
        self._by_method().write({"state": "done", "done_on": fields.Datetime.now()})
        self.ticket_id._propose_remedies()
        return True

    def _decide(self, state, reason, **vals):
        self._by_method().write(
            {
                "state": state,
                "decision_reason": (reason or "").strip() or False,
                "decided_by_id": self.env.uid,
                "decided_on": fields.Datetime.now(),
                **vals,
            }
        )
        # The reminder is the supervisor's, whoever of them decides.
        self.sudo().activity_ids.unlink()
        return True

    def action_view_ticket(self):
        """Open the ticket."""
        self.ensure_one()
        return self.env["aftersales.equipment"]._get_form_action(self.ticket_id)

    def action_view_equipment(self):
        """Open the unit."""
        self.ensure_one()
        return self.equipment_id._get_list_action()
