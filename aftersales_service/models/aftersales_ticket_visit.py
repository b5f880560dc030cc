from odoo import api, fields, models

from .aftersales_dispatch import OPEN_STATES

STAFF = "aftersales_service.aftersales_service_group_technician"


class AftersalesTicket(models.Model):
    """Who comes next, on the ticket itself (R22)."""

    _inherit = "aftersales.ticket"

    next_visit_text = fields.Char(
        string="Next Visit", compute="_compute_next_visit_text", groups=STAFF
    )

    @api.depends("dispatch_ids.state", "dispatch_ids.date_start")
    def _compute_next_visit_text(self):
        Dispatch = self.env["aftersales.dispatch"]
        visits = Dispatch.search(
            [("ticket_id", "in", self.ids), ("state", "in", OPEN_STATES)],
            order="date_start, id",
        )
        by_ticket = visits.grouped("ticket_id")
        states = dict(Dispatch._fields["state"]._description_selection(self.env))
        for ticket in self:
            visit = by_ticket.get(ticket, visits.browse())[:1]
            parts = (
                visit.date_start and visit._get_local_text(visit.date_start),
                visit.technician_id.name,
                states.get(visit.state),
            )
            ticket.next_visit_text = " · ".join(part for part in parts if part)
