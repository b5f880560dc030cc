from odoo import models
from odoo.exceptions import UserError


class AftersalesTicketLine(models.Model):
    """The third party's share of a line, as his order shows it (R21)."""

    _inherit = "aftersales.ticket.line"

    def _prepare_third_party_line_vals(self, currency, fiscal_position, lang):
        """Return the order line of the third party's share (hook).

        A share is a service of its own: the part itself goes to the customer.

        :param currency: currency of the order
        :param fiscal_position: fiscal position of the order, perhaps empty
        :param str lang: language of the third party
        :raise UserError: when the product for shares was removed
        """
        self.ensure_one()
        product = self.env.ref(
            "aftersales_service.product_product_share", raise_if_not_found=False
        )
        if not product or not product.active:
            raise UserError(
                self.env._(
                    "The product “Share of a repair” was removed or archived; bring it "
                    "back to bill third parties."
                )
            )
        share = self.with_context(lang=lang).env._(
            "Share of %(share)s %% of %(quantity)s × %(price)s",
            share=f"{self.share_third_party:g}",
            quantity=f"{self.quantity:g}",
            price=self.currency_id.format(self.price_unit),
        )
        name = self._get_estimate_name(lang)
        return {
            "aftersales_ticket_line_id": self.id,
            "aftersales_payer": "third_party",
            "product_id": product.id,
            "name": f"{name}\n{share}",
            "product_uom_qty": 1.0,
            "product_uom_id": product.uom_id.id,
            "price_unit": self._get_price_in(
                self.amount_third_party, currency, fiscal_position, product
            ),
            "discount": 0.0,
            "sequence": self.sequence,
        }
