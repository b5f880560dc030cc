from odoo import fields, models

STAFF = "aftersales_service.aftersales_service_group_technician"


class AftersalesTicket(models.Model):
    """What the customer thinks of the visits of a ticket (R33)."""

    _inherit = "aftersales.ticket"

    card_count = fields.Integer(
        string="Evaluations", compute="_compute_card_count", groups=STAFF
    )

    def _compute_card_count(self):
        counts = dict(
            self.env["rating.rating"]._read_group(
                [("aftersales_ticket_id", "in", self.ids)],
                ["aftersales_ticket_id"],
                ["__count"],
            )
        )
        for ticket in self:
            ticket.card_count = counts.get(ticket, 0)

    def action_view_cards(self):
        """Open the evaluation cards of the visits of this ticket."""
        self.ensure_one()
        cards = self.env["rating.rating"].search(
            [("aftersales_ticket_id", "=", self.id)]
        )
        return cards._get_cards_action()
