from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..tools import sanction as rule
from .aftersales_sanction_rule import TRIGGERS

OFFICER = "aftersales_quality.aftersales_quality_group_performance"
# What it is about; the employee is heard on this.
ABOUT = frozenset({"employee_id", "trigger", "date", "description", "complaint_id"})
# What it comes to.
MEASURE = frozenset({"kind_id", "base_amount", "amount"})
FACTS = frozenset(
    {
        "name",
        "state",
        "repeated",
        "previous_id",
        "stands_in",
        "proposed_by_id",
        "res_model",
        "res_id",
        "source_name",
        "statement",
        "statement_date",
        "statement_by_id",
        "declined",
        "witness_id",
        "review_date",
        "reviewed_by_id",
        "approval_ids",
        "approve_date",
        "approve_day",
        "approved_by_id",
        "end_reason",
        "appeal",
        "appeal_date",
        "reverses_id",
        "payroll_id",
    }
)
TALK = ("message_", "activity_", "website_message_")


class AftersalesSanction(models.Model):
    """Penalty or reward of an employee, approved and never posted to payroll (R61)."""

    _name = "aftersales.sanction"
    _description = "Sanction or Reward"
    _inherit = ["aftersales.document.mixin", "mail.thread", "mail.activity.mixin"]
    _facts = FACTS
    # The employee and the approvers may read only; their ``can_x`` says what they do.
    _step_access = "read"
    _mail_post_access = "read"
    _order = "id desc"
    _check_company_auto = True

    # ------------------------------------------------------------
    # Who, and what happened
    # ------------------------------------------------------------
    employee_id = fields.Many2one(
        comodel_name="hr.employee",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    user_id = fields.Many2one(
        related="employee_id.user_id", store=True, index=True, string="User"
    )
    trigger = fields.Selection(
        selection=TRIGGERS,
        string="What Happened",
        compute="_compute_trigger",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        index=True,
    )
    date = fields.Date(
        string="Happened on",
        required=True,
        default=lambda self: self.env.company._aftersales_today(),
    )
    description = fields.Text(help="What happened, in words the employee understands.")
    complaint_id = fields.Many2one(
        comodel_name="aftersales.complaint",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    res_model = fields.Char(string="Source Model", readonly=True, copy=False)
    res_id = fields.Many2oneReference(
        string="Source Record", model_field="res_model", readonly=True, copy=False
    )
    source_name = fields.Char(
        string="Source",
        readonly=True,
        copy=False,
        help="The record from which it was proposed by a rule.",
    )
    stands_in = fields.Boolean(
        string="As Team Leader",
        readonly=True,
        copy=False,
        help="Nobody else was found responsible: the leader of the team answers.",
    )
    proposed_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Proposed by",
        readonly=True,
        copy=False,
        default=lambda self: self.env.user,
        index=True,
    )

    # ------------------------------------------------------------
    # How much
    # ------------------------------------------------------------
    kind_id = fields.Many2one(
        comodel_name="aftersales.sanction.kind",
        compute="_compute_kind_id",
        store=True,
        precompute=True,
        readonly=False,
        index=True,
        ondelete="restrict",
        tracking=True,
        check_company=True,
    )
    nature = fields.Selection(
        selection=[("sanction", "Sanction"), ("reward", "Reward")],
        compute="_compute_nature",
        store=True,
        precompute=True,
        index=True,
    )
    form = fields.Selection(related="kind_id.form")
    currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    base_amount = fields.Monetary(
        string="Single Amount", help="Before it is doubled; 0 without money."
    )
    amount = fields.Monetary(
        compute="_compute_amount",
        inverse="_inverse_amount",
        store=True,
        tracking=True,
        help="Due to be paid, or to be given for a reward; negative for the entry that "
        "takes another one back.",
    )
    repeated = fields.Boolean(
        readonly=True,
        copy=False,
        string="Doubled",
        help="The amount is doubled: it happened before, or an inspection or a backup "
        "was false or missing.",
    )
    previous_id = fields.Many2one(
        comodel_name="aftersales.sanction",
        string="Earlier One",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    doubling_reason = fields.Char(compute="_compute_doubling_reason")

    state = fields.Selection(
        selection=[
            ("draft", "Proposed"),
            ("heard", "Heard"),
            ("reviewed", "Reviewed"),
            ("approved", "Approved"),
            ("refused", "Refused"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
        copy=False,
    )

    _name_uniq = models.UniqueIndex(
        "(company_id, name) WHERE name <> '/'",
        "The number of a sanction must be unique per company.",
    )
    _source_uniq = models.UniqueIndex(
        "(res_model, res_id, employee_id, trigger) WHERE res_id IS NOT NULL",
        "This employee has this sanction already for the same event.",
    )
    _call_uniq = models.UniqueIndex(
        "(employee_id, date) WHERE trigger = 'missed_call' AND res_id IS NOT NULL",
        "Unanswered calls are proposed once a day for each employee.",
    )
    _look_back_idx = models.Index("(employee_id, trigger, date)")
    _amount_positive = models.Constraint(
        "CHECK (base_amount >= 0 OR reverses_id IS NOT NULL)",
        "The amount is not negative; whether it is a sanction or a reward, the kind says.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("complaint_id")
    def _compute_trigger(self):
        for sanction in self:
            sanction.trigger = sanction.trigger or (
                "complaint" if sanction.complaint_id else "other"
            )

    @api.depends("trigger", "company_id")
    def _compute_kind_id(self):
        """The kind that the rule names, else the first one of money."""
        Rule, plain = self.env["aftersales.sanction.rule"], None
        rules = {company: Rule._get_rules(company) for company in self.company_id}
        for sanction in self.filtered(lambda sanction: not sanction.kind_id):
            found = rules.get(sanction.company_id, {}).get(sanction.trigger)
            if not found and plain is None:
                plain = self.env["aftersales.sanction.kind"].search(
                    [("nature", "=", "sanction"), ("form", "=", "money")], limit=1
                )
            # Which kind there is is no secret.
            sanction.kind_id = found.kind_id.sudo(False) if found else plain

    @api.depends("kind_id")
    def _compute_nature(self):
        for sanction in self:
            sanction.nature = sanction.kind_id.nature or "sanction"

    @api.depends("base_amount", "repeated")
    def _compute_amount(self):
        for sanction in self:
            sanction.amount = rule.amount_of(sanction.base_amount, sanction.repeated)

    def _inverse_amount(self):
        """Whoever types the amount means all of it."""
        for sanction in self:
            sanction.base_amount = sanction.amount / rule.amount_of(
                1, sanction.repeated
            )

    @api.depends("repeated", "previous_id", "trigger")
    @api.depends_context("lang")
    def _compute_doubling_reason(self):
        texts = dict(self._fields["trigger"]._description_selection(self.env))
        for sanction in self:
            # The number and day of his own earlier case.
            earlier_sudo = sanction.previous_id.sudo()
            if not sanction.repeated:
                sanction.doubling_reason = False
            elif earlier_sudo:
                sanction.doubling_reason = self.env._(
                    "Doubled: the same on %(date)s (%(sanction)s)",
                    date=format_date(self.env, earlier_sudo.date),
                    sanction=earlier_sudo.name,
                )
            else:
                sanction.doubling_reason = self.env._(
                    "Doubled: %s", texts.get(sanction.trigger)
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Propose sanctions or rewards.

        An amount that is given is the single one: it is doubled by the rules.

        :raise UserError: for archived employees, for typed facts
        """
        for vals in vals_list:
            self._ensure_no_facts(vals)
            if amount := vals.pop("amount", None):
                vals.setdefault("base_amount", amount)
        self._number(vals_list)
        # Nobody follows by himself: who may read it changes with the teams.
        sanctions = super(
            AftersalesSanction, self.with_context(mail_create_nosubscribe=True)
        ).create(vals_list)
        sanctions = sanctions.with_env(self.env)
        proposed = sanctions.filtered(lambda sanction: not sanction.reverses_id)
        proposed._ensure_employed()
        proposed._fill_amount()
        proposed._look_back()
        proposed._ask_next()
        return sanctions

    def write(self, vals):
        self._ensure_no_facts(vals)
        if not self._is_by_method() and not all(name.startswith(TALK) for name in vals):
            self._ensure_editable(vals)
        res = super().write(vals)
        if {"employee_id", "trigger", "date", "kind_id"} & vals.keys():
            self._ensure_employed()
            self._look_back()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        """What somebody was heard on is kept."""
        if kept := self.filtered(lambda sanction: sanction.state != "draft"):
            kept._refuse(
                self.env._(
                    "Only proposals are deleted; cancel it with a reason instead."
                )
            )

    # ------------------------------------------------------------
    # GUARDS
    # ------------------------------------------------------------

    def _is_own(self):
        """Tell whether the user is the person himself."""
        self.ensure_one()
        return bool(self.user_id) and self.user_id == self.env.user

    def _ensure_employed(self):
        """Refuse sanctions of those who have left.

        :raise UserError: naming the employees
        """
        # Who works here is no secret, the file of his is.
        gone_sudo = self.sudo().employee_id.filtered(lambda one: not one.active)
        if gone_sudo:
            raise UserError(
                self.env._(
                    "Archived employees are neither sanctioned nor rewarded: %s. "
                    "Name who answers for it now, or bring the employee back.",
                    ", ".join(gone_sudo.mapped("name")),
                )
            )

    def _ensure_editable(self, vals):
        """Refuse changes of one's own, of what was heard, and of what is decided.

        :raise UserError: naming the records and the way out
        """
        self.check_access("write")
        if own := self.filtered(lambda sanction: sanction._is_own()):
            own._refuse(
                self.env._("Nobody changes his own; write your words on it instead.")
            )
        ended = self.filtered(lambda sanction: sanction.state in self._get_end_states())
        if ended:
            ended._refuse(
                self.env._(
                    "It is decided and stays as it is; an approved one is taken back "
                    "by an entry against it."
                )
            )
        heard = self.filtered(lambda sanction: sanction.state != "draft")
        if heard and any(
            sanction._get_change(name, vals[name])
            for name in (ABOUT | {"company_id"}) & vals.keys()
            for sanction in heard
        ):
            heard._refuse(
                self.env._(
                    "What it is about stays once the employee was heard on it: cancel "
                    "it and propose it again."
                )
            )
        if measured := MEASURE & vals.keys():
            touched = heard.filtered(
                lambda sanction: not sanction.can_decide
                and any(sanction._get_change(name, vals[name]) for name in measured)
            )
            if touched:
                touched._refuse(
                    self.env._("Only who decides on it changes kind and amount now.")
                )

    @api.model
    def _get_end_states(self):
        return ("approved", "refused", "cancelled")

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def _fill_amount(self):
        """Take the amounts of the rules where none was given."""
        Rule = self.env["aftersales.sanction.rule"]
        for company, sanctions in self.grouped("company_id").items():
            rules = Rule._get_rules(company)
            for sanction in sanctions.filtered(lambda one: not one.base_amount):
                found = rules.get(sanction.trigger)
                if found and found.amount and found.kind_id == sanction.kind_id:
                    # What a rule says is written for whoever proposes it.
                    sanction.sudo()._by_method().base_amount = found.amount

    def _look_back(self):
        """Find for each proposal whether its amount is doubled, and because of what.

        The same of the same employee within the months of the setting before; refused,
        cancelled and taken-back ones do not count (R61).
        """
        Rule = self.env["aftersales.sanction.rule"]
        for company, sanctions in self.grouped("company_id").items():
            rules = Rule._get_rules(company)
            # How far back the company looks is no secret.
            months = company.sudo().aftersales_sanction_months
            earlier = sanctions._find_earlier(months)
            for sanction in sanctions:
                found = rules.get(sanction.trigger)
                doubling = (
                    found.doubling if found else rule.doubling_of(sanction.trigger)
                )
                if sanction.nature == "reward" or sanction.reverses_id:
                    doubling = "never"
                previous = self.browse()
                if doubling != "never":
                    since = rule.first_day(sanction.date, months)
                    key = (sanction.employee_id.id, sanction.trigger)
                    rank = (sanction.date, sanction.id)
                    previous = next(
                        (
                            one
                            for one in earlier.get(key, ())
                            if since <= one.date and (one.date, one.id) < rank
                        ),
                        previous,
                    )
                doubled = doubling == "always" or bool(previous)
                if (sanction.repeated, sanction.previous_id.id) != (
                    doubled,
                    previous.id,
                ):
                    # The rules write it, whoever proposed it.
                    sanction.sudo()._by_method().write(
                        {"repeated": doubled, "previous_id": previous.id}
                    )

    def _find_earlier(self, months):
        """Return ``{(employee id, trigger): sanctions}`` that count, the latest first."""
        dates = self.mapped("date")
        if not dates:
            return {}
        # Also those that the user does not see count.
        found_sudo = self.sudo().search(
            Domain("employee_id", "in", self.employee_id.ids)
            & Domain("trigger", "in", list(set(self.mapped("trigger"))))
            & Domain("state", "not in", ("refused", "cancelled"))
            & Domain("reverses_id", "=", False)
            & Domain("reversal_ids", "=", False)
            & Domain("date", ">=", rule.first_day(min(dates), months))
            & Domain("date", "<=", max(dates)),
            order="date desc, id desc",
        )
        return found_sudo.grouped(lambda one: (one.employee_id.id, one.trigger))

    # ------------------------------------------------------------
    # SOURCE
    # ------------------------------------------------------------

    def action_view_source(self):
        """Open the record from which it was proposed."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
        }

    def action_view_previous(self):
        """Open the earlier one that doubles it."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.previous_id.id,
            "view_mode": "form",
        }
