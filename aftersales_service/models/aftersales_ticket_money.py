from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL


class AftersalesTicket(models.Model):
    """What the customer of a ticket agreed to, owes and has paid (R26, R27)."""

    _inherit = "aftersales.ticket"

    def _get_customer_orders(self):
        """Return, as superuser, the live estimates and orders of the customer."""
        # Whoever serves the ticket has no rights on sales.
        orders_sudo = self.sudo().sale_ids._aftersales_estimates()
        return orders_sudo.filtered(lambda order: order.state != "cancel")

    def _get_agreed_orders(self):
        """Return, as superuser, the orders that the customer agreed to."""
        return self._get_customer_orders().filtered(
            lambda order: order.state == "sale" or order.signed_on
        )

    def _get_owed(self):
        """Return what the customer still owes for what he agreed to.

        What is not invoiced yet, and what is open on invoices, less what was collected
        and not reconciled.

        :return: dict ``{currency: amount}``; empty when nothing was agreed
        """
        self.ensure_one()
        due = {}
        orders_sudo = self._get_agreed_orders()
        for order in orders_sudo:
            amount = sum(line._aftersales_get_uninvoiced() for line in order.order_line)
            invoices = order.invoice_ids
            if not invoices.filtered(lambda move: move.state == "posted"):
                # Paid online before there is an invoice.
                amount -= order.amount_paid
            due[order.currency_id] = due.get(order.currency_id, 0.0) + amount
        for invoice in orders_sudo.invoice_ids:
            amount = {
                "draft": invoice.amount_total,
                "posted": invoice.amount_residual,
            }.get(invoice.state, 0.0)
            sign = -1 if invoice.move_type == "out_refund" else 1
            currency = invoice.currency_id
            due[currency] = due.get(currency, 0.0) + sign * amount
        for payment in self._get_collections():
            currency = payment.currency_id
            open_part = payment._aftersales_get_unreconciled()
            due[currency] = due.get(currency, 0.0) - open_part
        return {
            currency: max(0.0, currency.round(amount))
            for currency, amount in due.items()
        }

    def _get_collections(self):
        """Return, as superuser, the money collected for these tickets and not void."""
        # Payments are accounting's; those of his visits concern the technician.
        payments_sudo = self.env["account.payment"].sudo()
        return payments_sudo.search(
            Domain("aftersales_dispatch_id.ticket_id", "in", self.ids)
            & Domain("state", "not in", ("canceled", "rejected")),
            order="aftersales_collected_on, id",
        )

    def _drop_planned_lines(self):
        """What the customer agreed to and did not get is not charged."""
        result = super()._drop_planned_lines()
        self.line_ids.filtered(lambda line: line.state == "unused")._update_needed()
        return result

    def _lock_money(self):
        """Let one user at a time collect for a ticket; who comes second waits."""
        # Not lock_for_update, which refuses instead of waiting.
        self.env.cr.execute(
            SQL(
                "SELECT id FROM aftersales_ticket WHERE id IN %s "
                "ORDER BY id FOR NO KEY UPDATE",
                tuple(self.ids),
            )
        )
