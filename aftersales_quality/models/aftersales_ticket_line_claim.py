from odoo import models


class AftersalesTicketLine(models.Model):
    """Whether a supplier may be asked to bear a line (R57)."""

    _inherit = "aftersales.ticket.line"

    def _get_unclaimable(self):
        """Return ``{line id: reason in words}`` of those no supplier bears."""
        misused = self._get_misused()
        reasons = {}
        for line in self:
            if exclusion := line.ticket_id.exclusion_id:
                reasons[line.id] = self.env._(
                    "caused by the customer (%s)", exclusion.display_name
                )
            elif line in misused:
                reasons[line.id] = self.env._(
                    "caused by the customer (misuse, found by the inspection)"
                )
            elif line.state != "used":
                reasons[line.id] = self.env._("not done yet, so it has cost nothing")
            elif not line.share_company:
                reasons[line.id] = self.env._("paid by somebody else than us")
        return reasons

    def _get_misused(self):
        """Return the lines of tickets whose goods were found misused by an inspection."""
        found = self.env["aftersales.return.line"].search(
            [
                ("return_id.ticket_id", "in", self.ticket_id.ids),
                ("inspection", "=", "misuse"),
            ]
        )
        by_ticket = found.grouped(lambda back: back.return_id.ticket_id)
        return self.filtered(lambda line: line.ticket_id in by_ticket)
