from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import formatLang

from ..tools.complaint import LEVELS, get_levels
from .aftersales_complaint_approval import TO_DO


class AftersalesComplaint(models.Model):
    """What is above the authority of who handles a complaint is approved (R58)."""

    _inherit = "aftersales.complaint"

    approval_ids = fields.One2many(
        comodel_name="aftersales.complaint.approval",
        inverse_name="complaint_id",
        string="Approvals",
        readonly=True,
    )
    approval_state = fields.Selection(
        selection=[
            ("none", "Not Needed"),
            ("waiting", "Waiting"),
            ("approved", "Approved"),
            ("refused", "Not Approved"),
        ],
        string="Approval",
        compute="_compute_approval_state",
        store=True,
    )
    approver_id = fields.Many2one(
        comodel_name="res.users",
        string="Waits for",
        compute="_compute_approval_state",
        store=True,
    )
    can_approve = fields.Boolean(compute="_compute_can_approve")

    @api.depends("proposal_round", "approval_ids.state", "approval_ids.round")
    def _compute_approval_state(self):
        for complaint in self:
            rows = complaint._get_current_approvals()
            states = set(rows.mapped("state"))
            if "refused" in states:
                complaint.approval_state = "refused"
            elif states & {"waiting", "next"}:
                complaint.approval_state = "waiting"
            else:
                complaint.approval_state = "approved" if rows else "none"
            waiting = rows.filtered(lambda row: row.state == "waiting")
            complaint.approver_id = waiting[:1].user_id

    @api.depends("approval_ids.can_decide")
    @api.depends_context("uid")
    def _compute_can_approve(self):
        # Whoever follows his customer's complaint does not read who approved what.
        reads = self.env["aftersales.complaint.approval"].has_access("read")
        for complaint in self:
            complaint.can_approve = reads and any(
                complaint.approval_ids.mapped("can_decide")
            )

    def _get_current_approvals(self):
        """Return the approvals of the solution as it is proposed now."""
        self.ensure_one()
        return self.approval_ids.filtered(
            lambda row: row.round == self.proposal_round and row.state != "dropped"
        )

    # ------------------------------------------------------------
    # AUTHORITY
    # ------------------------------------------------------------

    def _get_parties(self):
        """Return the users whose own case it is: none of them approves it."""
        self.ensure_one()
        # That somebody is responsible is asked, nothing else of his file.
        person_sudo = self.sudo().responsible_id.user_id
        parties = self.owner_id | self.proposed_by_id
        return parties | parties.browse(person_sudo.ids)

    def _get_levels(self, amount=None):
        """Return the levels that have to approve the solution, the lowest first.

        :param float amount: what it costs; as on the complaint when empty
        """
        self.ensure_one()
        # Limits of authority hold for everybody.
        company_sudo = self.company_id.sudo()
        limits = {
            level: company_sudo[f"aftersales_complaint_limit_{level}"]
            for level in ("handler", "lead", "officer")
        }
        severe = self.severity == "severe" and self._asks_for_records()
        return get_levels(self.amount if amount is None else amount, limits, severe)

    def _choose_approvers(self):
        """Return ``[(level, user)]`` of those who approve the solution, in order.

        A level that nobody holds, or whose holder is a party, goes up to the next
        one; each person is asked once.

        :raise UserError: when nobody is left for the last level
        """
        self.ensure_one()
        levels = self._get_levels()
        if not levels:
            return []
        parties = self._get_parties()
        chosen = {}
        for level in levels:
            if user := self._find_approver(level, parties):
                # The highest level that a person holds is the one he decides on.
                chosen.pop(user, None)
                chosen[user] = level
        last = levels[-1]
        if last not in chosen.values():
            for level in LEVELS[LEVELS.index(last) + 1 :]:
                user = self._find_approver(level, parties)
                if user:
                    chosen.pop(user, None)
                    chosen[user] = level
                    break
            else:
                self._refuse_unapproved(last)
        return [(level, user) for user, level in chosen.items()]

    def _find_approver(self, level, parties):
        """Return who decides on a level: its holder, else who stands in for him."""
        holder = self.company_id._aftersales_get_approver(level)
        # Who may not open complaints cannot decide on one.
        if not self.with_user(holder).has_access("read"):
            holder = holder.browse()
        if holder and holder not in parties:
            return holder
        delegates = self.env["aftersales.complaint.delegate"]._get_delegates(
            self.company_id
        )
        stand_in = delegates.get((self.company_id.id, holder.id), holder.browse())
        # The row asks the holder; who stands in for him decides.
        return holder if stand_in - parties else holder.browse()

    def _refuse_unapproved(self, level):
        """Say that nobody may approve.

        :raise UserError: always
        """
        labels = dict(
            self.approval_ids._fields["level"]._description_selection(self.env)
        )
        self._refuse(
            self.env._(
                "%(amount)s is above the authority of who handles it, and nobody "
                "else is named who may approve it. Name the %(level)s in the "
                "settings, or a delegate.",
                amount=formatLang(self.env, self.amount, currency_obj=self.currency_id),
                level=labels[level],
            )
        )

    def _ask_approvals(self):
        """Ask the levels above for the solutions proposed now."""
        self._drop_approvals()
        now = fields.Datetime.now()
        vals_list = []
        for complaint in self:
            for rank, (level, user) in enumerate(complaint._choose_approvers()):
                vals_list.append(
                    {
                        "complaint_id": complaint.id,
                        "round": complaint.proposal_round,
                        "sequence": rank + 1,
                        "level": level,
                        "amount": complaint.amount,
                        "user_id": user.id,
                        "state": "next" if rank else "waiting",
                        "date_asked": False if rank else now,
                    }
                )
        # Rows of approval are made by proposing alone.
        Approval = self.env["aftersales.complaint.approval"].sudo()
        rows_sudo = Approval._by_method().create(vals_list)
        rows_sudo.filtered(lambda row: row.state == "waiting")._plan_decision()

    def _drop_approvals(self):
        """Forget what waits, or was approved, for a solution that stands no more."""
        # As above; who is asked no more has no to-do, either.
        rows_sudo = self.sudo().approval_ids.filtered(
            lambda row: row.state in ("next", "waiting", "approved")
        )
        rows_sudo._by_method().write({"state": "dropped"})
        if rows_sudo:
            self.sudo().activity_unlink([TO_DO])  # as above

    def _get_missing_approvals(self):
        """Say what stands in the way of agreeing on the solution.

        :return: list of texts
        """
        self.ensure_one()
        if not self.proposal_date:
            return [self.env._("a new solution, proposed")]
        rows = self._get_current_approvals()
        amount = formatLang(self.env, self.amount, currency_obj=self.currency_id)
        if self.approval_state == "refused":
            return [self.env._("a solution that is approved: propose another one")]
        if open_rows := rows.filtered(lambda row: row.state in ("next", "waiting")):
            return [
                self.env._(
                    "the approval of %(names)s: %(amount)s is above the authority of "
                    "who handles it",
                    names=", ".join(open_rows.user_id.mapped("name")),
                    amount=amount,
                )
            ]
        if self._get_levels() and not any(
            self.currency_id.compare_amounts(row.amount, self.amount) >= 0
            for row in rows
        ):
            return [
                self.env._(
                    "an approval of %s, which is above the authority of who handles "
                    "it: propose it again",
                    amount,
                )
            ]
        return []

    def _follow_approval(self):
        """Ask the next level, or tell the customer and who handles it the outcome."""
        self.ensure_one()
        rows = self._get_current_approvals()
        if self.approval_state == "waiting":
            if not rows.filtered(lambda row: row.state == "waiting"):
                following = rows.filtered(lambda row: row.state == "next")[:1]
                following._by_method().write(
                    {"state": "waiting", "date_asked": fields.Datetime.now()}
                )
                following._plan_decision()
            return
        decided = rows.filtered("date_decided").sorted("date_decided")[-1:]
        labels = dict(self._fields["approval_state"]._description_selection(self.env))
        self._message_log(
            body=Markup("<p>%s: %s %s</p>")
            % (
                labels[self.approval_state],
                decided.decided_by_id.name,
                decided.note or "",
            )
        )
        if self.approval_state == "approved":
            self._after_proposal()

    def write(self, vals):
        result = super().write(vals)
        if {"amount", "solution"} & vals.keys() and not self._is_by_method():
            # What was approved is not what stands there now.
            self.filtered(lambda c: c.state == "proposed")._drop_approvals()
        return result

    # ------------------------------------------------------------
    # DECIDING FROM THE COMPLAINT
    # ------------------------------------------------------------

    def action_approve(self, note=None):
        """Approve the solution on the level that waits for the user (R58).

        :param str note: a remark
        :raise UserError: for the own case, or when nobody waits for the user
        """
        return self._get_waiting_approvals().action_approve(note)

    def action_refuse_approval(self, note=None):
        """Do not approve the solution.

        :param str note: why
        :raise UserError: as :meth:`action_approve`, and without a reason
        """
        return self._get_waiting_approvals().action_refuse(note)

    def _get_waiting_approvals(self):
        rows = self.approval_ids.filtered(lambda row: row.state == "waiting")
        if silent := self - rows.complaint_id:
            silent._refuse(self.env._("Its solution does not wait for an approval."))
        return rows
