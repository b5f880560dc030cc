from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .aftersales_sanction import OFFICER
from .aftersales_sanction_hearing import DECIDE, WORDS


class AftersalesSanction(models.Model):
    """Who approves, refuses, cancels and takes back a sanction (R61)."""

    _inherit = "aftersales.sanction"

    approve_date = fields.Datetime(string="Approved on", readonly=True, copy=False)
    approve_day = fields.Date(
        string="Day of Approval", readonly=True, copy=False, index="btree_not_null"
    )
    approved_by_id = fields.Many2one(
        comodel_name="res.users", string="Approved by", readonly=True, copy=False
    )
    end_reason = fields.Char(
        string="Reason",
        readonly=True,
        copy=False,
        help="Why it was refused, cancelled or taken back.",
    )
    reverses_id = fields.Many2one(
        comodel_name="aftersales.sanction",
        string="Takes Back",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    reversal_ids = fields.One2many(
        comodel_name="aftersales.sanction",
        inverse_name="reverses_id",
        string="Taken Back by",
        readonly=True,
    )
    can_decide = fields.Boolean(compute="_compute_can")
    can_edit = fields.Boolean(compute="_compute_can")
    can_approve = fields.Boolean(compute="_compute_can")
    can_refuse = fields.Boolean(compute="_compute_can")
    can_cancel = fields.Boolean(compute="_compute_can")
    can_reverse = fields.Boolean(compute="_compute_can")

    _reversal_uniq = models.UniqueIndex(
        "(reverses_id) WHERE reverses_id IS NOT NULL",
        "It was taken back already.",
    )

    @api.depends(
        "state", "kind_id", "user_id", "proposed_by_id", "reversal_ids", "nature"
    )
    @api.depends_context("uid", "su")
    def _compute_can(self):
        user, officer = self.env.user, self._is_officer()
        for sanction in self:
            state, own = sanction.state, sanction._is_own()
            penalty = sanction.nature == "sanction"
            decides = sanction._may_decide()
            proposer = sanction.proposed_by_id == user
            sanction.can_decide = decides and state in ("draft", "heard")
            sanction.can_edit = (
                not own
                and (state == "draft" or state == "heard" and decides)
                and (not sanction.id or sanction.has_access("write"))
            )
            sanction.can_approve = penalty and decides and state == "heard"
            sanction.can_refuse = sanction.can_decide and penalty
            sanction.can_cancel = (
                not own
                and state in ("draft", "heard", "reviewed")
                and (proposer or officer)
            )
            sanction.can_reverse = (
                state == "approved"
                # Another one decides on the entry against it than the person himself.
                and sanction._may_decide(reverse=True)
                and not sanction.reverses_id
                # An entry against it may be hidden from nobody who decides.
                and not sanction.sudo().reversal_ids
            )

    @api.model
    def _is_officer(self):
        return self.env.su or self.env.user.has_group(OFFICER)

    def _asks_for_manager(self):
        """Tell whether the general manager decides, not the performance officer."""
        self.ensure_one()
        # The kinds and people of the company are no secret.
        sanction_sudo = self.sudo()
        manager_sudo = sanction_sudo.company_id.aftersales_general_manager_id
        person_sudo = sanction_sudo.user_id
        if manager_sudo in (person_sudo, sanction_sudo.proposed_by_id):
            # He does not decide on his own, nor on what he proposed.
            return not manager_sudo
        return sanction_sudo.kind_id.authority == "manager"

    def _may_decide(self, reverse=False):
        """Tell whether the user decides: nobody on his own or on what he proposed."""
        self.ensure_one()
        user = self.env.user
        if self._is_own() or (self.proposed_by_id == user and not reverse):
            return False
        if user == self.company_id.sudo().aftersales_general_manager_id:  # no secret
            return True
        return self._is_officer() and not self._asks_for_manager()

    def _get_deciders(self):
        """Return the users who are asked to decide."""
        self.ensure_one()
        # Who decides is no secret.
        company_sudo = self.sudo().company_id
        manager = company_sudo.aftersales_general_manager_id
        officer = company_sudo.aftersales_performance_officer_id
        asked = (manager,) if self._asks_for_manager() else (officer, manager)
        barred = self.user_id | self.proposed_by_id
        found = next((user for user in asked if user and user not in barred), None)
        return (found or self.env["res.users"]).with_env(self.env)

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def action_approve(self):
        """Approve what the employees were heard on; it is frozen from now on (R61).

        :raise UserError: before the hearing, by the proposer, by the person himself, by
            who has not the authority, without kind or amount, and for archived
            employees
        """
        rewards = self.filtered(lambda sanction: sanction.nature == "reward")
        if rewards:
            rewards._approve_rewards()
        penalties = self - rewards
        if not penalties:
            return True
        penalties._lock()
        penalties._ensure_can("can_approve", penalties._say_who_approves())
        penalties._ensure_complete()
        penalties._approve()
        return True

    def _say_who_approves(self):
        if any(sanction._asks_for_manager() for sanction in self):
            return self.env._(
                "After the employee was heard, the general manager approves this kind, "
                "neither the person himself nor who proposed it. Name the general "
                "manager in the settings."
            )
        return self.env._(
            "After the employee was heard, the performance officer approves, or the "
            "general manager, neither the person himself nor who proposed it."
        )

    def _approve(self):
        now = fields.Datetime.now()
        for company, sanctions in self.grouped("company_id").items():
            sanctions._step(
                {
                    "state": "approved",
                    "approve_date": now,
                    "approve_day": company._aftersales_today(),
                    "approved_by_id": self.env.uid,
                }
            )
        self._end()

    def _ensure_complete(self):
        """Refuse to approve what is not fixed yet.

        :raise UserError: naming the records and what is missing
        """
        self._ensure_employed()
        self._look_back()
        if vague := self.filtered(lambda sanction: not sanction.kind_id):
            vague._refuse(self.env._("Choose the kind first."))
        free = self.filtered(
            lambda sanction: sanction.form == "money" and sanction.amount <= 0
        )
        if free:
            free._refuse(self.env._("Fix the amount first: this kind is money."))
        # The earlier one counts when it is approved; it need not be visible.
        open_sudo = self.sudo().previous_id.filtered(
            lambda earlier: earlier.state != "approved"
        )
        if open_sudo - self:
            self._refuse(
                self.env._(
                    "It is doubled because of an earlier one: decide on that one first "
                    "(%s).",
                    ", ".join(open_sudo.mapped("name")),
                )
            )

    def action_refuse(self, reason=None):
        """Refuse proposals, with a reason.

        :param str reason: why
        :raise UserError: without a reason, or by who does not decide
        """
        self._lock()
        self._ensure_can(
            "can_refuse",
            self.env._(
                "Who decides on it refuses it, before it is approved, neither the "
                "person himself nor who proposed it."
            ),
        )
        self._end_with("refused", reason)
        return True

    def action_cancel(self, reason=None):
        """Withdraw proposals, with a reason.

        :param str reason: why
        :raise UserError: without a reason, for decided ones, for one's own, and by
            others than the proposer or the performance officer
        """
        self._lock()
        self._ensure_can(
            "can_cancel",
            self.env._(
                "Before it is decided, who proposed it or the performance officer "
                "cancels it, nobody his own. An approved one is taken back by an entry "
                "against it."
            ),
        )
        self._end_with("cancelled", reason)
        return True

    def action_reverse(self, reason=None):
        """Take approved ones back by an entry against each (R61).

        The approved record stays as it is; payroll gets both.

        :param str reason: why
        :return: the entries
        :raise UserError: without a reason, twice, for one's own, or without authority
        """
        self._lock()
        self._ensure_can(
            "can_reverse",
            self.env._(
                "Who may approve it takes an approved one back once, nobody his own."
            ),
        )
        reason = self._get_reason(reason)
        # Facts of a new record, behind the check above.
        entries_sudo = self.sudo()._by_method()
        entries = entries_sudo.create(
            [sanction._prepare_reversal(reason) for sanction in self]
        )
        self.invalidate_recordset(["reversal_ids"])
        self._message_log_batch(
            bodies={
                old.id: self.env._("Taken back by %s", new.name)
                for old, new in zip(self, entries, strict=True)
            }
        )
        self._tell_employees()
        return self.browse(entries.ids)

    def _prepare_reversal(self, reason):
        """Return the values of the entry that takes this one back (hook)."""
        self.ensure_one()
        return {
            "employee_id": self.employee_id.id,
            "company_id": self.company_id.id,
            "complaint_id": self.complaint_id.id,
            "trigger": self.trigger,
            "kind_id": self.kind_id.id,
            "date": self.company_id._aftersales_today(),
            "description": self.description,
            "base_amount": -self.amount,
            "reverses_id": self.id,
            "end_reason": reason,
            "state": "approved",
            "proposed_by_id": self.env.uid,
            "approve_date": fields.Datetime.now(),
            "approve_day": self.company_id._aftersales_today(),
            "approved_by_id": self.env.uid,
        }

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _get_reason(self, reason):
        reason = (reason or "").strip()
        if not reason:
            self._refuse(self.env._("Say why."))
        return reason

    def _end_with(self, state, reason):
        self._step({"state": state, "end_reason": self._get_reason(reason)})
        self._end()
        self._reckon_later()

    def _end(self):
        """Clear the to-dos and tell the employees."""
        # To-dos of others are done with it, too.
        self.sudo().activity_unlink([WORDS, DECIDE])
        self._tell_employees()

    def _reckon_later(self):
        """Those doubled because of these are looked at again, while undecided."""
        # Also those that the user does not see.
        later_sudo = self.sudo().search(
            [
                ("previous_id", "in", self.ids),
                ("state", "in", ("draft", "heard")),
            ]
        )
        later_sudo._look_back()

    def _step(self, vals):
        """Write facts after the rule of the step was checked."""
        # The employee and most approvers may only read.
        self.sudo()._by_method().write(vals)

    def _lock(self):
        """Wait until nobody else decides on these, and read what he decided.

        :raise UserError: when one was deleted meanwhile
        """
        self.check_access("read")
        self.flush_recordset()
        # Not lock_for_update, which refuses instead of waiting.
        found = self.env.execute_query(
            SQL(
                "SELECT id FROM aftersales_sanction WHERE id IN %s "
                "ORDER BY id FOR UPDATE",
                tuple(self.ids) or (0,),
            )
        )
        if len(found) < len(set(self.ids)):
            raise UserError(self.env._("A sanction was deleted meanwhile."))
        self.invalidate_recordset()
