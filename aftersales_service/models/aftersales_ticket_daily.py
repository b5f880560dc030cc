from odoo import api, fields, models
from odoo.fields import Domain

from .aftersales_ticket import OPEN_STATES

STAFF = "aftersales_service.aftersales_service_group_technician"
EXPLAIN = "aftersales_service.mail_activity_type_aftersales_delay"


class AftersalesTicket(models.Model):
    """The order of the day: what was left over, what is not solved yet (R05, R06)."""

    _inherit = "aftersales.ticket"

    open_day = fields.Date(
        string="Day of Registration",
        compute="_compute_open_day",
        store=True,
        precompute=True,
        index=True,
        help="Day of the call in the time zone of the company.",
    )
    is_leftover = fields.Boolean(
        string="Left Over",
        compute="_compute_is_leftover",
        search="_search_is_leftover",
        help="Registered before today.",
    )
    delay_reason = fields.Char(
        string="Explanation",
        copy=False,
        tracking=True,
        groups=STAFF,
        help="Why it was not solved on the day of the call.",
    )
    delay_activity_id = fields.Many2one(
        comodel_name="mail.activity",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=STAFF,
    )

    @api.depends("date_open", "company_id")
    def _compute_open_day(self):
        for ticket in self:
            ticket.open_day = ticket.company_id._aftersales_today(ticket.date_open)

    @api.depends("open_day", "company_id")
    def _compute_is_leftover(self):
        for ticket in self:
            today = ticket.company_id._aftersales_today()
            ticket.is_leftover = bool(ticket.open_day and ticket.open_day < today)

    @api.model
    def _search_is_leftover(self, operator, value):
        if operator != "in":
            return NotImplemented
        days = {company: company._aftersales_today() for company in self.env.companies}
        left_over = Domain.OR(
            Domain("company_id", "=", company.id) & Domain("open_day", "<", day)
            for company, day in days.items()
        )
        return left_over if True in value else ~left_over

    # ------------------------------------------------------------
    # FIRST THING IN THE MORNING
    # ------------------------------------------------------------

    @api.model
    def _get_to_dispatch_domain(self):
        """Domain of the tickets for which somebody has still to be sent out.

        The house rule: what was not dispatched today comes first tomorrow (R06). What
        waits for the customer or for parts comes back when it goes on.
        """
        return (
            Domain("state", "in", ("new", "open"))
            & Domain("service_mode", "=", "onsite")
            & Domain("arrive_date", "=", False)
            & Domain("to_verify", "=", False)
        )

    @api.model
    def _get_to_dispatch_action(self):
        """Return the list of the visits to send out, the left over ones first."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_ticket_action_dispatch_list"
        )
        return {**action, "domain": list(self._get_to_dispatch_domain())}

    # ------------------------------------------------------------
    # LAST THING IN THE EVENING
    # ------------------------------------------------------------

    @api.model
    def _get_unresolved_domain(self, company):
        """Domain of what a company has not solved on the day of the call (R05)."""
        return self._get_open_domain() & Domain("company_id", "=", company.id)

    @api.model
    def _get_unexplained_domain(self, company):
        """Domain of the unresolved tickets without reason, or without a time to come.

        Whoever was asked and has not answered yet is not asked again.
        """
        return (
            self._get_unresolved_domain(company)
            & Domain("service_kind", "!=", "internal")
            & (
                Domain("delay_reason", "in", (False, ""))
                | Domain("promised_date", "=", False)
                | Domain("promised_date", "<", fields.Datetime.now())
            )
            & (
                Domain("delay_activity_id", "=", False)
                | Domain("delay_activity_id.active", "=", False)
            )
        )

    def _ask_for_explanation(self):
        """Give who answers for these tickets a to-do: explain and promise a time.

        The responsible, else the supervisor of the team, else of the company.
        """
        kind = self.env.ref(EXPLAIN, raise_if_not_found=False) or self.env.ref(
            "mail.mail_activity_data_todo"
        )
        model_id = self.env["ir.model"]._get_id(self._name)
        leads = {
            company: company._aftersales_supervisor() for company in self.company_id
        }
        asked, vals_list = [], []
        for ticket in self:
            user = next(
                (
                    user
                    for user in (
                        ticket.user_id,
                        ticket.team_id.supervisor_id,
                        leads[ticket.company_id],
                    )
                    if user and user.active
                ),
                None,
            )
            if not user:
                continue
            words = self.with_context(lang=user.lang or self.env.lang).env
            asked.append(ticket)
            vals_list.append(
                {
                    "activity_type_id": kind.id,
                    "res_model_id": model_id,
                    "res_id": ticket.id,
                    "user_id": user.id,
                    "date_deadline": ticket.company_id._aftersales_today(),
                    "summary": words._("Explain and promise a time"),
                }
            )
        activities = self.env["mail.activity"].with_context(
            mail_activity_quick_update=True
        )
        for ticket, activity in zip(asked, activities.create(vals_list), strict=True):
            ticket._by_method().delay_activity_id = activity

    def action_evening_report(self):
        """Download the evening report as of now."""
        return {
            "type": "ir.actions.act_url",
            "url": f"/aftersales/evening_report/{self.env.company.id}",
            "target": "download",
        }

    # ------------------------------------------------------------
    # FOLLOWING
    # ------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state", "new") not in OPEN_STATES and self._is_by_method():
            # Asked of somebody else, perhaps.
            self.sudo().delay_activity_id.unlink()
        elif vals.get("delay_reason") or vals.get("promised_date"):
            self._close_explained()
        return result

    def _close_explained(self):
        """Mark the to-dos as done for which reason and time are given now."""
        now = fields.Datetime.now()
        # Asked of somebody else, perhaps.
        explained_sudo = self.sudo().filtered(
            lambda ticket: ticket.delay_activity_id.active
            and ticket.delay_reason
            and ticket.promised_date
            and ticket.promised_date > now
        )
        explained_sudo.delay_activity_id.action_done()
