from odoo import api, fields, models

from ..tools.clock import CLOCKS


class AftersalesWaitingRule(models.Model):
    """Which clocks stand still while a ticket waits for something (R03, R04)."""

    _name = "aftersales.waiting.rule"
    _description = "Clocks of Waiting Tickets"
    _order = "id"
    _rec_name = "waiting_reason"

    waiting_reason = fields.Selection(
        selection=lambda self: self.env["aftersales.ticket"]
        ._fields["waiting_reason"]
        ._description_selection(self.env),
        required=True,
        string="Waiting For",
    )
    stops_respond = fields.Boolean(string="Response Stands Still")
    stops_arrive = fields.Boolean(string="Arrival Stands Still")
    stops_solve = fields.Boolean(string="Solution Stands Still")

    _waiting_reason_uniq = models.UniqueIndex(
        "(waiting_reason)", "There is one rule for each thing tickets wait for."
    )

    @api.model
    def _get_stops(self):
        """Return ``{reason: {stops_x: bool}}``; a reason without a row stops nothing."""
        names = [f"stops_{clock}" for clock in CLOCKS]
        return {
            rule.waiting_reason: {name: rule[name] for name in names}
            for rule in self.search([])
        }
