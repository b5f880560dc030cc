from odoo import api, fields, models

from .aftersales_ticket import OPEN_STATES


class AftersalesTicket(models.Model):
    """The customer's item in our hands: taken in, handed back (R17, R28)."""

    _inherit = "aftersales.ticket"

    custody_ids = fields.One2many(
        comodel_name="aftersales.custody",
        inverse_name="ticket_id",
        string="Item in Repair",
        groups="aftersales_service.aftersales_service_group_technician",
    )
    custody_id = fields.Many2one(
        comodel_name="aftersales.custody",
        string="Now with Us",
        compute="_compute_custody_id",
        groups="aftersales_service.aftersales_service_group_technician",
    )
    can_hand_in = fields.Boolean(
        compute="_compute_can_hand_in",
        groups="aftersales_service.aftersales_service_group_technician",
    )
    can_hand_back = fields.Boolean(
        compute="_compute_can_hand_in",
        groups="aftersales_service.aftersales_service_group_technician",
    )

    @api.depends("custody_ids.date_out")
    def _compute_custody_id(self):
        for ticket in self:
            ticket.custody_id = ticket.custody_ids.filtered(
                lambda custody: not custody.date_out
            )[:1]

    @api.depends("custody_ids.date_out", "state", "to_verify", "equipment_id")
    def _compute_can_hand_in(self):
        # The unit may be in our hands on a ticket that the user does not see.
        Custody = self.env["aftersales.custody"].sudo()
        held = Custody.search(
            [("equipment_id", "in", self.equipment_id.ids), ("date_out", "=", False)]
        ).equipment_id
        for ticket in self:
            ticket.can_hand_in = (
                ticket.state in OPEN_STATES
                and not ticket.to_verify
                and bool(ticket.equipment_id)
                and ticket.equipment_id._origin not in held
            )
            ticket.can_hand_back = bool(ticket.custody_id)

    def action_hand_in(self, note=None):
        """Take the customer's unit into our hands, now: the days in repair begin.

        :param str note: accessories and condition, as seen
        :raise UserError: without a unit, on a finished ticket, or when it is here
        """
        self._ensure_can(
            "can_hand_in",
            self.env._(
                "A unit is taken in on a verified ticket being worked on that names "
                "it, and only when it is not in our hands already."
            ),
        )
        self.env["aftersales.custody"].create(
            [{"ticket_id": ticket.id, "note": note} for ticket in self]
        )
        self._tell(self.env._("Taken in for repair"), note)
        return True

    def action_hand_back(self):
        """Give the unit back to the customer, now: the days in repair end.

        :raise UserError: when it is not in our hands on this ticket
        """
        self._ensure_can(
            "can_hand_back",
            self.env._("The unit is not in our hands on this ticket."),
        )
        self.custody_id.action_hand_back()
        self._tell(self.env._("Handed back"), None)
        return True

    def action_wait(self, waiting_reason=None):
        result = super().action_wait(waiting_reason)
        self._stop_clock()
        return result

    def action_resume(self):
        result = super().action_resume()
        self._continue_clock()
        return result

    def action_solve(self):
        result = super().action_solve()
        self._continue_clock()
        return result

    def _stop_clock(self):
        """Let the clock of items stand by the reason for which their tickets wait."""
        # Reasons and items follow the ticket, which the user may write.
        reasons_sudo = self.env["aftersales.custody.reason"].sudo()
        by_state = reasons_sudo.search([("waiting_reason", "!=", False)]).grouped(
            "waiting_reason"
        )
        for waiting_reason, tickets in self.grouped("waiting_reason").items():
            reason = by_state.get(waiting_reason)
            custodies_sudo = tickets.sudo().custody_id.filtered("can_stop")  # as above
            if reason and custodies_sudo:
                custodies_sudo.action_stop(reason.id)

    def _continue_clock(self):
        """Let the clock of items run again that stood because their tickets waited."""
        custodies_sudo = self.sudo().custody_id.filtered(  # as in _stop_clock
            lambda custody: custody.stopped_reason_id.waiting_reason
        )
        if custodies_sudo:
            custodies_sudo.action_continue()
