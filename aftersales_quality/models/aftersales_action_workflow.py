from odoo import api, fields, models
from odoo.exceptions import LockError, UserError

OWN = "aftersales_quality.mail_activity_type_aftersales_action"
CHECK = "aftersales_quality.mail_activity_type_aftersales_effect"


class AftersalesAction(models.Model):
    """Done with evidence, checked by somebody else after the set time (R59)."""

    _inherit = "aftersales.action"

    follow_up_count = fields.Integer(compute="_compute_follow_up_count")
    can_done = fields.Boolean(compute="_compute_can")
    can_check = fields.Boolean(compute="_compute_can")
    can_follow_up = fields.Boolean(compute="_compute_can")
    can_cancel = fields.Boolean(compute="_compute_can")
    can_reopen = fields.Boolean(compute="_compute_can")

    @api.depends(
        "state",
        "effective",
        "owner_id",
        "checker_id",
        "done_by_id",
        "follow_up_ids.state",
    )
    @api.depends_context("uid", "su")
    def _compute_can(self):
        user, desk, planner = self.env.user, self._is_desk(), self._is_planner()
        for action in self:
            own, state = action.owner_id == user, action.state
            action.can_done = state == "open" and (own or desk)
            action.can_check = (
                state == "done"
                and (planner or action.checker_id == user)
                and user not in (action.owner_id, action.done_by_id)
            )
            action.can_follow_up = desk and action._lacks_follow_up()
            action.can_cancel = state in ("open", "done") and (
                planner or desk and not own
            )
            action.can_reopen = state in ("done", "cancelled") and planner

    @api.depends("follow_up_ids")
    def _compute_follow_up_count(self):
        for action in self:
            action.follow_up_count = len(action.follow_up_ids)

    def _lacks_follow_up(self):
        """Tell whether the action did not help and nothing else was decided."""
        self.ensure_one()
        return (
            self.state == "closed"
            and self.effective == "no"
            and all(follow.state == "cancelled" for follow in self.follow_up_ids)
        )

    # ------------------------------------------------------------
    # DONE
    # ------------------------------------------------------------

    def action_done(self):
        """Note that the actions were carried out today; the effect is checked later.

        :raise UserError: for actions that are not open, of other owners, or without
            evidence where the company demands records
        """
        self._ensure_can(
            "can_done",
            self.env._("Open actions are reported done by their owner or the desk."),
        )
        self._ensure_named(
            ("evidence", "evidence_ids"),
            self.env._(
                "Add what shows that it was done: a text or a file as evidence."
            ),
        )
        self._lock(["open"])
        for company, actions in self.grouped("company_id").items():
            actions._step(
                {
                    "state": "done",
                    "date_done": company._aftersales_today(),
                    "done_by_id": self.env.uid,
                }
            )
        # To-dos of the owner may be another person's.
        self.sudo().activity_feedback([OWN])
        return True

    # ------------------------------------------------------------
    # EFFECT
    # ------------------------------------------------------------

    def action_check(self, effective, note=False):
        """Say whether the actions helped; done by somebody else than who did them.

        :param str effective: ``yes`` or ``no``
        :param str note: what the check showed, the note on the action when empty
        :raise UserError: before the day of the check, for one's own actions, for
            actions that are not done, and without evidence where the company demands
            records
        """
        if effective not in ("yes", "no"):
            raise UserError(self.env._("The effect is either “yes” or “no”."))
        self._ensure_can(
            "can_check",
            self.env._(
                "The effect of a done action is checked by quality, a supervisor or the "
                "named checker, and never by its owner or by who reported it done."
            ),
        )
        self._ensure_check_day()
        if note:
            self._step({"check_note": note})
        self._ensure_named(
            ("check_note",),
            self.env._("Say first what the check showed: the evidence of the effect."),
        )
        self._lock(["done"])
        self._note_check(effective)
        # To-dos of the check may be another person's.
        self.sudo().activity_feedback([CHECK])
        if effective == "no":
            self._ask_for_follow_up()
        return True

    def action_check_yes(self):
        """Close the actions as effective; see :meth:`action_check`."""
        return self.action_check("yes")

    def action_check_no(self):
        """Close the actions as not effective; see :meth:`action_check`."""
        return self.action_check("no")

    def _ensure_check_day(self):
        early = self.filtered(
            lambda action: action.check_date
            and action.check_date > action.company_id._aftersales_today()
        )
        if early:
            early._refuse(
                self.env._(
                    "The effect does not show yet; it is checked on: %s. Quality may "
                    "set an earlier day.",
                    ", ".join(str(day) for day in early.mapped("check_date")),
                )
            )

    def _note_check(self, effective):
        """Close the actions and keep the check as a row of its own."""
        now, vals_list = fields.Datetime.now(), []
        for action in self:
            vals_list.append(
                {
                    "action_id": action.id,
                    "date": action.company_id._aftersales_today(),
                    "user_id": self.env.uid,
                    "date_done": action.date_done,
                    "effective": effective,
                    "note": action.check_note,
                }
            )
        # Nobody has the right to write checks; they come from here alone.
        self.env["aftersales.action.check"].sudo().create(vals_list)
        self._step(
            {
                "state": "closed",
                "effective": effective,
                "date_checked": now,
                "checked_by_id": self.env.uid,
            }
        )

    def _ask_for_follow_up(self):
        """Give whoever leads quality the to-do to decide on something else."""
        for company, actions in self.grouped("company_id").items():
            user = actions._get_able(company.aftersales_quality_lead_id)
            user = user or company._aftersales_supervisor()
            if user:
                actions._give_to_do(
                    OWN,
                    user,
                    company._aftersales_today(),
                    lambda env: env._("Not effective: decide on a follow-up"),
                )

    def action_follow_up(self):
        """Decide on another action, since this one did not help; open it.

        :raise UserError: for actions that helped, or that have a follow-up
        """
        self.ensure_one()
        self._ensure_can(
            "can_follow_up",
            self.env._(
                "An action is followed up once when its check showed no effect."
            ),
        )
        self._lock(["closed"])
        follow_up = self.create(self._prepare_follow_up())
        # To-dos of the follow-up may be another person's.
        self.sudo().activity_feedback([OWN])
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": follow_up.id,
            "view_mode": "form",
        }

    def action_view_follow_ups(self):
        """Open the actions that took the place of this one."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_quality.aftersales_action_action"
        )
        return {
            **action,
            "domain": [("follow_up_of_id", "=", self.id)],
            "context": {},
        }

    def _prepare_follow_up(self):
        """Return the values of an action that takes the place of this one (hook)."""
        self.ensure_one()
        return {
            "kind": self.kind,
            "owner_id": self.owner_id.id,
            "checker_id": self.checker_id.id,
            "cause_id": self.cause_id.id,
            "product_id": self.product_id.id,
            "complaint_id": self.complaint_id.id,
            "nonconformity_id": self.nonconformity_id.id,
            "company_id": self.company_id.id,
            "follow_up_of_id": self.id,
        }

    # ------------------------------------------------------------
    # BACK
    # ------------------------------------------------------------

    def action_cancel(self):
        """Give up actions that are not needed; they count for nothing then.

        :raise UserError: for checked actions, for one's own, and without a reason where
            the company demands records
        """
        self._ensure_can(
            "can_cancel",
            self.env._(
                "Actions are cancelled before their effect is checked, and not by the "
                "owner himself: ask quality or a supervisor."
            ),
        )
        self._ensure_named(
            ("cancel_reason",), self.env._("Say first why the action is not needed.")
        )
        self._lock(["open", "done"])
        self._step({"state": "cancelled"})
        # To-dos of others fall away, too.
        self.sudo().activity_unlink([OWN, CHECK])
        return True

    def action_reopen(self):
        """Take done or cancelled actions up again: they were not finished after all.

        :raise UserError: for actions in another state, and for others than quality and
            supervisors
        """
        self._ensure_can(
            "can_reopen",
            self.env._(
                "Quality or a supervisor takes done and cancelled actions up again. "
                "What did not help is followed up by another action."
            ),
        )
        self._lock(["done", "cancelled"])
        self._reopen()
        return True

    def _reopen(self):
        self._step(
            {
                "state": "open",
                "date_done": False,
                "done_by_id": False,
                "effective": False,
                "date_checked": False,
                "checked_by_id": False,
                "check_note": False,
                "reminded_due": False,
                "overdue_told": False,
                "check_reminded": False,
            }
        )
        # To-dos of the check fall away.
        self.sudo().activity_unlink([CHECK])

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _lock(self, states):
        """Lock the actions and look again: of two steps at once, one is too late."""
        way_out = self.env._("Somebody else was faster; look at it again.")
        try:
            self.lock_for_update(allow_referencing=True)
        except LockError:
            self._refuse(way_out)
        self.invalidate_recordset(["state"])
        if late := self.filtered(lambda action: action.state not in states):
            late._refuse(way_out)

    def _step(self, vals):
        """Write facts of actions on which a step was allowed."""
        # Owners of other departments and named checkers may only read the action.
        self.sudo()._by_method().write(vals)

    def _get_unfinished(self):
        """Return the actions that keep their complaint or nonconformity from ending.

        Those not checked, and those that did not help and have no follow-up; cancelled
        ones count for nothing.
        """
        return self.filtered(
            lambda action: action.state in ("open", "done") or action._lacks_follow_up()
        )
