from markupsafe import Markup

from odoo import api, fields, models

from ..tools.turn import take_turn
from .aftersales_ticket import OPEN_STATES


class AftersalesTicket(models.Model):
    """The steps of a ticket: ``can_x`` → ``_ensure_can_x`` → ``action_x``."""

    _inherit = "aftersales.ticket"

    can_verify = fields.Boolean(compute="_compute_can")
    can_open = fields.Boolean(compute="_compute_can")
    can_wait = fields.Boolean(compute="_compute_can")
    can_resume = fields.Boolean(compute="_compute_can")
    can_solve = fields.Boolean(compute="_compute_can")
    can_close = fields.Boolean(compute="_compute_can")
    can_reopen = fields.Boolean(compute="_compute_can")
    can_cancel = fields.Boolean(compute="_compute_can")

    @api.depends("state", "to_verify", "duplicate_of_id")
    @api.depends_context("uid", "su")
    def _compute_can(self):
        is_agent = self.env.su or self.env.user.has_group(
            "aftersales_service.aftersales_service_group_agent"
        )
        for ticket in self:
            state, verified = ticket.state, not ticket.to_verify
            unfinished = state in OPEN_STATES
            ticket.can_verify = is_agent and ticket.to_verify and unfinished
            ticket.can_open = verified and state == "new"
            ticket.can_wait = verified and state in ("new", "open")
            ticket.can_resume = state == "waiting"
            ticket.can_solve = verified and unfinished
            ticket.can_close = is_agent and state == "solved"
            ticket.can_reopen = is_agent and (
                state in ("solved", "closed")
                or (state == "cancelled" and not ticket.duplicate_of_id)
            )
            ticket.can_cancel = is_agent and unfinished

    # ------------------------------------------------------------
    # TRANSITIONS
    # ------------------------------------------------------------

    def action_verify(self):
        """Confirm the report of our own staff, so that work may start (R87).

        :raise UserError: when there is nothing to verify or the user is no agent
        """
        self._ensure_can(
            "can_verify", self.env._("Only the desk verifies reports of our own staff.")
        )
        return self._step({"to_verify": False, "verified_by_id": self.env.uid})

    def action_open(self):
        """Start work; whoever starts a ticket that nobody has takes it.

        :raise UserError: when it is not new, or not verified yet
        """
        self._ensure_can(
            "can_open",
            self.env._(
                "Only new tickets can be started, and reports of our own staff only "
                "once the desk has verified them."
            ),
        )
        self._take_unassigned()
        self._set_once("respond_date")
        return self._step({"state": "open"})

    def action_wait(self, waiting_reason=None):
        """Set the ticket aside until something arrives.

        :param str waiting_reason: customer, parts, supplier or other; the reason
            already on the ticket when empty
        :raise UserError: without a reason, or when the ticket is not being worked on
        """
        self._ensure_can(
            "can_wait",
            self.env._("Only verified tickets that are new or in progress can wait."),
        )
        if not waiting_reason and any(not ticket.waiting_reason for ticket in self):
            self._refuse(
                self.env._("Say what it waits for: customer, parts, supplier or other.")
            )
        vals = {"state": "waiting"}
        if waiting_reason:
            vals["waiting_reason"] = waiting_reason
        return self._step(vals)

    def action_resume(self):
        """Go on with a waiting ticket.

        :raise UserError: when it does not wait
        """
        self._ensure_can("can_resume", self.env._("Only waiting tickets can go on."))
        return self._step({"state": "open", "waiting_reason": False})

    def action_solve(self):
        """Note that the work is done.

        :raise UserError: when the ticket is finished already, or not verified yet
        """
        self._ensure_can(
            "can_solve",
            self.env._(
                "Only tickets being worked on can be solved, and reports of our own "
                "staff only once the desk has verified them."
            ),
        )
        self._take_unassigned()
        self._set_once("respond_date")
        self._set_once("solve_date")
        return self._step({"state": "solved", "waiting_reason": False})

    def action_close(self):
        """Finish solved tickets.

        :raise UserError: when one is not solved
        """
        self._ensure_can(
            "can_close", self.env._("Only the desk closes solved tickets.")
        )
        self._set_once("close_date")
        return self._step({"state": "closed"})

    def action_reopen(self, reason=None):
        """Take a finished ticket up again; its first times stay as they were.

        :param str reason: why, kept in the chatter
        :raise UserError: when it is not finished, or was merged into another
        """
        self._ensure_can(
            "can_reopen",
            self.env._(
                "Only the desk reopens finished tickets; of merged ones the ticket "
                "they were merged into."
            ),
        )
        self._tell(self.env._("Reopened"), reason)
        for count, tickets in self.grouped("reopen_count").items():
            tickets._step(
                {"state": "open", "reopen_count": count + 1, "cancel_reason": False}
            )
        return True

    def action_cancel(self, reason=None):
        """Cancel tickets that need no work.

        :param str reason: why, mandatory
        :raise UserError: without a reason, or when the ticket is finished
        """
        self._ensure_can(
            "can_cancel", self.env._("Only the desk cancels unfinished tickets.")
        )
        if not (reason or "").strip():
            self._refuse(self.env._("Say why it is cancelled."))
        return self._step(
            {"state": "cancelled", "cancel_reason": reason, "waiting_reason": False}
        )

    def action_merge(self, target_id, reason=None):
        """Merge tickets into another one of the same customer or unit.

        Messages and attachments move along, so that the story stays in one place.

        :param int target_id: the ticket that goes on
        :param str reason: why, in words
        :raise UserError: when a ticket is finished, or the target is merged itself
        """
        self._ensure_can(
            "can_cancel", self.env._("Only the desk merges unfinished tickets.")
        )
        target = self.browse(target_id)
        # Two who merge each into the other's: one of them is too late.
        take_turn(self | target)
        target._ensure_can_absorb(self)
        reason = reason or self.env._("Registered twice")
        for ticket in self:
            target._absorb_history(ticket)
        self._step(
            {
                "state": "cancelled",
                "duplicate_of_id": target.id,
                "cancel_reason": self.env._(
                    "Merged into %(ticket)s: %(reason)s",
                    ticket=target.name,
                    reason=reason,
                ),
                "waiting_reason": False,
            }
        )
        return True

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def _ensure_can_absorb(self, others):
        self.ensure_one()
        self.check_access("write")
        if self in others or self.duplicate_of_id or self.state == "cancelled":
            self._refuse(self.env._("Choose a ticket that goes on as the target."))
        for ticket in others:
            if not self._is_same_case(ticket) or self.company_id != ticket.company_id:
                ticket._refuse(
                    self.env._(
                        "%s concerns another unit, customer or company and cannot take "
                        "it over.",
                        self.display_name,
                    )
                )

    def _go_to_state(self, state, waiting_reason=None):
        """Reach a state by the step that leads there (kanban, import, calls).

        :raise UserError: when no step leads there from the present state
        """
        for present, tickets in self.grouped("state").items():
            if state == "open" and present == "new":
                tickets.action_open()
            elif state == "open" and present == "waiting":
                tickets.action_resume()
            elif state == "open":
                tickets.action_reopen()
            elif state == "waiting":
                tickets.action_wait(waiting_reason)
            elif state == "solved":
                tickets.action_solve()
            elif state == "closed":
                tickets.action_close()
            elif state == "cancelled":
                tickets.action_cancel()
            else:
                tickets._refuse(self.env._("A ticket never becomes new again."))

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def _step(self, vals):
        return self._by_method().write(vals)

    def _set_once(self, field):
        """Stamp a time that a later round must not overwrite."""
        first = self.filtered(lambda ticket: not ticket[field])
        first._step({field: fields.Datetime.now()})

    def _take_unassigned(self):
        """Give tickets without a responsible to whoever works on them."""
        if self.env.user.has_group(
            "aftersales_service.aftersales_service_group_technician"
        ):
            self.filtered(lambda ticket: not ticket.user_id).user_id = self.env.user

    def _tell(self, headline, reason):
        """Log a step with its reason on each ticket, in one batch."""
        body = Markup("<b>%s</b>") % headline
        if reason:
            body += Markup("<br/>%s") % reason
        self._message_log_batch(bodies=dict.fromkeys(self.ids, body))

    def _absorb_history(self, ticket):
        """Move messages and attachments of a merged ticket here."""
        self.ensure_one()
        self._message_log(
            body=Markup("<b>%s</b><br/>%s")
            % (
                self.env._("Merged from %s", ticket.display_name),
                ticket.description or "",
            )
        )
        # Messages and files belong to the tickets, both of which the user may edit.
        ticket.sudo().message_change_thread(self.sudo())
        attachments_sudo = self.env["ir.attachment"].sudo()  # likewise
        attachments_sudo.search(
            [("res_model", "=", self._name), ("res_id", "=", ticket.id)]
        ).write({"res_id": self.id})
        self.message_subscribe(partner_ids=ticket.message_partner_ids.ids)
        ticket._message_log(
            body=self.env._("The story goes on in %s.", self.display_name)
        )

    def action_view_order(self):
        """Open the sales order of the unit."""
        self.ensure_one()
        return self.env["aftersales.equipment"]._get_form_action(self.sale_order_id)

    def action_view_equipment(self):
        """Open the unit."""
        self.ensure_one()
        return self.equipment_id._get_list_action()
