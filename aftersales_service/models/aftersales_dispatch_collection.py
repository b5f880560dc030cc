from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import float_compare

METHODS = ("cash", "mobile")


class AftersalesDispatch(models.Model):
    """Small amounts collected on the spot, open until they are handed in (R26)."""

    _inherit = "aftersales.dispatch"

    collection_ids = fields.One2many(
        comodel_name="aftersales.collection",
        inverse_name="dispatch_id",
        string="Collected Money",
        readonly=True,
    )
    due_currency_id = fields.Many2one(
        comodel_name="res.currency", compute="_compute_due"
    )
    amount_due = fields.Monetary(
        string="Customer Owes",
        currency_field="due_currency_id",
        compute="_compute_due",
        help="Of what he agreed to on this ticket, with tax, less what he paid.",
    )
    collection_limit = fields.Monetary(
        string="Collected on the Spot, at Most",
        currency_field="due_currency_id",
        compute="_compute_due",
        help="Larger amounts are invoiced the same day.",
    )
    can_collect = fields.Boolean(compute="_compute_can_collect")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends(
        "ticket_id.line_ids.state",
        "ticket_id.line_ids.estimate_state",
        "collection_ids.state",
    )
    def _compute_due(self):
        for dispatch in self:
            currency, amount = dispatch._get_owed()
            dispatch.due_currency_id = currency
            dispatch.amount_due = amount
            dispatch.collection_limit = dispatch._get_collection_limit(currency)

    def _get_owed(self):
        """Return the currency of what the customer agreed to last, and what he owes."""
        self.ensure_one()
        due = self.ticket_id._get_owed()
        last = self.ticket_id._get_agreed_orders().sorted("id")[-1:]
        currency = last.currency_id or self.company_id.currency_id
        return currency, due.get(currency, 0.0)

    def _get_collection_limit(self, currency):
        # What technicians may collect is no secret.
        company_sudo = self.company_id.sudo()
        return company_sudo.currency_id._convert(
            company_sudo.aftersales_collection_limit, currency, company_sudo
        )

    @api.depends("state", "user_ids", "ticket_id.state", "amount_due")
    @api.depends_context("uid", "su")
    def _compute_can_collect(self):
        for dispatch in self:
            dispatch.can_collect = dispatch._is_collecting() and dispatch.amount_due > 0

    def _is_collecting(self):
        """Tell whether the user may take money on this visit, if there is any."""
        self.ensure_one()
        return (
            self._is_own()
            and self.state in ("on_site", "done")
            and self.ticket_id.state not in ("closed", "cancelled")
        )

    def _get_collections(self):
        """Return, as superuser, the money collected on these visits and not void.

        For receipts: ``aftersales_receipt``, ``amount``, ``currency_id``,
        ``aftersales_method`` and ``aftersales_collected_on`` of each payment.
        """
        # Payments are accounting's; those of the visit are on its receipt.
        payments_sudo = self.env["account.payment"].sudo()
        return payments_sudo.search(
            Domain("aftersales_dispatch_id", "in", self.ids)
            & Domain("state", "not in", ("canceled", "rejected")),
            order="aftersales_collected_on, id",
        )

    # ------------------------------------------------------------
    # COLLECT
    # ------------------------------------------------------------

    def action_collect(self, amount, method="cash", key=None):
        """Note money that the customer pays on the spot (R26).

        It is a draft payment in his name, open until accounting has it and confirms.

        :param float amount: in the currency of the order
        :param str method: cash or mobile
        :param str key: of the form that notes it; the same key twice is noted once
        :return: True
        :raise UserError: for a visit of others, not on site or done, of a finished
            ticket; for amounts that are not positive, above what the customer owes, or
            above what is collected on the spot
        """
        self.ensure_one()
        self.check_access("write")
        # Two who press at once: the second one sees what the first one noted.
        self.ticket_id._lock_money()
        if key and self._get_collections().filtered(
            lambda payment: payment.aftersales_key == key
        ):
            return True
        self._ensure_can_collect()
        currency, due = self._get_owed()
        amount = self._ensure_amount(amount, currency, due)
        journal_sudo = self._ensure_journal(method)
        # The technician has no rights on payments; this one is of his own visit.
        Payment = self.env["account.payment"].sudo().with_company(self.company_id)
        payment_sudo = Payment._by_method().create(
            self._prepare_collection_vals(amount, currency, journal_sudo, method, key)
        )
        self.invalidate_recordset(["collection_ids", "amount_due", "can_collect"])
        self._message_log(
            body=self.env._(
                "Collected: %(amount)s, receipt %(receipt)s",
                amount=currency.format(amount),
                receipt=payment_sudo.aftersales_receipt,
            )
        )
        return True

    def _ensure_can_collect(self):
        """Refuse to collect on visits on which the user takes no money.

        :raise UserError: naming the visit and the way out
        """
        self.ensure_one()
        if not self._is_collecting():
            self._refuse(
                self.env._(
                    "Who is sent collects money on site, or after the visit, as long as "
                    "the ticket is not closed."
                )
            )

    def _ensure_amount(self, amount, currency, due):
        """Return the amount in money of the order.

        :raise UserError: when it is not positive, above what is owed, or too much to be
            collected on the spot
        """
        self.ensure_one()
        amount = currency.round(amount or 0.0)
        if float_compare(amount, 0.0, precision_rounding=currency.rounding) <= 0:
            self._refuse(self.env._("Note an amount above zero."))
        if currency.is_zero(due):
            self._refuse(
                self.env._(
                    "The customer owes nothing: let him agree to an estimate first, or "
                    "look at what he has paid."
                )
            )
        if currency.compare_amounts(amount, due) > 0:
            self._refuse(
                self.env._(
                    "The customer owes %(due)s; %(amount)s is more than that.",
                    due=currency.format(due),
                    amount=currency.format(amount),
                )
            )
        limit = self._get_collection_limit(currency)
        before = sum(
            payment.currency_id._convert(payment.amount, currency, self.company_id)
            for payment in self._get_collections()
        )
        if currency.compare_amounts(before + amount, limit) > 0:
            self._refuse(
                self.env._(
                    "Up to %(limit)s is collected on one visit, here it would be "
                    "%(amount)s. Larger amounts are invoiced the same day: finish the "
                    "visit, accounting sends the invoice.",
                    limit=currency.format(limit),
                    amount=currency.format(before + amount),
                )
            )
        return amount

    def _ensure_journal(self, method):
        """Return the journal of a way to pay, as superuser.

        :raise UserError: when the company has none for it
        """
        self.ensure_one()
        if method not in METHODS:
            self._refuse(self.env._("Customers pay in cash or by mobile payment."))
        journal_sudo = self.company_id._aftersales_collection_journal(method)
        if not journal_sudo:
            self._refuse(
                self.env._(
                    "There is no journal for this way to pay: accounting creates it, a "
                    "manager names it in the after-sales settings."
                )
            )
        return journal_sudo

    def _prepare_collection_vals(self, amount, currency, journal, method, key):
        """Return the values of the payment (hook)."""
        self.ensure_one()
        company = self.company_id
        number = company._aftersales_next_numbers("aftersales.collection", 1)[0]
        orders_sudo = self.ticket_id._get_agreed_orders()
        order = orders_sudo.filtered(lambda order: order.currency_id == currency)[-1:]
        return {
            "payment_type": "inbound",
            "partner_type": "customer",
            # Whose account the invoice is on.
            "partner_id": order.partner_invoice_id.commercial_partner_id.id,
            "amount": amount,
            "currency_id": currency.id,
            "journal_id": journal.id,
            "company_id": company.id,
            "date": company._aftersales_today(),
            "memo": " ".join(
                [number, self.name, self.ticket_id.name, *orders_sudo.mapped("name")]
            ),
            "aftersales_dispatch_id": self.id,
            "aftersales_technician_id": self._get_collector().id,
            "aftersales_receipt": number,
            "aftersales_collected_on": fields.Datetime.now(),
            "aftersales_method": method,
            "aftersales_key": key,
        }

    def _get_collector(self):
        """Return who has the money: the user of the crew, else who leads the visit."""
        self.ensure_one()
        # Colleagues are not for everybody to read, his crew is.
        crew_sudo = self.sudo()._get_people()
        own = crew_sudo.filtered(lambda person: person.user_id == self.env.user)
        return (own or self.sudo().technician_id)[:1]  # likewise

    # ------------------------------------------------------------
    # SCREENS
    # ------------------------------------------------------------

    def action_ask_payment(self):
        """Open the form that asks how much the customer pays."""
        return self._get_money_form(
            "aftersales.dispatch.collect", self.env._("Collect")
        )

    def action_ask_signature(self):
        """Open the form on which the customer signs; the estimate is made if need be.

        :raise UserError: as :meth:`action_estimate_on_site`
        """
        return self._ask_consent("sign" if self.state == "on_site" else "yes")

    def action_ask_answer(self):
        """Open the form that notes the customer's answer by word of mouth.

        :raise UserError: as :meth:`action_estimate_on_site`
        """
        return self._ask_consent("yes")

    def _ask_consent(self, answer):
        """Open the form of the customer's answer, with the total that he is shown."""
        self.ensure_one()
        self.action_estimate_on_site()
        orders_sudo = self.ticket_id._get_open_estimates()
        return self._get_money_form(
            "aftersales.dispatch.consent",
            self.env._("Customer's Consent"),
            default_answer=answer,
            default_amount_total=sum(orders_sudo.mapped("amount_total")),
        )

    def _get_money_form(self, model, title, **context):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": model,
            "views": [[False, "form"]],
            "target": "new",
            "context": {"default_dispatch_id": self.id, **context},
        }
