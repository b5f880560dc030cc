from odoo import api, fields, models

from .aftersales_dispatch import BOOKED_STATES

SUPERVISOR = "aftersales_service.aftersales_service_group_supervisor"


class AftersalesDispatch(models.Model):
    """What the customer pays, shown to him on the spot, and his consent (R26, R27)."""

    _inherit = "aftersales.dispatch"

    # ------------------------------------------------------------
    # Prices
    # ------------------------------------------------------------
    price_line_ids = fields.Many2many(
        comodel_name="aftersales.ticket.line",
        string="Price List of the Job",
        compute="_compute_price_line_ids",
        help="Work, parts and travel of the ticket, and what the customer pays of them.",
    )
    price_list_label = fields.Char(string="Prices by", compute="_compute_price")
    customer_currency_id = fields.Many2one(
        comodel_name="res.currency", compute="_compute_price"
    )
    customer_total = fields.Monetary(
        string="Customer Pays, with Tax",
        currency_field="customer_currency_id",
        compute="_compute_price",
        help="Everything on the ticket that the customer pays for, tax included.",
    )
    awaited_total = fields.Monetary(
        string="To Be Agreed",
        currency_field="customer_currency_id",
        compute="_compute_price",
        help="What the customer was not asked about or has not answered, with tax.",
    )
    unagreed_line_ids = fields.Many2many(
        comodel_name="aftersales.ticket.line",
        string="Done without Consent",
        compute="_compute_unagreed_line_ids",
        help="Used on this visit, paid by the customer, and not agreed to by him.",
    )
    needs_consent = fields.Boolean(related="ticket_id.needs_consent")
    estimate_ids = fields.One2many(related="ticket_id.estimate_ids")
    can_estimate_on_site = fields.Boolean(compute="_compute_can_money")
    can_sign = fields.Boolean(compute="_compute_can_money")
    can_note_answer = fields.Boolean(compute="_compute_can_money")

    # ------------------------------------------------------------
    # Of this visit
    # ------------------------------------------------------------
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount_customer = fields.Monetary(
        string="Customer Pays",
        compute="_compute_amounts",
        help="For what was used on this visit, before tax.",
    )
    amount_company = fields.Monetary(
        string="We Pay",
        compute="_compute_amounts",
        help="Covered work and parts of this visit, by the price list.",
    )
    cost_total = fields.Monetary(
        string="Cost",
        compute="_compute_cost",
        groups=SUPERVISOR,
        help="What this visit costs us: hours of the crew, parts and travel.",
    )
    cost_company = fields.Monetary(
        string="Cost of Covered Work",
        compute="_compute_cost",
        groups=SUPERVISOR,
        help="The part of it that nobody pays us.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("ticket_id.line_ids.state")
    def _compute_price_line_ids(self):
        for dispatch in self:
            dispatch.price_line_ids = dispatch.ticket_id.line_ids.filtered(
                lambda line: line.state != "unused"
            )

    @api.depends(
        "ticket_id.line_ids.amount_customer",
        "ticket_id.line_ids.state",
        "ticket_id.line_ids.estimate_state",
        "ticket_id.for_store",
    )
    def _compute_price(self):
        for dispatch in self:
            ticket = dispatch.ticket_id
            # The name of the list that prices come from, not the list.
            pricelist_sudo = ticket._get_pricelist().sudo()
            orders_sudo = ticket._get_customer_orders()
            terms = ticket._get_estimate_terms() if ticket.partner_id else {}
            currency = terms.get("currency") or dispatch.currency_id
            asked = orders_sudo.filtered(
                lambda order, currency=currency: order.currency_id == currency
            )
            new = sum(
                line._get_customer_total(**terms)
                for line in ticket._get_unestimated_lines()
                if terms and line.product_id
            )
            open_ones = asked - ticket._get_agreed_orders()
            dispatch.price_list_label = pricelist_sudo.name
            dispatch.customer_currency_id = currency
            dispatch.customer_total = sum(asked.mapped("amount_total")) + new
            dispatch.awaited_total = sum(open_ones.mapped("amount_total")) + new

    def _compute_amounts(self):
        groups = self.env["aftersales.ticket.line"]._read_group(
            [("dispatch_id", "in", self.ids), ("state", "=", "used")],
            ["dispatch_id"],
            ["amount_customer:sum", "amount_company:sum"],
        )
        by_visit = {visit: amounts for visit, *amounts in groups}
        for dispatch in self:
            amounts = by_visit.get(dispatch, (0.0, 0.0))
            dispatch.amount_customer, dispatch.amount_company = amounts

    def _compute_cost(self):
        groups = self.env["aftersales.ticket.line"]._read_group(
            [("dispatch_id", "in", self.ids), ("state", "=", "used")],
            ["dispatch_id", "share_company"],
            ["cost_total:sum"],
        )
        whole, ours = {}, {}
        for visit, share, cost in groups:
            whole[visit] = whole.get(visit, 0.0) + cost
            ours[visit] = ours.get(visit, 0.0) + cost * share / 100
        for dispatch in self:
            dispatch.cost_total = whole.get(dispatch, 0.0)
            dispatch.cost_company = ours.get(dispatch, 0.0)

    @api.depends(
        "state",
        "user_ids",
        "ticket_id.state",
        "ticket_id.to_verify",
        "ticket_id.line_ids.state",
        "ticket_id.line_ids.estimate_state",
    )
    @api.depends_context("uid", "su")
    def _compute_can_money(self):
        for dispatch in self:
            running = (
                dispatch._is_own()
                and dispatch._is_ticket_served()
                and dispatch.state in BOOKED_STATES
            )
            ticket = dispatch.ticket_id
            waiting = running and bool(ticket._get_open_estimates())
            dispatch.can_estimate_on_site = running and (
                waiting or bool(ticket._get_unestimated_lines())
            )
            dispatch.can_sign = waiting and dispatch.state == "on_site"
            dispatch.can_note_answer = waiting

    def _is_own(self):
        """Tell whether the visit is the user's, or he is of the desk."""
        self.ensure_one()
        return self.ticket_id._is_desk() or self.env.user in self.user_ids

    # ------------------------------------------------------------
    # ESTIMATE
    # ------------------------------------------------------------

    def action_estimate_on_site(self):
        """Make the estimate of what the customer was not asked about yet (R26, R27).

        Extra work found becomes an estimate of its own. One that waits for an answer
        is not made again.

        :return: True
        :raise UserError: without such work, a customer or products to invoice
        """
        self._ensure_can(
            "can_estimate_on_site",
            self.env._(
                "An estimate is made of work that is on no other one, before or on the "
                "visit: note the work and parts first."
            ),
        )
        for dispatch in self:
            # The rules are the desk's; the technician's visit gives him the right.
            ticket_sudo = dispatch.ticket_id.sudo()
            if ticket_sudo._get_unestimated_lines():
                ticket_sudo.action_estimate()
        self.invalidate_recordset(["estimate_ids"])
        return True

    def action_sign_estimate(self, signature, signed_by, amount_total=None):
        """Confirm the open estimate by the customer's signature on glass (R27).

        As on Odoo's portal the signature is kept on the order, and the signed order as
        PDF in its story. Signing twice does no harm: the first time stays.

        :param signature: image, base64
        :param str signed_by: the name of who signed
        :param float amount_total: what the customer saw, with tax; refused when it is
            another amount by now
        :return: True
        :raise UserError: without signature or name, when nobody is on site, when the
            price needs approval, or when no estimate waits
        """
        for dispatch in self:
            dispatch._sign_estimate(signature, signed_by, amount_total)
        return True

    def _sign_estimate(self, signature, signed_by, amount_total):
        self.ensure_one()
        self.check_access("write")
        signed_by = (signed_by or "").strip()
        if not signature or not signed_by:
            self._refuse(self.env._("Let the customer sign, and note his name."))
        # Said twice by a phone with a bad line: the second one waits, then reads this.
        self.ticket_id._lock_money()
        if self.state == "on_site" and self._is_signed_alike(signature):
            return
        self._ensure_can(
            "can_sign",
            self.env._(
                "The customer signs on site, an estimate that waits for his answer: "
                "arrive first, and make the estimate."
            ),
        )
        orders_sudo = self.ticket_id._get_open_estimates()
        self._ensure_signable(orders_sudo, amount_total)
        for order_sudo in orders_sudo:
            order_sudo.write(
                {
                    "signed_by": signed_by,
                    "signed_on": fields.Datetime.now(),
                    "signature": signature,
                }
            )
            if not order_sudo._has_to_be_paid():
                order_sudo._validate_order()
            self._keep_signed(order_sudo)
        self.invalidate_recordset(["estimate_ids"])

    def _is_signed_alike(self, signature):
        """Tell whether the ticket's last order has this very signature."""
        self.ensure_one()
        signature = signature.encode() if isinstance(signature, str) else signature
        orders_sudo = self.ticket_id._get_agreed_orders().sorted("signed_on")
        kept = orders_sudo.filtered("signature")[-1:].signature
        return (
            bool(kept)
            and not self.ticket_id._get_open_estimates()
            and (kept == signature)
        )

    def _ensure_signable(self, orders_sudo, amount_total):
        """Refuse to let the customer sign what he did not see, or may not have.

        :raise UserError: naming the orders and the way out
        """
        self.ensure_one()
        orders_sudo._aftersales_ensure_approved()
        if expired := orders_sudo.filtered("is_expired"):
            self._refuse(
                self.env._(
                    "The estimate is not valid any more, the desk renews it: %s",
                    ", ".join(expired.mapped("name")),
                )
            )
        currency = orders_sudo.currency_id[:1]
        total = sum(orders_sudo.mapped("amount_total"))
        if amount_total is not None and currency.compare_amounts(amount_total, total):
            self._refuse(
                self.env._(
                    "The estimate has changed: it is %s now. Show it to the customer "
                    "again.",
                    currency.format(total),
                )
            )

    def _keep_signed(self, order_sudo):
        """Keep the signed order as PDF in its story, as Odoo's portal does."""
        self.ensure_one()
        # The report reads the signature from the database.
        self.env.flush_all()
        report_sudo = self.env["ir.actions.report"].sudo()
        pdf, _kind = report_sudo._render_qweb_pdf(
            "sale.action_report_saleorder", order_sudo.ids
        )
        order_sudo.message_post(
            attachments=[(f"{order_sudo.name}.pdf", pdf)],
            author_id=self.env.user.partner_id.id,
            body=self.env._(
                "Signed on site by %(customer)s, visit %(visit)s of %(user)s",
                customer=order_sudo.signed_by,
                visit=self.name,
                user=self.env.user.name,
            ),
        )

    # ------------------------------------------------------------
    # WORD OF MOUTH
    # ------------------------------------------------------------

    def action_note_consent(self, by, note):
        """Confirm the open estimates on the customer's word, e.g. by phone (R27).

        :param str by: who agreed
        :param str note: when and how, e.g. the number called
        :return: True
        :raise UserError: without either, without an open estimate, or when the price
            needs approval
        """
        for dispatch in self:
            orders_sudo, by, note = dispatch._take_answer(by, note)
            for order_sudo in orders_sudo:
                order_sudo._aftersales_note_consent(by, note)
        self.invalidate_recordset(["estimate_ids"])
        return True

    def action_note_refusal(self, by, note):
        """Cancel the open estimates on the customer's word; the ticket goes on (R27).

        :param str by: who refused
        :param str note: his words
        :return: True
        :raise UserError: without either, or without an open estimate
        """
        for dispatch in self:
            orders_sudo, by, note = dispatch._take_answer(by, note)
            words = f"{by}: {note}"
            orders_sudo.with_context(aftersales_customer_words=words)._action_cancel()
            for order_sudo in orders_sudo:
                order_sudo._message_log(body=words)
        self.invalidate_recordset(["estimate_ids"])
        return True

    def _take_answer(self, by, note):
        """Return the open estimates as superuser, and the words of the customer."""
        self.ensure_one()
        self._ensure_can(
            "can_note_answer",
            self.env._(
                "Only who is sent notes the customer's answer, to an estimate that "
                "waits for it, until the visit is finished."
            ),
        )
        by, note = self.env["aftersales.estimate"]._ensure_words(by, note)
        return self.ticket_id._get_open_estimates(), by, note

    # ------------------------------------------------------------
    # FINISHING
    # ------------------------------------------------------------

    @api.depends(
        "ticket_id.line_ids.state",
        "ticket_id.line_ids.amount_customer",
        "ticket_id.line_ids.estimate_state",
    )
    def _compute_unagreed_line_ids(self):
        done = self.ticket_id.line_ids.filtered(lambda line: line.state == "used")
        unagreed = done._filter_unagreed()
        for dispatch in self:
            dispatch.unagreed_line_ids = unagreed.filtered(
                lambda line, dispatch=dispatch: line.ticket_id == dispatch.ticket_id
                and line.dispatch_id in (dispatch._origin, dispatch.browse())
            )

    def _get_missing(self):
        """Work that the customer pays for needs his consent (R27)."""
        missing = super()._get_missing()
        if lines := self.unagreed_line_ids:
            missing.append(
                self.env._(
                    "the customer's consent: he pays for %s. Make the estimate and let "
                    "him sign it, or note his answer by phone; a supervisor corrects "
                    "lines or lets us pay",
                    ", ".join(lines.mapped("name")),
                )
            )
        return missing
