from odoo import models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    """The invoice of work on a ticket, drafted on the day it is done (R26)."""

    _inherit = "sale.order"

    def _aftersales_is_settled(self):
        """Tell whether all the order offers was done or not needed, and handed back."""
        self.ensure_one()
        lines = self.order_line.aftersales_ticket_line_id
        return not (
            "planned" in lines.mapped("state") or self.aftersales_ticket_id.custody_id
        )

    def _aftersales_draft_invoices(self):
        """Draft one invoice for each of these orders and tell accounting.

        :return: dict ``{order: why it cannot be}``
        """
        if not self:
            return {}
        try:
            with self.env.cr.savepoint():
                self._create_invoices(grouped=True)._aftersales_ask_to_post()
        except UserError as error:
            if len(self) == 1:
                return {self: str(error)}
            # One that cannot be does not keep the others waiting.
            obstacles = {}
            for order in self:
                obstacles |= order._aftersales_draft_invoices()
            return obstacles
        return {}
