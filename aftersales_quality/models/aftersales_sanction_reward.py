from odoo import api, fields, models
from odoo.fields import Command

from .aftersales_sanction_hearing import DECIDE


class AftersalesSanction(models.Model):
    """Rewards: the leader proposes, the sales director reviews, the committee approves
    (R61, F115)."""

    _inherit = "aftersales.sanction"

    review_date = fields.Datetime(string="Reviewed on", readonly=True, copy=False)
    reviewed_by_id = fields.Many2one(
        comodel_name="res.users", string="Reviewed by", readonly=True, copy=False
    )
    approval_ids = fields.One2many(
        comodel_name="aftersales.sanction.approval",
        inverse_name="sanction_id",
        string="Committee",
        readonly=True,
        copy=False,
    )
    can_review = fields.Boolean(compute="_compute_can_reward")

    @api.depends("state", "nature", "user_id", "proposed_by_id")
    @api.depends_context("uid")
    def _compute_can_reward(self):
        user = self.env.user
        for sanction in self:
            # Who reviews is no secret.
            reviewer_sudo = sanction.company_id.sudo().aftersales_reward_reviewer_id
            sanction.can_review = (
                sanction.nature == "reward"
                and sanction.state == "draft"
                and reviewer_sudo == user
                and not sanction._is_own()
                and sanction.proposed_by_id != user
            )

    @api.depends("approval_ids.state", "approval_ids.user_id")
    def _compute_can(self):
        """A reward is approved or refused by its reviewer and its committee."""
        result = super()._compute_can()
        user = self.env.user
        for sanction in self.filtered(lambda sanction: sanction.nature == "reward"):
            waiting = sanction._get_waiting(user)
            sanction.can_approve = bool(waiting) and not sanction._is_own()
            sanction.can_refuse = bool(waiting) or sanction.can_review
        return result

    def _get_waiting(self, user):
        """Return the open rows of a member of the committee."""
        self.ensure_one()
        if self.state != "reviewed":
            return self.env["aftersales.sanction.approval"]
        # Members see their own row; whether one is open decides about the button.
        return self.sudo().approval_ids.filtered(
            lambda row: row.user_id == user and row.state == "waiting"
        )

    def action_review(self):
        """Hand rewards on to the committee, as sales director (F115).

        :raise UserError: by anybody else, for one's own, without kind or amount, and
            when nobody is left in the committee
        """
        self._lock()
        self._ensure_can(
            "can_review",
            self.env._(
                "A proposed reward is reviewed by the sales director who is named in "
                "the settings, neither the person himself nor who proposed it."
            ),
        )
        self._ensure_complete()
        for sanction in self:
            # Who is in the committee is no secret.
            members_sudo = sanction.company_id.sudo().aftersales_reward_committee_ids
            members_sudo -= (sanction.user_id | sanction.proposed_by_id).sudo()
            if not members_sudo:
                sanction._refuse(
                    self.env._(
                        "Nobody is left to approve it: name the committee of rewards "
                        "in the settings."
                    )
                )
            sanction._step(
                {
                    "state": "reviewed",
                    "review_date": fields.Datetime.now(),
                    "reviewed_by_id": self.env.uid,
                    "approval_ids": [
                        Command.create({"user_id": member.id})
                        for member in members_sudo
                    ],
                }
            )
        # The to-do of the review is done.
        self.sudo().activity_unlink([DECIDE])
        self._ask_next()
        return True

    def _approve_rewards(self):
        """Approve rewards as member of the committee; the last one makes it whole.

        :raise UserError: before the review, by others, and twice
        """
        self._lock()
        self._ensure_can(
            "can_approve",
            self.env._(
                "After the review each member of the committee approves a reward "
                "once, nobody his own."
            ),
        )
        self._ensure_employed()
        for sanction in self:
            sanction._answer_row("approved")
            # All rows count, also those of others.
            rows_sudo = sanction.sudo().approval_ids
            if all(row.state == "approved" for row in rows_sudo):
                sanction._approve()

    def _answer_row(self, state, note=False):
        self.ensure_one()
        rows_sudo = self._get_waiting(self.env.user)
        rows_sudo._by_method().write(
            {"state": state, "date": fields.Datetime.now(), "note": note}
        )
        # The to-do of this member is done.
        self.sudo().activity_feedback([DECIDE], user_id=self.env.uid)

    def _end_with(self, state, reason):
        if state == "refused":
            for sanction in self.filtered(lambda one: one.nature == "reward"):
                sanction._answer_row("refused", sanction._get_reason(reason))
        return super()._end_with(state, reason)
