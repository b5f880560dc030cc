from odoo import api, fields, models


class AftersalesTicketStep(models.TransientModel):
    """Asks for the reason that a step of a ticket needs."""

    _name = "aftersales.ticket.step"
    _description = "Step of a Ticket"

    ticket_ids = fields.Many2many(
        comodel_name="aftersales.ticket",
        string="Tickets",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    step = fields.Selection(
        selection=[
            ("wait", "Wait"),
            ("cancel", "Cancel"),
            ("reopen", "Reopen"),
            ("merge", "Merge"),
            ("maker", "Send to the Maker"),
        ],
        required=True,
        readonly=True,
    )
    waiting_reason = fields.Selection(
        selection=lambda self: self.env["aftersales.ticket"]
        ._fields["waiting_reason"]
        ._description_selection(self.env)
    )
    promised_date = fields.Datetime(string="Promised for")
    reason = fields.Char()
    target_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        string="Merge into",
        domain="[('id', 'in', candidate_ids)]",
    )
    candidate_ids = fields.Many2many(
        comodel_name="aftersales.ticket",
        relation="aftersales_ticket_step_candidate_rel",
        compute="_compute_candidate_ids",
    )

    @api.depends("ticket_ids")
    def _compute_candidate_ids(self):
        Ticket = self.env["aftersales.ticket"]
        for wizard in self:
            tickets = wizard.ticket_ids
            found = Ticket.search(tickets._get_mergeable_domain())
            wizard.candidate_ids = found if len(tickets) > 1 else found - tickets

    def action_apply(self):
        """Take the step with its reason.

        :raise UserError: as the step itself
        """
        self.ensure_one()
        tickets = self.ticket_ids
        if self.step == "wait":
            if self.promised_date:
                tickets.promised_date = self.promised_date
            tickets.action_wait(self.waiting_reason)
            if self.reason:
                tickets._tell(self.env._("Waiting"), self.reason)
        elif self.step == "cancel":
            tickets.action_cancel(self.reason)
        elif self.step == "reopen":
            tickets.action_reopen(self.reason)
        elif self.step == "maker":
            tickets.action_route_to_maker(self.reason)
        else:
            (tickets - self.target_id).action_merge(self.target_id.id, self.reason)
        return {"type": "ir.actions.act_window_close"}
