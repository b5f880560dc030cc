from odoo import fields, models

SUPERVISOR = "aftersales_service.aftersales_service_group_supervisor"


class AftersalesTicketLine(models.Model):
    """Costs by the machine and the team they arose for."""

    _inherit = "aftersales.ticket.line"

    figure_team_id = fields.Many2one(
        related="ticket_id.team_id", string="Team of the Ticket", groups=SUPERVISOR
    )
    figure_product_id = fields.Many2one(
        related="ticket_id.product_id", string="Machine", groups=SUPERVISOR
    )

    _figure_day_idx = models.Index("(company_id, date_done) WHERE state = 'used'")
    _figure_change_idx = models.Index("(write_date)")
