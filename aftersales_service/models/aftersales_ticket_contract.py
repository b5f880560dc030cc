from odoo import api, fields, models


class AftersalesTicket(models.Model):
    """The contract that pays for work on a ticket."""

    _inherit = "aftersales.ticket"

    contract_id = fields.Many2one(
        comodel_name="aftersales.contract",
        compute="_compute_contract_id",
        help="Service contract that pays for work on this ticket.",
    )

    @api.depends("line_ids.contract_id")
    def _compute_contract_id(self):
        for ticket in self:
            ticket.contract_id = ticket.line_ids.contract_id[:1]

    def action_view_contract(self):
        """Open the contracts that pay for work on these tickets."""
        return self.line_ids.contract_id._get_list_action()
