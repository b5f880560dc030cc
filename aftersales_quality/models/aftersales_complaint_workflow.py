from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from .aftersales_complaint import ENDED_STATES
from .aftersales_complaint_handler import SUPERVISOR

# Step: the states it is taken from, and the state it leads to.
STEPS = {
    "validate": (("recorded",), "validated"),
    "reject": (("recorded",), "rejected"),
    "commit": (("validated",), "committed"),
    "investigate": (("committed",), "investigating"),
    "propose": (("investigating", "proposed"), "proposed"),
    "agree": (("proposed",), "agreed"),
    "account": (("agreed",), "accountable"),
    "improve": (("accountable",), "improved"),
    "close": (("improved",), "archived"),
    "disagree": (("proposed", "agreed", "accountable", "improved"), "proposed"),
}
AGREEMENTS = ("portal", "signature", "note")


class AftersalesComplaint(models.Model):
    """The nine steps: ``can_x`` → ``_ensure_step`` → ``action_x`` (R58)."""

    _inherit = "aftersales.complaint"

    can_validate = fields.Boolean(compute="_compute_can_step")
    can_reject = fields.Boolean(compute="_compute_can_step")
    can_commit = fields.Boolean(compute="_compute_can_step")
    can_investigate = fields.Boolean(compute="_compute_can_step")
    can_propose = fields.Boolean(compute="_compute_can_step")
    can_agree = fields.Boolean(compute="_compute_can_step")
    can_account = fields.Boolean(compute="_compute_can_step")
    can_improve = fields.Boolean(compute="_compute_can_step")
    can_close = fields.Boolean(compute="_compute_can_step")
    can_disagree = fields.Boolean(compute="_compute_can_step")
    can_reopen = fields.Boolean(compute="_compute_can_step")

    @api.depends("state", "can_handle")
    @api.depends_context("uid", "su")
    def _compute_can_step(self):
        supervises = self.env.su or self.env.user.has_group(SUPERVISOR)
        for complaint in self:
            for step, (states, _target) in STEPS.items():
                complaint[f"can_{step}"] = (
                    complaint.can_handle and complaint.state in states
                )
            complaint.can_reopen = supervises and complaint.state in ENDED_STATES

    # ------------------------------------------------------------
    # GUARDS
    # ------------------------------------------------------------

    def _ensure_step(self, step):
        """Refuse a step before its turn, by a stranger, or while something is missing.

        :param str step: a key of ``STEPS``
        :raise UserError: naming the complaints, who handles them and what is missing
        """
        self.check_access("write")
        if strangers := self.filtered(lambda complaint: not complaint.can_handle):
            strangers._refuse_stranger()
        if refused := self.filtered(lambda complaint: not complaint[f"can_{step}"]):
            refused._refuse(self._say_turn(step))
        lines = []
        for complaint in self:
            if missing := getattr(complaint, f"_get_missing_{step}")():
                lines += [complaint._say_state(), *(f"– {text}" for text in missing)]
        if lines:
            raise UserError("\n".join([self.env._("Still missing:"), *lines]))

    @api.model
    def _say_turn(self, step):
        """Say when a step is taken."""
        states, _target = STEPS[step]
        labels = dict(self._fields["state"]._description_selection(self.env))
        return self.env._(
            "The nine steps are taken in their order: this one is taken from “%s”.",
            ", ".join(labels[state] for state in states),
        )

    def _asks_for_records(self):
        """Tell whether the company asks for words and proofs at each step."""
        self.ensure_one()
        # A rule of the company, for everybody who works on its complaints.
        return self.company_id.sudo().aftersales_complaint_records

    def _move(self, state, vals=None):
        """Take these complaints to a state and keep when and by whom."""
        vals = {**(vals or {}), "state": state}
        if state in ENDED_STATES:
            vals["date_end"] = fields.Datetime.now()
        self._by_method().write(vals)
        self._enter_state()
        return True

    # ------------------------------------------------------------
    # STEP 2: VALID OR NOT
    # ------------------------------------------------------------

    def _get_missing_validate(self):
        if self._asks_for_records() and not (self.description or "").strip():
            return [self.env._("what the customer says")]
        return []

    def action_validate(self):
        """Find the complaint valid (R58, step 2).

        :raise UserError: before its turn, by a stranger, or without the words of the
            customer
        """
        self._ensure_step("validate")
        return self._move("validated", {"valid": True})

    def _get_missing_reject(self):
        missing = []
        if not (self.rejection_reason or "").strip():
            missing.append(self.env._("the explanation to the customer"))
        if (
            self._asks_for_records()
            and self.kind == "quality"
            and not (self.expert_finding or "").strip()
        ):
            missing.append(
                self.env._("the expert's finding, and on what it is founded")
            )
        return missing

    def action_reject(self, reason=None):
        """Find it not valid and send the explanation to the customer (R58, step 2).

        :param str reason: the explanation; the one on the complaint when empty
        :raise UserError: before its turn, by a stranger, or without explanation
        """
        if reason:
            self.rejection_reason = reason
        self._ensure_step("reject")
        self._move("rejected", {"valid": False})
        self._mail_customer("mail_template_aftersales_complaint_rejected")
        return True

    # ------------------------------------------------------------
    # STEP 3: LIABILITY AND PROMISE
    # ------------------------------------------------------------

    def _get_missing_commit(self):
        missing = []
        if not self.promised_date:
            missing.append(self.env._("the time for which a solution is promised"))
        elif self.promised_date < self.date:
            missing.append(
                self.env._(
                    "a time after the complaint, instead of %s",
                    format_datetime(self.env, self.promised_date, dt_format="short"),
                )
            )
        if self._asks_for_records():
            if not self.liability:
                missing.append(self.env._("whose liability it is"))
            if self.severity == "severe" and not self.letter_date:
                missing.append(self.env._("the letter to the customer"))
        return missing

    def action_commit(self, promised_date=None):
        """Confirm the liability and promise the customer a time (R58, step 3).

        :param datetime promised_date: the one on the complaint when empty
        :raise UserError: before its turn, by a stranger, without a promised time
        """
        if promised_date:
            self.promised_date = promised_date
        self._ensure_step("commit")
        self._move("committed")
        self._mail_customer("mail_template_aftersales_complaint_promised")
        return True

    # ------------------------------------------------------------
    # STEPS 4 AND 5: INVESTIGATION AND SOLUTION
    # ------------------------------------------------------------

    def _get_missing_investigate(self):
        return []

    def action_investigate(self):
        """Begin to look for the cause with the departments (R58, step 4).

        :raise UserError: before its turn or by a stranger
        """
        self._ensure_step("investigate")
        return self._move("investigating")

    def _get_missing_propose(self):
        missing = []
        if not self.cause_id:
            missing.append(self.env._("the cause"))
        if not self.department_id:
            missing.append(self.env._("the liable department"))
        if self._asks_for_records():
            if not (self.investigation or "").strip():
                missing.append(self.env._("what the investigation found"))
            if not (self.solution or "").strip():
                missing.append(self.env._("the solution in words"))
        return missing

    def action_propose(self):
        """Propose the solution; above authority it waits for approval (R58, step 5).

        :raise UserError: before its turn, by a stranger, without cause, department or
            solution, or when nobody is left who may approve it
        """
        for complaint in self:
            if complaint.can_propose and not complaint.department_id:
                # A cause may know who answers for it.
                complaint.department_id = complaint.cause_id.department_id
        self._ensure_step("propose")
        now = fields.Datetime.now()
        for complaint in self:
            complaint._by_method().write(
                {
                    "proposed_by_id": self.env.uid,
                    "proposal_date": now,
                    "proposal_round": complaint.proposal_round + 1,
                }
            )
        new = self.filtered(lambda complaint: complaint.state != "proposed")
        if new:
            new._move("proposed")
        self._ask_approvals()
        self._after_proposal()
        return True

    def _after_proposal(self):
        """Tell the customers whose solution needs no approval, or has it (hook)."""
        ready = self.filtered(lambda c: c.approval_state in ("none", "approved"))
        ready._mail_customer("mail_template_aftersales_complaint_proposed")

    # ------------------------------------------------------------
    # STEP 6: AGREED WITH THE CUSTOMER
    # ------------------------------------------------------------

    def _get_missing_agree(self):
        missing = self._get_missing_approvals()
        if self._asks_for_records() and not self.agreement_kind:
            missing.append(
                self.env._(
                    "the customer's agreement: his answer on the portal, his "
                    "signature, or a note of who agreed when"
                )
            )
        return missing

    def action_agree(self, kind=None, by=None, text=None, signature=None):
        """Note that the customer agrees with the solution (R58, step 6).

        :param str kind: portal, signature or note; as recorded before when empty
        :param str by: who agreed
        :param str text: his words, or how he agreed
        :param bytes signature: picture of his signature, base64
        :raise UserError: before its turn, by a stranger, above authority, or without
            his agreement
        """
        if kind or by or text or signature:
            return self._record_agreement(
                kind or ("signature" if signature else "note"), by, text, signature
            )
        self._ensure_step("agree")
        return self._move("agreed")

    def _record_agreement(self, kind, by, text=None, signature=None):
        """Keep the customer's agreement and take the step it stands for.

        :param str kind: portal, signature or note
        :param str by: who agreed
        :param str text: his words, or how he agreed
        :param bytes signature: picture of his signature, base64
        :raise UserError: as :meth:`action_agree`
        """
        if kind not in AGREEMENTS:
            raise UserError(
                self.env._("An agreement is a portal answer, a signature or a note.")
            )
        by = (by or "").strip() or ", ".join(self.partner_id.mapped("name"))
        if not by:
            self._refuse(self.env._("Say who agreed."))
        if kind == "signature" and not signature:
            self._refuse(self.env._("The customer's signature is missing."))
        if kind == "note" and not (text or "").strip():
            self._refuse(self.env._("Note when and how the customer agreed."))
        self._ensure_turn_of_customer()
        self._by_method().write(
            {
                "agreement_kind": kind,
                "agreement_by": by,
                "agreement_date": fields.Datetime.now(),
                "agreement_text": text,
                "agreement_signature": signature,
            }
        )
        self._ensure_step("agree")
        return self._move("agreed")

    def _ensure_turn_of_customer(self):
        """Refuse an answer of the customer while no solution waits for it.

        :raise UserError: naming the complaints
        """
        if refused := self.filtered(lambda complaint: complaint.state != "proposed"):
            refused._refuse(self._say_turn("agree"))

    def _get_missing_disagree(self):
        return []

    def action_disagree(self, reason=None):
        """Note that the customer is not content: a new solution is proposed (R58).

        :param str reason: what he is not content with
        :raise UserError: without a reason, by a stranger, or without a proposal
        """
        self._ensure_step("disagree")
        return self._record_refusal(reason)

    def _record_refusal(self, reason, by=None):
        """Keep that the customer is not content, and why.

        :param str reason: his words
        :param str by: who refused
        :raise UserError: without a reason
        """
        if not (reason or "").strip():
            self._refuse(self.env._("Say what the customer is not content with."))
        self._drop_approvals()
        for complaint in self:
            complaint._by_method().write(
                {
                    "refusal_count": complaint.refusal_count + 1,
                    "agreement_kind": False,
                    "agreement_by": False,
                    "agreement_date": False,
                    "agreement_text": False,
                    "agreement_signature": False,
                    "proposal_date": False,
                }
            )
        self._message_log_batch(
            bodies=dict.fromkeys(
                self.ids,
                self.env._(
                    "The customer is not content. %(by)s %(reason)s",
                    by=f"{by}:" if by else "",
                    reason=reason,
                ),
            )
        )
        return self._move("proposed")
