from odoo import api, fields, models
from odoo.fields import Domain

from .aftersales_return_workflow import AGENT, MANAGER, SUPERVISOR

# From the desk up; above the last one the general manager decides.
LEVELS = (
    (AGENT, "aftersales_return_agent_limit"),
    (SUPERVISOR, "aftersales_return_supervisor_limit"),
    (MANAGER, "aftersales_return_manager_limit"),
)
ACTIVITY = "aftersales_parts.mail_activity_type_aftersales_return_approval"


class AftersalesReturn(models.Model):
    """Returns are authorised by who may, with all that is needed for it (R49)."""

    _inherit = "aftersales.return"

    partner_phone = fields.Char(
        string="Phone",
        compute="_compute_partner_phone",
        store=True,
        readonly=False,
        precompute=True,
        help="Whom to call about the parcel.",
    )
    return_address_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer's Address",
        compute="_compute_return_address_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        index="btree_not_null",
        help="Where repaired, replaced or refused goods go back to.",
    )
    needs_approval = fields.Boolean(compute="_compute_needs_approval")
    approver_name = fields.Char(compute="_compute_needs_approval")
    approval_user_id = fields.Many2one(
        comodel_name="res.users",
        string="Approval Asked of",
        readonly=True,
        copy=False,
    )
    approval_asked_by_id = fields.Many2one(
        comodel_name="res.users", readonly=True, copy=False
    )
    approval_date = fields.Datetime(
        string="Approval Asked on", readonly=True, copy=False
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("partner_id", "ticket_id")
    def _compute_partner_phone(self):
        for rma in self:
            # The number of the customer, for who takes his request.
            known = rma.partner_id.sudo().phone
            rma.partner_phone = (
                rma.partner_phone or rma.ticket_id.partner_phone or known
            )

    @api.depends("partner_id")
    def _compute_return_address_id(self):
        for rma in self:
            address = rma.return_address_id
            customer = rma.partner_id.commercial_partner_id
            if not address or address.commercial_partner_id != customer:
                # Where it was delivered to, else where the customer is.
                went_to_sudo = rma.line_ids.move_id.sudo().picking_id.partner_id
                own = went_to_sudo.filtered(
                    lambda to, who=customer: to.commercial_partner_id == who
                )
                # With the rights of who asks again.
                rma.return_address_id = own.sudo(False)[:1] or rma.partner_id

    @api.depends("state", "amount_paid", "company_id")
    @api.depends_context("uid", "su")
    def _compute_needs_approval(self):
        for rma in self:
            above = rma.state == "draft" and rma._is_above_limit(self.env.user)
            rma.needs_approval = above
            # The name of a colleague.
            rma.approver_name = above and rma._get_approver().sudo().name

    # ------------------------------------------------------------
    # LIMITS
    # ------------------------------------------------------------

    def _is_above_limit(self, user):
        """Tell whether the value of the goods is above what a user authorises."""
        self.ensure_one()
        if self.env.su:
            return False
        # The limits are the company's, for everybody to know.
        company_sudo = self.company_id.sudo()
        director = company_sudo.aftersales_general_manager_id
        if director and user == director:
            return False
        limit = 0.0
        for group, name in LEVELS:
            if user.has_group(group):
                limit = company_sudo[name]
                if not limit or (name == LEVELS[-1][1] and not director):
                    # Without a limit, or nobody above.
                    return False
        return self.currency_id.compare_amounts(self.amount_paid, limit) > 0

    def _get_approver(self):
        """Return who may authorise this value: the nearest one, who works here."""
        self.ensure_one()
        # The supervisor of the team of the ticket, and the limits of the company.
        # Who leads whom is no secret.
        company_sudo, team_sudo = self.company_id.sudo(), self.ticket_id.sudo().team_id
        director = company_sudo.aftersales_general_manager_id
        for group, _name in LEVELS[1:]:
            candidates = self._search_approvers(group)
            first = team_sudo.supervisor_id & candidates
            for user in (first | candidates).sudo(False):  # asked by who asks
                if user != self.env.user and not self._is_above_limit(user):
                    return user
        director = director.sudo(False)  # asked by who asks
        return director if director != self.env.user else director.browse()

    def _search_approvers(self, group):
        # Colleagues are not hidden from each other, their groups are.
        users_sudo = self.env["res.users"].sudo()
        return users_sudo.search(
            Domain("all_group_ids", "in", self.env.ref(group).ids)
            & Domain("company_ids", "in", self.company_id.ids)
            & Domain("share", "=", False),
            order="id",
            limit=20,
        )

    def _ensure_limit(self):
        result = super()._ensure_limit()
        for rma in self:
            if not rma._is_above_limit(self.env.user):
                continue
            amount = rma.currency_id.format(rma.amount_paid)
            if approver := rma._get_approver():
                rma._refuse(
                    self.env._(
                        "Goods worth %(amount)s are authorised by %(approver)s; ask for "
                        "the approval.",
                        amount=amount,
                        # The name of a colleague.
                        approver=approver.sudo().name,
                    )
                )
            rma._refuse(
                self.env._(
                    "Goods worth %s are above what anybody may authorise; name the "
                    "general manager, or raise the limits, on the settings page of "
                    "after-sales.",
                    amount,
                )
            )
        return result

    # ------------------------------------------------------------
    # WHAT IS MISSING
    # ------------------------------------------------------------

    def _ensure_complete(self):
        result = super()._ensure_complete()
        for rma in self:
            # Whether the company wants it, for everybody.
            if not rma.company_id.sudo().aftersales_return_contact_required:
                continue
            if missing := rma._get_missing():
                rma._refuse(
                    self.env._(
                        "Before it is authorised, fill in: %s", "; ".join(missing)
                    )
                )
        return result

    def _get_missing(self):
        """Return what a return lacks to be authorised, in words."""
        self.ensure_one()
        missing = []
        # The address of the customer, for who takes his request.
        address_sudo = self.return_address_id.sudo()
        if not (address_sudo.street or address_sudo.city):
            missing.append(self.env._("the customer's address, where goods go back to"))
        if not self.partner_phone:
            missing.append(self.env._("the phone of the customer"))
        silent = self.line_ids.filtered(lambda line: not line._says_why())
        if silent:
            missing.append(
                self.env._(
                    "the fault of %s",
                    ", ".join(silent.mapped("product_id.display_name")),
                )
            )
        return missing

    # ------------------------------------------------------------
    # ASKING
    # ------------------------------------------------------------

    def action_request_approval(self):
        """Ask the next one who may authorise returns of this value.

        :raise UserError: when the user may authorise it himself, something is missing,
            or nobody may
        """
        self._ensure_can(
            "needs_approval",
            self.env._("Only requested returns above your limit need an approval."),
        )
        self._ensure_complete()
        for rma in self:
            approver = rma._get_approver()
            if not approver:
                rma._ensure_limit()
            rma._ask(approver)
        return True

    def _ask(self, approver):
        self.ensure_one()
        self.activity_unlink([ACTIVITY])
        self.activity_schedule(
            ACTIVITY,
            user_id=approver.id,
            summary=self.env._(
                "Authorise %s?", self.currency_id.format(self.amount_paid)
            ),
        )
        self._step(
            {
                "approval_user_id": approver.id,
                "approval_asked_by_id": self.env.uid,
                "approval_date": fields.Datetime.now(),
            }
        )

    def _after_authorisation(self):
        result = super()._after_authorisation()
        asked = self.filtered("approval_user_id")
        if asked:
            asked.activity_feedback([ACTIVITY])
        return result

    def _end(self, state, reason, question):
        result = super()._end(state, reason, question)
        asked = self.filtered("approval_user_id")
        if asked:
            asked.activity_unlink([ACTIVITY])
        return result
