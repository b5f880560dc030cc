from odoo import models


class AftersalesTicketLine(models.Model):
    """What the customer pays for a line, with tax, and whether he agreed to it."""

    _inherit = "aftersales.ticket.line"

    def _get_customer_total(self, currency, fiscal_position, lang):
        """Return what the customer pays for this line with tax, before any estimate.

        :param currency: currency of the customer's estimate
        :param fiscal_position: fiscal position of the customer, perhaps empty
        :param str lang: not needed here, part of the terms
        """
        self.ensure_one()
        if not self.share_customer:
            return 0.0
        price = self._get_price_in(self.price_unit, currency, fiscal_position)
        # Taxes of the product are not the technician's to see, the price is.
        product_sudo = self.product_id.sudo().with_company(self.company_id)
        taxes = product_sudo.taxes_id._filter_taxes_by_company(self.company_id)
        if fiscal_position:
            taxes = fiscal_position.map_tax(taxes)
        return taxes.compute_all(
            price * self.share_customer / 100,
            currency=currency,
            quantity=self.quantity,
            product=product_sudo,
        )["total_included"]

    def _filter_unagreed(self):
        """Return those that the customer pays for and has not agreed to (R27)."""
        paid = self.filtered(
            lambda line: line.amount_customer
            and not line.currency_id.is_zero(line.amount_customer)
        )
        return paid - paid._get_agreed() if paid else paid

    def _update_delivered(self):
        """Work that turned out not to be needed is not charged, nor delivered.

        More than the customer agreed to is never delivered: his quantity is kept on
        the line, that of the order follows whether it was needed.
        """
        self._update_needed()
        return super()._update_delivered()

    def _update_needed(self):
        """Take what is not needed off the order, and put it back when it is."""
        # Work done is noted by technicians, who have no rights on sales.
        offers_sudo = self.env["sale.order.line"].sudo()
        offers_sudo = offers_sudo.search(
            [
                ("aftersales_ticket_line_id", "in", self.ids),
                ("state", "=", "sale"),
                ("aftersales_payer", "!=", "third_party"),
                ("qty_invoiced", "=", 0),
                ("order_id.locked", "=", False),
            ]
        )
        for offer in offers_sudo:
            line = offer.aftersales_ticket_line_id
            if offer.qty_delivered_method != "manual" and offer.qty_delivered:
                continue  # goods that have left are the warehouse's to take back
            quantity = 0.0 if line.state == "unused" else line.quantity
            if offer.product_uom_qty != quantity:
                offer.product_uom_qty = quantity

    # ------------------------------------------------------------
    # COST
    # ------------------------------------------------------------

    def _note_cost(self):
        """Hours on the way cost what the hours of the employee cost."""
        result = super()._note_cost()
        hour = self.env.ref("uom.product_uom_hour", raise_if_not_found=False)
        for line in self.filtered(lambda x: x.kind == "travel" and x.employee_id):
            if not hour or not line.uom_id._has_common_reference(hour):
                continue
            # Costs are the supervisor's to see, whoever notes the work.
            line_sudo = line.sudo()._by_method()
            hours = line.uom_id._compute_quantity(1.0, hour, round=False)
            line_sudo.cost_unit = hours * line_sudo.employee_id.hourly_cost
        return result
