from odoo import models


class SaleOrder(models.Model):
    """What is still to be paid of an estimate, before goods are handed back (R51)."""

    _inherit = "sale.order"

    def _aftersales_get_unpaid(self):
        """Return the amount of the order that no paid invoice covers yet."""
        self.ensure_one()
        posted = self.invoice_ids.filtered(lambda move: move.state == "posted")
        paid = 0.0
        for move in posted:
            amount = move.amount_total - move.amount_residual
            if move.payment_state == "reversed":
                amount = move.amount_total
            paid += -amount if move.move_type == "out_refund" else amount
        return self.currency_id.round(self.amount_total - paid)

    def _aftersales_is_settled(self):
        """A repair that is paid before the hand-back is invoiced when it is done."""
        self.ensure_one()
        ticket = self.aftersales_ticket_id
        repairs = ticket.repair_ids.filtered(lambda repair: repair.state != "cancel")
        if not repairs or not ticket._must_pay_before():
            return super()._aftersales_is_settled()
        lines = self.order_line.aftersales_ticket_line_id
        return all(repair.state == "done" for repair in repairs) and (
            "planned" not in lines.mapped("state")
        )

    def _action_cancel(self):
        result = super()._action_cancel()
        # Whoever cancels the estimate asks for no money any more.
        returns_sudo = self.aftersales_ticket_id.sudo().custody_ids.return_id
        if returns_sudo:
            returns_sudo._follow_payment()
        return result
