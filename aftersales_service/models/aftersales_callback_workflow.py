from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.turn import take_turn

# After these the customer hears from us again when a rule says so.
NEXT_ROUND_AFTER = ("solved", "wish", "unreachable")


class AftersalesCallback(models.Model):
    """What came of a callback: ``can_x`` → ``_ensure_can_x`` → ``action_x`` (R34)."""

    _inherit = "aftersales.callback"

    can_do = fields.Boolean(compute="_compute_can")
    can_take = fields.Boolean(compute="_compute_can")
    can_cancel = fields.Boolean(compute="_compute_can")
    can_send = fields.Boolean(compute="_compute_can")
    other_count = fields.Integer(
        string="Other Open Callbacks",
        compute="_compute_other_count",
        help="What else the same customer is to be called about: one call for all.",
    )

    @api.depends("state", "user_id", "kind")
    @api.depends_context("uid", "su")
    def _compute_can(self):
        is_agent = self._is_agent()
        for callback in self:
            planned = callback.state == "planned"
            mine = is_agent or callback.user_id == self.env.user
            callback.can_do = planned and mine
            callback.can_take = planned and callback.user_id != self.env.user
            callback.can_cancel = is_agent and callback.state in ("draft", "planned")
            callback.can_send = planned and is_agent and callback.kind == "letter"

    @api.depends("partner_id")
    def _compute_other_count(self):
        counts = dict(
            self._read_group(self._get_same_domain(), ["partner_id"], ["__count"])
        )
        for callback in self:
            own = callback.state == "planned"
            count = counts.get(callback.partner_id, 0)
            callback.other_count = max(0, count - own)

    def _get_same_domain(self):
        """Domain of what is open with the customers of these callbacks."""
        return Domain("partner_id", "in", self.partner_id.ids) & Domain(
            "state", "=", "planned"
        )

    @api.model
    def _is_agent(self):
        return self.env.su or self.env.user.has_group(
            "aftersales_service.aftersales_service_group_agent"
        )

    # ------------------------------------------------------------
    # RESULTS
    # ------------------------------------------------------------

    def action_done(self, result, answer=None):
        """Note what came of calls, visits or letters.

        :param str result: solved, not_solved, wish, informed, sent, refused, or
            unreachable, which plans the next attempt until there were enough
        :param str answer: what the customer says, in his own words
        :raise UserError: when it is not to be done, or the words are missing
        """
        methods = {
            "solved": self.action_solved,
            "not_solved": self.action_not_solved,
            "wish": self.action_wish,
            "informed": self.action_informed,
            "sent": self.action_send,
            "refused": self.action_refused,
            "unreachable": self.action_unreachable,
        }
        if result not in methods:
            raise UserError(
                self.env._(
                    "%(result)s is no result of a callback; choose one of: %(results)s",
                    result=result,
                    results=", ".join(methods),
                )
            )
        if answer:
            self._ensure_can_do()
            self.write({"answer": answer})
        return methods[result]()

    def action_solved(self):
        """The customer is content.

        :raise UserError: when it is not to be done
        """
        return self._finish("solved")

    def action_informed(self):
        """The customer was told, or visited.

        :raise UserError: when it is not to be done
        """
        return self._finish("informed")

    def action_refused(self):
        """The customer does not want to talk; nothing more is planned.

        :raise UserError: when it is not to be done
        """
        return self._finish("refused")

    def action_not_solved(self):
        """The fault is still there: take its ticket up again, or register a new one.

        :raise UserError: without the words of the customer
        """
        self._ensure_answered()
        self._finish("not_solved")
        for answer, callbacks in self.grouped("answer").items():
            callbacks._reopen_tickets(answer)
        return True

    def action_unreachable(self, next_date=None):
        """Nobody answered: try again, until there were enough attempts.

        :param next_date: day of the next attempt, tomorrow when empty
        :raise UserError: when it is not to be done
        """
        self._ensure_can_do()
        # Each attempt is counted with those of others before it is the last.
        take_turn(self)
        for company, callbacks in self.grouped("company_id").items():
            enough = callbacks.filtered(
                lambda callback, company=company: callback.attempt_count + 1
                >= company.sudo().aftersales_callback_attempts  # no secret
            )
            again = callbacks - enough
            again._note_attempt("unreachable")
            day = company._aftersales_today() + timedelta(days=1)
            again._step({"date_planned": next_date or day})
            if enough:
                enough._finish("unreachable")
        return True

    def action_send(self):
        """Send letters: by mail through the queue, or noted as posted.

        :raise UserError: for others than planned letters
        """
        self._ensure_can_do()
        if others := self.filtered(lambda callback: not callback.can_send):
            others._refuse(self.env._("Only letters are sent; note a result instead."))
        self.filtered(lambda callback: callback.channel == "mail")._queue_mail()
        return self._finish("sent")

    def action_take(self):
        """Take callbacks, also those that somebody else wanted to do.

        :raise UserError: when they are finished
        """
        if refused := self.filtered(lambda callback: callback.state != "planned"):
            refused._refuse(self.env._("Only planned callbacks can be taken."))
        self.user_id = self.env.user
        return True

    def action_cancel(self, reason=None):
        """Withdraw callbacks that are not needed.

        :param str reason: why
        :raise UserError: when they are finished, or the user is not at the desk
        """
        self.check_access("write")
        if refused := self.filtered(lambda callback: not callback.can_cancel):
            refused._refuse(self.env._("Only the desk withdraws planned callbacks."))
        self._withdraw(reason or self.env._("Withdrawn by %s", self.env.user.name))
        return True

    def action_opt_out(self):
        """The customer wants no calls at all: keep his number from being called.

        :raise UserError: without a number, or when it is not to be done
        """
        self._ensure_can_do()
        if without := self.filtered(lambda callback: not callback.phone_sanitized):
            without._refuse(self.env._("There is no valid number to note."))
        self._phone_set_blacklisted()
        numbers = self.mapped("phone_sanitized")
        self._finish("refused")
        # Whoever planned them: this number is not called again.
        others_sudo = self.sudo().search(
            Domain("phone_sanitized", "in", numbers)
            & Domain("state", "in", ("draft", "planned"))
            & Domain("channel", "=", "phone")
        )
        others_sudo._withdraw(self.env._("The customer wants no calls."))
        return True

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def _ensure_can_do(self):
        """Refuse results for callbacks that are not to be done by the user.

        :raise UserError: naming them and the way out
        """
        self.check_access("write")
        if refused := self.filtered(lambda callback: not callback.can_do):
            refused._refuse(
                self.env._(
                    "Only planned callbacks get a result, from the desk or from their "
                    "caller."
                )
            )

    def _ensure_answered(self):
        self._ensure_can_do()
        if silent := self.filtered(lambda c: not (c.answer or "").strip()):
            silent._refuse(self.env._("Note first what the customer says."))

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def _finish(self, result):
        """Enter callbacks into the register and plan what follows."""
        self._ensure_can_do()
        self._note_attempt(result)
        self._step(
            {
                "state": "done",
                "result": result,
                "date_done": fields.Datetime.now(),
                "user_id": self.env.uid,
            }
        )
        self._follow_result(result)
        return True

    def _follow_result(self, result):
        """Plan what follows a result (hook)."""
        if result in NEXT_ROUND_AFTER:
            self._plan_next_round()

    def _step(self, vals):
        return self._by_method().write(vals)

    def _note_attempt(self, outcome):
        # Its own rows, for which nobody else has a form.
        Attempt = self.env["aftersales.callback.attempt"].sudo()
        Attempt.create([{"callback_id": c.id, "outcome": outcome} for c in self])
        for count, callbacks in self.grouped("attempt_count").items():
            callbacks._step({"attempt_count": count + 1})

    def _reopen_tickets(self, answer):
        """Take the tickets up again with the words of the customer."""
        reason = self.env._("The customer says in a callback: %s", answer)
        # Whoever calls hears it, also without the right to reopen; who heard it is
        # noted.
        tickets_sudo = self.sudo().ticket_id
        tickets_sudo = tickets_sudo.browse(
            ticket.duplicate_of_id.id or ticket.id for ticket in tickets_sudo
        )
        finished = tickets_sudo.filtered("can_reopen")
        if finished:
            finished.action_reopen(reason)
        if running := tickets_sudo - finished:
            running._tell(self.env._("Not solved"), reason)
        self.filtered(lambda callback: not callback.ticket_id)._register_faults()

    def _register_faults(self):
        """Register a ticket for each fault that no ticket knows yet."""
        Ticket = self.env["aftersales.ticket"].sudo()  # as in _reopen_tickets
        tickets_sudo = Ticket.create(
            [callback._prepare_fault_vals() for callback in self]
        )
        for callback, ticket in zip(self, tickets_sudo, strict=True):
            callback._by_method().new_ticket_id = ticket

    def _prepare_fault_vals(self):
        """Return the values of a ticket for a fault heard in a callback (hook)."""
        self.ensure_one()
        vals = {
            "company_id": self.company_id.id,
            "channel": "visit" if self.channel == "visit" else "phone",
            "symptom": self.answer.strip().splitlines()[0][:120],
            "description": self.answer,
            "equipment_id": self.equipment_id.id,
            "partner_id": self.partner_id.id,
            "partner_name": self.partner_name,
            "partner_phone": self.phone,
        }
        if self.team_id:
            vals["team_id"] = self.team_id.id
        return vals

    # ------------------------------------------------------------
    # SCREENS
    # ------------------------------------------------------------

    @api.model
    def _get_list_action(self, domain, context=None):
        """Return the action that lists callbacks, done and open ones."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_callback_action_all"
        )
        return {**action, "domain": domain, "context": context or {}}

    def action_view_others(self):
        """Open all that is open with the same customer."""
        self.ensure_one()
        return self._get_list_action(self._get_same_domain())

    def action_view_ticket(self):
        """Open the ticket that the call is about, or that came of it.

        :raise UserError: when there is none
        """
        self.ensure_one()
        ticket = self.new_ticket_id or self.ticket_id
        if not ticket:
            raise UserError(self.env._("This call is about no ticket."))
        return self.env["aftersales.equipment"]._get_form_action(ticket)

    def action_request_service(self):
        """Open the form that registers a ticket for this customer."""
        self.ensure_one()
        return self.env["aftersales.ticket.request"]._get_action(
            partner=self.partner_id
        )
