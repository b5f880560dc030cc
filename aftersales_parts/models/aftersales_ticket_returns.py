from odoo import api, fields, models


class AftersalesTicket(models.Model):
    _name = "aftersales.ticket"
    _inherit = ["aftersales.ticket", "aftersales.returned.mixin"]

    aftersales_return_ids = fields.One2many(
        comodel_name="aftersales.return",
        inverse_name="ticket_id",
        string="Returns of the Ticket",
    )

    @api.depends("state", "partner_id")
    def _compute_aftersales_can_return(self):
        for ticket in self:
            ticket.aftersales_can_return = bool(
                ticket.state not in ("closed", "cancelled") and ticket.partner_id
            )

    def _aftersales_find_returns(self):
        Return = self.env["aftersales.return"]
        if not self.ids or not Return.has_access("read"):
            return {}
        groups = Return._read_group(
            [("ticket_id", "in", self.ids)], ["ticket_id"], ["id:array_agg"]
        )
        return {ticket.id: set(ids) for ticket, ids in groups}

    def _aftersales_return_documents(self):
        self.ensure_one()
        return {"ticket": self}
