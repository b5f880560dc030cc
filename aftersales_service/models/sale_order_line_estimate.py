from odoo import api, fields, models
from odoo.tools import float_compare

FACTS = frozenset(
    {
        "aftersales_ticket_line_id",
        "aftersales_payer",
        "aftersales_list_price",
        "aftersales_is_finding",
    }
)


class SaleOrderLine(models.Model):
    """Work of a ticket on an order (R26)."""

    _name = "sale.order.line"
    _inherit = ["sale.order.line", "aftersales.fact.mixin"]
    _facts = FACTS

    aftersales_ticket_line_id = fields.Many2one(
        comodel_name="aftersales.ticket.line",
        string="Ticket Line",
        check_company=True,
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
        help="Work or part of a service ticket that this line offers.",
    )
    aftersales_payer = fields.Selection(
        selection=[("customer", "Customer"), ("third_party", "Third Party")],
        readonly=True,
        copy=False,
    )
    aftersales_list_price = fields.Float(
        string="Service List Price",
        digits="Product Price",
        readonly=True,
        copy=False,
        help="Price by the service price list, in the currency of the order.",
    )
    aftersales_is_finding = fields.Boolean(
        string="Expert Finding",
        readonly=True,
        copy=False,
        help="Note that shows the customer what we found.",
    )

    _aftersales_line_uniq = models.UniqueIndex(
        "(aftersales_ticket_line_id, aftersales_payer) "
        "WHERE aftersales_ticket_line_id IS NOT NULL AND state <> 'cancel'",
        "This work is on another estimate already; cancel one of the two.",
    )

    # ------------------------------------------------------------
    # PRICE
    # ------------------------------------------------------------

    def _compute_price_unit(self):
        """The ticket gives the price of its work."""
        own = self.filtered("aftersales_ticket_line_id")
        for line in own:
            line.price_unit = line.price_unit
        return super(SaleOrderLine, self - own)._compute_price_unit()

    def _compute_discount(self):
        """Who pays for work of a ticket is decided there."""
        own = self.filtered("aftersales_ticket_line_id")
        for line in own:
            line.discount = line.discount
        return super(SaleOrderLine, self - own)._compute_discount()

    def _aftersales_get_list_amount(self):
        """Return what the customer pays by the list and the decision, before tax."""
        self.ensure_one()
        price = self.aftersales_list_price
        price *= self.aftersales_ticket_line_id.share_customer / 100
        if not self.tax_ids:
            return self.currency_id.round(price * self.product_uom_qty)
        return self.tax_ids.compute_all(
            price,
            currency=self.currency_id,
            quantity=self.product_uom_qty,
            product=self.product_id,
            partner=self.order_id.partner_id,
        )["total_excluded"]

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        lines = super().create(vals_list)
        lines._aftersales_ensure_price()
        return lines

    def write(self, vals):
        self._ensure_no_facts(vals)
        result = super().write(vals)
        if vals.keys() & {"price_unit", "discount", "product_uom_qty", "tax_ids"}:
            self._aftersales_ensure_price()
        return result

    def _aftersales_ensure_price(self):
        """A price agreed with the customer is not lowered behind the manager's back."""
        agreed = self.order_id.filtered(
            lambda order: order.state == "sale" and order.aftersales_ticket_id
        )
        if agreed:
            agreed._aftersales_ensure_approved()

    # ------------------------------------------------------------
    # TICKET
    # ------------------------------------------------------------

    def _aftersales_is_agreed(self):
        """Tell whether the customer agreed: confirmed, or signed and not paid yet."""
        self.ensure_one()
        return self.state == "sale" or (
            self.state in ("draft", "sent") and bool(self.order_id.signed_on)
        )

    def _aftersales_follow_line(self, terms):
        """Offer what the ticket line says now, on an order nobody has answered.

        :param dict terms: currency, fiscal position and language of the order
        """
        self.ensure_one()
        line = self.aftersales_ticket_line_id
        if line.state == "unused":
            self.unlink()
            return
        if self.aftersales_payer == "third_party":
            if line.third_party_id != self.order_id.partner_id:
                self.unlink()
                return
            vals = line._prepare_third_party_line_vals(**terms)
        else:
            vals = line._prepare_estimate_line_vals(**terms)
        changed = {
            field: value
            for field, value in vals.items()
            if self._aftersales_differs(field, value)
        }
        if changed:
            self.write(changed)

    def _aftersales_differs(self, field, value):
        present = self[field]
        if self._fields[field].type == "many2one":
            return present.id != value
        if self._fields[field].type == "float":
            return float_compare(present, value, precision_digits=6) != 0
        return present != value
