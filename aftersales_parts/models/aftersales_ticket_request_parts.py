from odoo import fields, models

STAFF = "aftersales_service.aftersales_service_group_technician"


class AftersalesTicket(models.Model):
    """The parts that were asked for on a ticket."""

    _inherit = "aftersales.ticket"

    part_request_ids = fields.One2many(
        comodel_name="aftersales.part.request",
        inverse_name="ticket_id",
        string="Parts Asked for",
        copy=False,
        groups=STAFF,
    )
    part_request_count = fields.Integer(
        string="Part Requests", compute="_compute_part_request_count", groups=STAFF
    )

    def _compute_part_request_count(self):
        counts = dict(
            self.env["aftersales.part.request"]._read_group(
                [("ticket_id", "in", self.ids)], ["ticket_id"], ["__count"]
            )
        )
        for ticket in self:
            ticket.part_request_count = counts.get(ticket, 0)

    def action_view_part_requests(self):
        """Open the part requests of the tickets."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_parts.aftersales_part_request_action"
        )
        return {
            **action,
            "domain": [("ticket_id", "in", self.ids)],
            "context": {"default_ticket_id": self.id if len(self) == 1 else False},
        }
