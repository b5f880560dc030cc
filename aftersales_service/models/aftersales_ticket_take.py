from odoo import api, fields, models
from odoo.exceptions import UserError

from .aftersales_ticket import OPEN_STATES


class AftersalesTicket(models.Model):
    """Who works on a ticket: one person, also when two reach for it at once (R03)."""

    _inherit = "aftersales.ticket"

    can_take = fields.Boolean(compute="_compute_can_take")

    @api.depends("state", "user_id", "to_verify")
    def _compute_can_take(self):
        for ticket in self:
            ticket.can_take = (
                ticket.state in OPEN_STATES
                and not ticket.user_id
                and not ticket.to_verify
            )

    def action_take(self):
        """Make myself responsible for tickets that nobody has.

        :raise UserError: naming who has it already
        """
        self.check_access("write")
        if taken := self.filtered(lambda ticket: not ticket.can_take):
            taken._refuse_taken()
        self.user_id = self.env.user
        return True

    def action_open(self):
        if taken := self.filtered(
            lambda ticket: ticket.state == "open"
            and ticket.user_id
            and ticket.user_id != self.env.user
        ):
            taken._refuse_taken()
        return super().action_open()

    def _refuse_taken(self):
        """
        :raise UserError: who works on each of the tickets
        """
        states = dict(self._fields["state"]._description_selection(self.env))
        raise UserError(
            "\n".join(
                self.env._(
                    "%(ticket)s is with %(user)s already (%(state)s).",
                    ticket=ticket.display_name,
                    # Colleagues have names, whoever may read users.
                    user=ticket.user_id.sudo().name or self.env._("nobody"),
                    state=states[ticket.state],
                )
                for ticket in self
            )
            + "\n"
            + self.env._(
                "Choose another ticket, or ask the supervisor to hand it over."
            )
        )
