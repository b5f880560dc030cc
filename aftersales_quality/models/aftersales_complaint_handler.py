from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

AGENT = "aftersales_service.aftersales_service_group_agent"
SUPERVISOR = "aftersales_service.aftersales_service_group_supervisor"
MANAGER = "aftersales_service.aftersales_service_group_manager"
QUALITY = "aftersales_quality.aftersales_quality_group_lead"

# What only he writes who handles the complaint …
DECISIONS = frozenset(
    {
        "rejection_reason",
        "liability",
        "promised_date",
        "solution",
        "amount",
        "responsible_id",
        "responsible_note",
        "summary",
        "team_id",
    }
)
# … what those write, too, who look for the cause …
FINDINGS = frozenset({"investigation", "expert_finding", "department_id", "cause_id"})
# … and what everybody may correct until the first step is taken.
REGISTER = frozenset({"date", "partner_id", "kind", "severity", "channel"})
PROPOSAL = frozenset({"solution", "amount"})


class AftersalesComplaint(models.Model):
    """Who handles a complaint: the supervisor in person or whom he names (R60)."""

    _inherit = "aftersales.complaint"

    can_handle = fields.Boolean(compute="_compute_can_handle")
    can_delegate = fields.Boolean(compute="_compute_can_handle")
    delegated_by_id = fields.Many2one(
        comodel_name="res.users", string="Named by", readonly=True, copy=False
    )
    delegate_until = fields.Date(
        string="Delegated until",
        readonly=True,
        index="btree_not_null",
        copy=False,
        help="Afterwards the supervisor handles it himself again.",
    )

    @api.depends("owner_id", "delegate_until", "team_id.supervisor_id", "company_id")
    @api.depends_context("uid", "su")
    def _compute_can_handle(self):
        user, su = self.env.user, self.env.su
        manager = su or user.has_group(MANAGER)
        supervises = manager or user.has_group(SUPERVISOR)
        for complaint in self:
            leader = complaint.team_id.supervisor_id
            # Without a leader of its own, every supervisor answers for it.
            leads = manager or user == leader or (supervises and not leader)
            complaint.can_delegate = leads
            complaint.can_handle = leads or (
                user == complaint.owner_id and not complaint._is_delegation_over()
            )

    def _is_delegation_over(self):
        """Tell whether the time of the named delegate is over."""
        self.ensure_one()
        until = self.delegate_until
        return bool(until) and until < self.company_id._aftersales_today()

    # ------------------------------------------------------------
    # WRITING
    # ------------------------------------------------------------

    def _ensure_owners_named(self):
        """Refuse new complaints handled by somebody whom no supervisor has named.

        :raise UserError: naming the complaints
        """
        if wrong := self.filtered(
            lambda c: c.owner_id != c.team_id.supervisor_id
            and c.owner_id
            and not c.can_delegate
        ):
            wrong._refuse(
                self.env._(
                    "A complaint is handled by the supervisor of the team, or by "
                    "whom he names: leave Handled by as it is."
                )
            )

    def _ensure_may_handle(self, vals):
        """Refuse decisions of somebody who does not handle the complaint (R60).

        :raise UserError: naming the complaints and the supervisor
        """
        if self._is_by_method() or self.env.su:
            return
        if "owner_id" in vals and (
            refused := self.filtered(
                lambda c: not c.can_delegate and c.owner_id.id != vals["owner_id"]
            )
        ):
            refused._refuse(
                self.env._("Only the supervisor of the team names who handles it.")
            )
        wanted = DECISIONS & vals.keys()
        looked = FINDINGS & vals.keys()
        if REGISTER & vals.keys():
            wanted |= REGISTER & vals.keys()
        quality = self.env.user.has_group(QUALITY)
        refused = self.filtered(
            lambda c: not c.can_handle
            and (
                wanted - (REGISTER if c.state == "recorded" else set())
                or (looked and not quality)
            )
        )
        if refused:
            refused._refuse_stranger()
        if PROPOSAL & vals.keys() and (
            settled := self.filtered(
                lambda c: c.state in ("agreed", "accountable", "improved")
            )
        ):
            settled._refuse(
                self.env._(
                    "The customer has agreed on this solution. Note that he is not "
                    "content, then propose another one."
                )
            )

    def _refuse_stranger(self):
        """Say who handles these complaints.

        :raise UserError: always
        """
        names = self.team_id.supervisor_id | self.owner_id
        self._refuse(
            self.env._(
                "Complaints are handled by the supervisor in person or by whom he "
                "names. Ask: %s",
                ", ".join(names.mapped("name")) or self.env._("a supervisor"),
            )
        )

    # ------------------------------------------------------------
    # DELEGATION
    # ------------------------------------------------------------

    def action_delegate(self, user_id=None, reason=None, until=None):
        """Name who handles the complaint, or take it back (R60).

        :param int user_id: the delegate; the supervisor himself when empty
        :param str reason: why, kept in the history
        :param date until: last day on which he handles it, open when empty
        :raise UserError: when the user does not lead the team, the delegate cannot
            work on it, or it is finished
        """
        self._ensure_can(
            "can_delegate",
            self.env._("Only the supervisor of the team names who handles it."),
        )
        self._ensure_open()
        delegate = self.env["res.users"].browse(user_id or ()).exists()
        until = fields.Date.to_date(until) if delegate else None
        self._ensure_able(delegate)
        if delegate and not (reason or "").strip():
            self._refuse(self.env._("Say why somebody else handles it."))
        for company in self.company_id:
            if until and until < company._aftersales_today():
                self._refuse(
                    self.env._("The last day of the delegate is over already.")
                )
        for supervisor, complaints in self.grouped(
            lambda c: c.team_id.supervisor_id
        ).items():
            complaints._by_method().write(
                {
                    "owner_id": (delegate or supervisor).id,
                    "delegated_by_id": delegate and self.env.uid,
                    "delegate_until": until,
                }
            )
        self._message_log_batch(
            bodies=dict.fromkeys(
                self.ids,
                self.env._(
                    "Handled by %(user)s. %(reason)s",
                    user=delegate.name or self.env._("the supervisor again"),
                    reason=reason or "",
                ),
            )
        )
        return True

    def _ensure_able(self, user):
        """Refuse a delegate who could not work on these complaints.

        :raise UserError: naming him
        """
        if not user:
            return
        mine = self.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids
        )
        if (
            not user.active
            or user.share
            or self.company_id - user.company_ids
            or not mine.has_access("write")
        ):
            raise UserError(
                self.env._(
                    "%s cannot work on complaints of this company. Choose somebody of "
                    "the service desk or of quality.",
                    user.name,
                )
            )

    def _ensure_open(self):
        """Refuse what is for unfinished complaints alone.

        :raise UserError: naming the finished ones
        """
        if ended := self.filtered("date_end"):
            ended._refuse(self.env._("It is finished."))

    @api.model
    def _take_back_delegations(self):
        """Give complaints back to the supervisor when the time of a delegate is over.

        :return: the complaints taken back
        """
        over = self.search(
            self._get_open_domain()
            & Domain("delegate_until", "<=", fields.Date.today())
        ).filtered(lambda complaint: complaint._is_delegation_over())
        for supervisor, complaints in over.grouped(
            lambda c: c.team_id.supervisor_id
        ).items():
            complaints._by_method().write(
                {
                    "owner_id": supervisor.id,
                    "delegated_by_id": False,
                    "delegate_until": False,
                }
            )
        return over
