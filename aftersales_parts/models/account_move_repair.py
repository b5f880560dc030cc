from odoo import models


class AccountMove(models.Model):
    """A repair that is paid: the promise of its return runs again (R50, R51)."""

    _inherit = "account.move"

    def _invoice_paid_hook(self):
        result = super()._invoice_paid_hook()
        # Accounting has no right on tickets; what is written follows the payment.
        orders_sudo = self.sudo().invoice_line_ids.sale_line_ids.order_id
        returns_sudo = orders_sudo.aftersales_ticket_id.custody_ids.return_id
        if returns_sudo:
            returns_sudo.filtered("is_paused")._follow_payment()
        return result
