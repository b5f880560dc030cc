from odoo import api, fields, models


class AftersalesReturnLine(models.Model):
    """What was paid for the goods, and why they come back (R48, R53)."""

    _inherit = "aftersales.return.line"

    price_paid = fields.Monetary(
        compute="_compute_price_paid",
        compute_sudo=True,
        store=True,
        help="Net price of one unit on the invoice, else on the order, else on the "
        "price list.",
    )
    amount_paid = fields.Monetary(
        string="Value Paid",
        compute="_compute_amount_paid",
        store=True,
    )

    @api.depends("invoice_line_id", "sale_line_id", "product_id")
    def _compute_price_paid(self):
        for line in self:
            line.price_paid = self._get_price_paid(
                line.invoice_line_id, line.sale_line_id, line.product_id
            )

    @api.depends("price_paid", "quantity")
    def _compute_amount_paid(self):
        for line in self:
            amount = line.price_paid * line.quantity
            line.amount_paid = line.currency_id.round(amount) if amount else 0.0

    @api.model
    def _get_price_paid(self, invoice_line, sale_line, product):
        """Return the net price of one unit of a product in the company's currency."""
        uom = product.uom_id
        if invoice_line and invoice_line.quantity:
            quantity = self._convert(
                invoice_line.product_uom_id, invoice_line.quantity, uom
            )
            return abs(invoice_line.balance / quantity) if quantity else 0.0
        if sale_line:
            quantity = self._convert(sale_line.product_uom_id, 1.0, uom)
            rate = sale_line.order_id.currency_rate or 1.0
            price = sale_line.price_reduce_taxexcl
            return price / rate / quantity if quantity else 0.0
        return product.lst_price

    @api.model
    def _convert(self, unit, quantity, uom):
        if not unit or unit == uom:
            return quantity
        return unit._compute_quantity(quantity, uom, round=False)

    def _says_why(self):
        """Tell whether it is known what is wrong with the goods."""
        self.ensure_one()
        reason = self.reason_id
        return bool((self.note or "").strip() or reason and not reason.fault_required)
