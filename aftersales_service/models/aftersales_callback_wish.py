from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

ASKED = "aftersales_service.mail_activity_type_aftersales_wish"
TELL = "aftersales_service.mail_activity_type_aftersales_tell"


class AftersalesCallback(models.Model):
    """A wish or question that cannot be answered at once (R69).

    It goes to the supervisor, who answers within two days; the customer is told on
    the very day the answer is known.
    """

    _inherit = "aftersales.callback"

    wish_state = fields.Selection(
        selection=[
            ("open", "With the Supervisor"),
            ("answered", "Customer to Be Told"),
            ("told", "Customer Told"),
        ],
        string="Wish",
        readonly=True,
        copy=False,
    )
    wish_deadline = fields.Datetime(
        string="To Be Answered by",
        readonly=True,
        copy=False,
        help="End of the day on which the supervisor has an answer.",
    )
    solution = fields.Text(
        string="Answer", copy=False, help="What the customer is told."
    )
    solution_date = fields.Datetime(string="Answered on", readonly=True, copy=False)
    tell_deadline = fields.Datetime(
        string="Customer Told by",
        readonly=True,
        copy=False,
        help="End of the day on which the answer became known.",
    )
    told_date = fields.Datetime(string="Told on", readonly=True, copy=False)
    wish_late = fields.Boolean(
        string="Wish Overdue", compute="_compute_wish_late", search="_search_wish_late"
    )
    can_answer = fields.Boolean(compute="_compute_can_wish")
    can_tell = fields.Boolean(compute="_compute_can_wish")

    _wish_idx = models.Index(
        "(company_id, wish_deadline) WHERE wish_state IN ('open', 'answered')"
    )

    @api.depends("wish_state", "wish_deadline", "tell_deadline")
    def _compute_wish_late(self):
        now = fields.Datetime.now()
        for callback in self:
            deadlines = {
                "open": callback.wish_deadline,
                "answered": callback.tell_deadline,
            }
            deadline = deadlines.get(callback.wish_state)
            callback.wish_late = bool(deadline) and deadline < now

    def _search_wish_late(self, operator, value):
        if operator != "in" or list(value) != [True]:
            return NotImplemented
        now = fields.Datetime.now()
        return (
            Domain("wish_state", "=", "open") & Domain("wish_deadline", "<", now)
        ) | (Domain("wish_state", "=", "answered") & Domain("tell_deadline", "<", now))

    @api.depends("wish_state", "user_id")
    @api.depends_context("uid", "su")
    def _compute_can_wish(self):
        is_agent = self._is_agent()
        is_supervisor = self.env.su or self.env.user.has_group(
            "aftersales_service.aftersales_service_group_supervisor"
        )
        for callback in self:
            callback.can_answer = is_supervisor and callback.wish_state == "open"
            mine = is_agent or callback.user_id == self.env.user
            callback.can_tell = mine and callback.wish_state == "answered"

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def action_wish(self):
        """The customer has a wish or question that goes to the supervisor.

        :raise UserError: without the words of the customer
        """
        self._ensure_answered()
        self._finish("wish")
        for company, callbacks in self.grouped("company_id").items():
            days = company.sudo().aftersales_wish_days  # no secret
            callbacks._by_method().write(
                {
                    "wish_state": "open",
                    "wish_deadline": company._aftersales_day_end(days),
                }
            )
            day = company._aftersales_today() + timedelta(days=days)
            for supervisor, own in callbacks._by_supervisor().items():
                own._ask(ASKED, supervisor, day)
        return True

    def action_answer(self, solution=None):
        """Note the answer: the customer is told today.

        :param str solution: the answer, the one on the form when empty
        :raise UserError: without an answer, or for others than supervisors
        """
        self.check_access("write")
        if refused := self.filtered(lambda callback: not callback.can_answer):
            refused._refuse(self.env._("A supervisor answers wishes that are open."))
        if solution:
            self.write({"solution": solution})
        if mute := self.filtered(lambda c: not (c.solution or "").strip()):
            mute._refuse(self.env._("Note first what the customer is to be told."))
        self.activity_feedback([ASKED])
        for company, callbacks in self.grouped("company_id").items():
            callbacks._by_method().write(
                {
                    "wish_state": "answered",
                    "solution_date": fields.Datetime.now(),
                    "tell_deadline": company._aftersales_day_end(),
                }
            )
            for caller, own in callbacks.grouped("user_id").items():
                own._ask(TELL, caller, company._aftersales_today())
        return True

    def action_told(self):
        """The customer was told the answer.

        :raise UserError: when there is nothing to tell
        """
        self.check_access("write")
        if refused := self.filtered(lambda callback: not callback.can_tell):
            refused._refuse(
                self.env._("The desk or the caller tells answers that are known.")
            )
        self.activity_feedback([TELL])
        self._by_method().write(
            {"wish_state": "told", "told_date": fields.Datetime.now()}
        )
        return True

    def write(self, vals):
        if "solution" in vals and not self._is_by_method():
            closed = self.filtered(lambda c: c.wish_state != "open")
            if closed:
                closed._refuse(self.env._("Only open wishes are answered."))
        return super().write(vals)

    # ------------------------------------------------------------
    # WHO IS ASKED
    # ------------------------------------------------------------

    def _by_supervisor(self):
        """Return ``{supervisor: callbacks}``; those without one stay in the list."""
        result = {}
        for (team, company), callbacks in self.grouped(
            lambda callback: (callback.team_id, callback.company_id)
        ).items():
            user = team.supervisor_id or company._aftersales_supervisor()
            if user:
                result[user] = result.get(user, self.browse()) | callbacks
        return result

    def _ask(self, activity_type, user, day):
        """Give somebody the to-do that a wish is waiting for."""
        # Activities are for others than the user, too.
        callbacks_sudo = self.sudo().with_context(mail_activity_quick_update=True)
        callbacks_sudo.activity_schedule(
            activity_type, date_deadline=day, user_id=user.id
        )
