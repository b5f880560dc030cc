from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import NO_ACCESS, Domain
from odoo.tools import float_compare

# What the customer agreed to.
AGREED_FIELDS = ("ticket_id", "kind", "product_id", "quantity", "price_unit")
# What an open estimate shows of a line.
SHOWN_FIELDS = frozenset({*AGREED_FIELDS, "name", "sequence", "component_id", "state"})
# Reasons that tell a customer nothing.
SILENT_RULES = frozenset({"no_unit", "fee", "no_terms"})


class AftersalesTicketLine(models.Model):
    """What an order offers, what the customer agreed to, what was delivered."""

    _inherit = "aftersales.ticket.line"

    sale_line_ids = fields.One2many(
        comodel_name="sale.order.line",
        inverse_name="aftersales_ticket_line_id",
        string="Order Lines",
        groups=NO_ACCESS,
    )
    exclusion_id = fields.Many2one(
        related="ticket_id.exclusion_id",
        string="Exclusion Found",
        store=True,
        index="btree_not_null",
    )
    estimate_state = fields.Selection(
        selection=[
            ("draft", "Estimate"),
            ("sent", "Sent"),
            ("agreed", "Agreed"),
            ("invoiced", "Invoiced"),
        ],
        string="Estimate",
        compute="_compute_estimate_state",
        compute_sudo=True,
        help="How far the customer's estimate of this line is; empty: on none.",
    )

    @api.depends(
        "sale_line_ids.state",
        "sale_line_ids.aftersales_payer",
        "sale_line_ids.qty_invoiced",
        "sale_line_ids.order_id.signed_on",
    )
    def _compute_estimate_state(self):
        for line in self:
            offers = line.sale_line_ids.filtered(
                lambda offer: offer.state != "cancel"
                and offer.aftersales_payer != "third_party"
            )
            if not offers:
                line.estimate_state = False
            elif any(offers.mapped("qty_invoiced")):
                line.estimate_state = "invoiced"
            elif any(offer._aftersales_is_agreed() for offer in offers):
                line.estimate_state = "agreed"
            else:
                line.estimate_state = (
                    "sent" if "sent" in offers.mapped("state") else ("draft")
                )

    # ------------------------------------------------------------
    # OFFER
    # ------------------------------------------------------------

    def _prepare_estimate_line_vals(self, currency, fiscal_position, lang):
        """Return the values of the order line that offers this line (hook).

        The full price is shown, and what others pay of it as a discount with its
        reason.

        :param currency: currency of the order
        :param fiscal_position: fiscal position of the order, perhaps empty
        :param str lang: language of the customer
        """
        self.ensure_one()
        return {
            "aftersales_ticket_line_id": self.id,
            "aftersales_payer": "customer",
            "product_id": self.product_id.id,
            "name": self._get_estimate_name(lang),
            "product_uom_qty": self.quantity,
            "product_uom_id": self.product_id.uom_id.id,
            "price_unit": self._get_price_in(
                self.price_unit, currency, fiscal_position
            ),
            "aftersales_list_price": self._get_price_in(
                self.price_list, currency, fiscal_position
            ),
            "discount": 100 - self.share_customer,
            "sequence": self.sequence,
        }

    def _get_price_in(self, price, currency, fiscal_position, product=None):
        """Return a price of this line as an order with these terms shows it.

        :param product: what the order line sells, if it is not the line's product
        """
        self.ensure_one()
        if self.currency_id != currency:
            price = self.currency_id._convert(
                price, currency, self.company_id, fields.Date.today(), round=False
            )
        # Taxes of the product are not the desk's to see, the price is.
        product_sudo = (product or self.product_id).sudo()
        product_sudo = product_sudo.with_company(self.company_id)
        return product_sudo._get_tax_included_unit_price_from_price(
            price,
            product_taxes=product_sudo.taxes_id._filter_taxes_by_company(
                self.company_id
            ),
            fiscal_position=fiscal_position,
        )

    def _get_estimate_name(self, lang):
        """Describe the line to the customer: what it is, and who pays for it why."""
        self.ensure_one()
        line = self.with_context(lang=lang)
        langs = {code for code, _name in self.env["res.lang"].get_installed()}
        if not self.name or any(
            self.name == self.product_id.with_context(lang=code).display_name
            for code in langs | {self.env.lang, lang}
        ):
            name = line.product_id.get_product_multiline_description_sale()
        else:
            name = self.name
        silent = not self.override_user_id and self.coverage_code in SILENT_RULES
        reason = False if silent else line.coverage_reason
        return f"{name}\n{reason}" if reason else name

    def _update_estimates(self):
        """Let unanswered orders follow their lines: who pays, how much of what."""
        # Whoever decides who pays changes the offer of it, nothing else of the order.
        Offer = self.env["sale.order.line"].sudo()._by_method()
        offers = Offer.search(
            Domain("aftersales_ticket_line_id", "in", self.ids)
            & Domain("state", "in", ("draft", "sent"))
            & Domain("order_id.signed_on", "=", False)
        )
        for order, order_offers in offers.grouped("order_id").items():
            terms = {
                "currency": order.currency_id,
                "fiscal_position": order.fiscal_position_id,
                "lang": order._get_lang(),
            }
            for offer in order_offers:
                offer._aftersales_follow_line(terms)

    # ------------------------------------------------------------
    # AGREEMENT
    # ------------------------------------------------------------

    def _get_agreed(self):
        """Return those of these lines that the customer agreed to."""
        # One search, however many lines: orders are not the reader's to see.
        Offer = self.env["sale.order.line"].sudo()
        offers = Offer.search_fetch(
            Domain("aftersales_ticket_line_id", "in", self.ids)
            & Domain("aftersales_payer", "!=", "third_party")
            & (
                Domain("state", "=", "sale")
                | Domain("state", "in", ("draft", "sent"))
                & Domain("order_id.signed_on", "!=", False)
            ),
            ["aftersales_ticket_line_id"],
        )
        return self & offers.aftersales_ticket_line_id.with_env(self.env)

    def _filter_undecided(self):
        """What the customer agreed to is not decided anew."""
        lines = super()._filter_undecided()
        return lines - lines._get_agreed()

    def _ensure_can_change(self, vals):
        result = super()._ensure_can_change(vals)
        touched = [field for field in AGREED_FIELDS if field in vals]
        changed = self.filtered(
            lambda line: any(line._differs(field, vals[field]) for field in touched)
        )
        changed._ensure_not_agreed()
        return result

    def _differs(self, field, value):
        """Tell whether a value is another one than the line has."""
        present = self[field]
        if self._fields[field].type == "many2one":
            return present.id != (value or False)
        if self._fields[field].type == "float":
            return float_compare(present, value or 0.0, precision_digits=6) != 0
        return present != value

    def _ensure_not_agreed(self):
        """Refuse to change what the customer agreed to (R27).

        :raise UserError: naming the lines and the way out
        """
        if agreed := self._get_agreed():
            raise UserError(
                self.env._(
                    "The customer agreed to these lines as they are; extra work is a "
                    "new line and a new estimate: %s",
                    ", ".join(agreed.mapped("display_name")),
                )
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if self._is_by_method():
            return result
        if vals.keys() & SHOWN_FIELDS:
            self._update_estimates()
        if "state" in vals:
            self._update_delivered()
        if vals.keys() & {"employee_id", "product_id", "kind"}:
            # A correction of who did it corrects what it cost.
            self.filtered(lambda line: line.state == "used")._note_cost()
        if vals.keys() & {"quantity", "price_unit", "product_id"}:
            # What was given away by a decision does not grow by itself.
            self.filtered("override_user_id")._ensure_within_limit()
        return result

    def unlink(self):
        self._ensure_not_agreed()
        # Lines that nobody agreed to leave their offers with them.
        offers_sudo = self.sudo().sale_line_ids
        offers_sudo.filtered(lambda offer: offer.state in ("draft", "sent")).unlink()
        return super().unlink()

    def _decide(self):
        result = super()._decide()
        self._update_estimates()
        return result

    # ------------------------------------------------------------
    # OVERRIDE
    # ------------------------------------------------------------

    def action_follow_rules(self):
        self._ensure_not_agreed()
        return super().action_follow_rules()

    def _override(self, wish):
        """A decision after the consent can only favour the customer.

        :raise UserError: when he would pay more than he agreed to, or has his invoice
        """
        agreed = self._get_agreed() if wish else self.browse()
        shares = {line: line.share_customer for line in agreed}
        result = super()._override(wish)
        for line in agreed:
            if line.share_customer > shares[line]:
                line._ensure_not_agreed()
            if line.estimate_state == "invoiced":
                raise UserError(
                    self.env._(
                        "%s is invoiced; give the customer a credit note instead.",
                        line.display_name,
                    )
                )
            line._lower_agreed()
        if wish:
            self._update_estimates()
        return result

    def _lower_agreed(self):
        """Give the customer on his order what was decided in his favour."""
        self.ensure_one()
        # As in _update_estimates.
        offers_sudo = self.sudo().sale_line_ids.filtered(
            lambda offer: offer.state != "cancel"
            and offer.aftersales_payer != "third_party"
        )
        for offer in offers_sudo._by_method():
            offer.write(
                {
                    "discount": 100 - self.share_customer,
                    "name": self._get_estimate_name(offer.order_id._get_lang()),
                }
            )

    # ------------------------------------------------------------
    # DELIVERY
    # ------------------------------------------------------------

    def _update_delivered(self):
        """Tell confirmed orders which services were rendered.

        Goods are delivered by the order's own transfer.
        """
        # Work done is noted by technicians, who have no rights on sales.
        offers_sudo = self.env["sale.order.line"].sudo()
        offers_sudo = offers_sudo.search(
            [
                ("aftersales_ticket_line_id", "in", self.ids),
                ("state", "=", "sale"),
                ("qty_delivered_method", "=", "manual"),
            ]
        )
        for offer in offers_sudo:
            used = offer.aftersales_ticket_line_id.state == "used"
            quantity = offer.product_uom_qty if used else 0.0
            if offer.qty_delivered != quantity:
                offer.qty_delivered = quantity
