from odoo import fields, models


class AftersalesTicketPause(models.Model):
    """Time in which a ticket stood still, and which of its clocks did (R03, R04).

    Made by the steps of the ticket alone; the rules of the day are kept on it.
    """

    _name = "aftersales.ticket.pause"
    _description = "Pause of a Ticket"
    _order = "date_start, id"

    ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="ticket_id.company_id")
    reason = fields.Selection(
        selection=[
            ("customer", "Customer"),
            ("parts", "Parts"),
            ("supplier", "Supplier"),
            ("other", "Other"),
            ("finished", "Finished, Then Reopened"),
        ],
        required=True,
    )
    date_start = fields.Datetime(string="Start", required=True)
    date_end = fields.Datetime(string="End")
    user_id = fields.Many2one(
        comodel_name="res.users", string="Paused by", default=lambda self: self.env.user
    )
    stops_respond = fields.Boolean(string="Response Stood Still")
    stops_arrive = fields.Boolean(string="Arrival Stood Still")
    stops_solve = fields.Boolean(string="Solution Stood Still")

    _one_open = models.UniqueIndex(
        "(ticket_id) WHERE date_end IS NULL", "A ticket waits for one thing at a time."
    )
    _order_of_dates = models.Constraint(
        "CHECK (date_end IS NULL OR date_end >= date_start)",
        "A pause ends after it begins.",
    )
