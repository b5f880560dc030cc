from odoo import fields, models
from odoo.exceptions import UserError


class AftersalesReturnLine(models.Model):
    """At which price goods are credited (R48)."""

    _inherit = "aftersales.return.line"

    def _prepare_credit(self, invoice_line, quantity):
        """Return what the line of a credit note has over the invoice line.

        :param invoice_line: posted line of an invoice
        :param float quantity: in the product's unit of measure
        """
        self.ensure_one()
        own, uom = self.product_id.uom_id, invoice_line.product_uom_id or False
        vals = {"aftersales_return_line_id": self.id, "quantity": quantity}
        price = self._get_credit_price(invoice_line)
        if uom and uom != own:
            in_uom = own._compute_quantity(quantity, uom, rounding_method="HALF-UP")
            if own.compare(uom._compute_quantity(in_uom, own, round=False), quantity):
                # A piece of a dozen is no round number of dozens.
                vals["product_uom_id"] = own.id
                price.setdefault("price_unit", invoice_line.price_unit)
                price["price_unit"] = uom._compute_price(price["price_unit"], own)
            else:
                vals["quantity"] = in_uom
        return vals | price

    def _get_credit_price(self, invoice_line):
        """Return the price by the rule of the line, as far as it is not the paid one.

        Original: without the discount. Of today: never above what was paid.

        :raise UserError: when today's price list has no price for the product
        """
        self.ensure_one()
        if self.price_rule == "original" and invoice_line.discount > 0:
            return {"discount": 0.0}
        if self.price_rule == "current":
            price = self._get_price_of_today(invoice_line)
            paid = invoice_line.price_unit * (1 - invoice_line.discount / 100)
            if invoice_line.currency_id.compare_amounts(price, paid) < 0:
                return {"price_unit": price, "discount": 0.0}
        return {}

    def _get_price_of_today(self, invoice_line):
        """Return what the customer would pay today, as the invoice line says prices.

        In its currency and unit, with the taxes included that are included there.
        """
        self.ensure_one()
        product, invoice = self.product_id, invoice_line.move_id
        partner = self.partner_id.with_company(self.company_id)
        pricelist = (
            partner.property_product_pricelist
            or self.sale_line_id.order_id.pricelist_id.filtered("active")
        )
        price = pricelist._get_product_price(
            product.with_company(self.company_id),
            quantity=self.quantity,
            currency=invoice_line.currency_id,
            uom=invoice_line.product_uom_id or product.uom_id,
            date=fields.Datetime.now(),
        )
        if not price:
            raise UserError(
                self.env._(
                    "%s has no price today: give it one on the price list, or let a "
                    "supervisor choose another price rule on the line.",
                    product.display_name,
                )
            )
        return product._get_tax_included_unit_price_from_price(
            price,
            product_taxes=product.taxes_id._filter_taxes_by_company(self.company_id),
            fiscal_position=invoice.fiscal_position_id,
        )

    def _say_not_credited(self, entry):
        """Return why nothing of the line is credited.

        :param entry: what is planned for the line; see :meth:`_plan_credit`
        """
        self.ensure_one()
        if self.quantity_to_inspect:
            return self.env._("not inspected yet; money is given for what passed.")
        if not self._get_accepted_quantity():
            return self.env._("not taken back.")
        if entry and entry["waiting"]:
            return self.env._(
                "its invoice is a draft; let accounting post it, or cancel it."
            )
        if not self._get_books_key():
            return self.env._(
                "no order and no invoice is known of it; a manager gives a free credit "
                "note against a proof of purchase."
            )
        if self._get_money_due():
            return self.env._(
                "no posted invoice has anything left to credit; it was cancelled, or "
                "credited otherwise."
            )
        return self.env._("everything is credited.")
