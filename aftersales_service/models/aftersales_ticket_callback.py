from odoo import fields, models

from ..tools.occasion import Occasion


class AftersalesTicket(models.Model):
    """Solving a ticket plans what follows; taking it up again takes it back (R34)."""

    _inherit = "aftersales.ticket"

    callback_ids = fields.One2many(
        comodel_name="aftersales.callback",
        inverse_name="ticket_id",
        string="Callbacks",
        groups="aftersales_service.aftersales_service_group_technician",
    )
    callback_count = fields.Integer(
        string="Number of Callbacks",
        compute="_compute_callback_count",
        groups="aftersales_service.aftersales_service_group_technician",
    )

    def _compute_callback_count(self):
        groups = self.env["aftersales.callback"]._read_group(
            [("ticket_id", "in", self.ids), ("state", "!=", "cancelled")],
            ["ticket_id"],
            ["__count"],
        )
        counts = dict(groups)
        for ticket in self:
            ticket.callback_count = counts.get(ticket._origin, 0)

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def action_solve(self):
        result = super().action_solve()
        # Who solves it at the same moment meets the ticket before its callback.
        self.flush_recordset(["state"])
        self._plan_after_solving()
        return result

    def action_reopen(self, reason=None):
        result = super().action_reopen(reason)
        self._withdraw_callbacks(self.env._("The ticket was taken up again."))
        return result

    def action_cancel(self, reason=None):
        result = super().action_cancel(reason)
        self._withdraw_callbacks(self.env._("The ticket was cancelled."))
        return result

    def _absorb_history(self, ticket):
        """Take over the calls of a merged ticket; the open ones are withdrawn."""
        result = super()._absorb_history(ticket)
        # They belong to the tickets, both of which the user may edit.
        callbacks_sudo = ticket.sudo().callback_ids
        callbacks_sudo._withdraw_open(self.env._("The ticket was merged into another."))
        callbacks_sudo._by_method().write({"ticket_id": self.id})
        return result

    def _plan_after_solving(self):
        """Plan all that follows a solution, once for the whole batch (hook).

        Higher floors and later needs extend it, so that a batch is gone through once.
        """
        # The customer of whoever solved it, whose contact he may not see.
        served_sudo = self.sudo().filtered(
            lambda ticket: ticket.service_kind != "internal"
        )
        self.env["aftersales.callback"]._plan_event(
            "solved", [ticket._prepare_occasion() for ticket in served_sudo]
        )

    def _prepare_occasion(self):
        """Return what a rule must know to plan a call after the service (hook)."""
        self.ensure_one()
        return Occasion(
            company=self.company_id,
            team=self.team_id,
            service_kind=self.service_kind,
            day=self.company_id._aftersales_today(),
            numbers=(self.phone_sanitized, self.partner_id.phone_sanitized),
            vals={
                "ticket_id": self.id,
                "partner_id": self.partner_id.id,
                "partner_name": self.partner_name,
                "phone": self.partner_phone or self.partner_id.phone,
                "equipment_id": self.equipment_id.id,
            },
        )

    def _withdraw_callbacks(self, reason):
        """Take back the open callbacks of tickets that are not solved after all."""
        # Whoever takes the step may not be the one who calls.
        callbacks_sudo = self.env["aftersales.callback"].sudo()
        callbacks_sudo.search([("ticket_id", "in", self.ids)])._withdraw_open(reason)

    def action_view_callbacks(self):
        """Open the callbacks of this ticket, done and open ones."""
        return self.env["aftersales.callback"]._get_list_action(
            [("ticket_id", "in", self.ids)], {"default_ticket_id": self[:1].id}
        )
