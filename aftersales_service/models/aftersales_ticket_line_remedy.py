from odoo import api, models

INPUTS = frozenset({"state", "product_id", "component_id", "kind", "ticket_id"})


class AftersalesTicketLine(models.Model):
    """Parts on a line are facts of the law: the same part replaced again (R17)."""

    _inherit = "aftersales.ticket.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._follow_parts()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if INPUTS & vals.keys():
            self._follow_parts()
        return result

    def _follow_parts(self):
        parts = self.filtered(lambda line: line.kind == "part")
        parts.ticket_id._propose_remedies()
