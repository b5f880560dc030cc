from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class AftersalesEstimate(models.Model):
    """What the service desk sees and does with the orders of its tickets.

    It has no rights on sales, and no table here: each row shows one order, and each
    step goes through the rules of the ticket (R26, R27).
    """

    _name = "aftersales.estimate"
    _description = "Estimate of a Ticket"
    _auto = False
    _order = "id desc"
    _depends = {"sale.order": ["aftersales_ticket_id", "company_id"]}

    order_id = fields.Many2one(comodel_name="sale.order", readonly=True)
    ticket_id = fields.Many2one(comodel_name="aftersales.ticket", readonly=True)
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    name = fields.Char(related="order_id.name")
    partner_id = fields.Many2one(related="order_id.partner_id", string="For")
    payer = fields.Selection(related="order_id.aftersales_payer", string="Kind")
    state = fields.Selection(related="order_id.state")
    date_order = fields.Datetime(related="order_id.date_order", string="Date")
    currency_id = fields.Many2one(related="order_id.currency_id")
    amount_untaxed = fields.Monetary(
        related="order_id.amount_untaxed", string="Before Tax"
    )
    amount_total = fields.Monetary(related="order_id.amount_total", string="With Tax")
    invoice_status = fields.Selection(
        related="order_id.invoice_status", string="Invoices"
    )
    below_list = fields.Float(related="order_id.aftersales_below_list")
    needs_approval = fields.Boolean(related="order_id.aftersales_needs_approval")
    approver = fields.Char(related="order_id.aftersales_approver")
    approved_by_id = fields.Many2one(related="order_id.aftersales_approved_by_id")
    can_approve = fields.Boolean(compute="_compute_can_approve")
    answer = fields.Char(
        compute="_compute_answer",
        compute_sudo=True,
        help="Who agreed, and how: signature, or what the desk noted. Or what the "
        "estimate waits for on our side.",
    )
    can_answer = fields.Boolean(compute="_compute_can_answer")

    @property
    def _table_query(self):
        return SQL(
            "SELECT id, id AS order_id, aftersales_ticket_id AS ticket_id, company_id "
            "FROM sale_order WHERE aftersales_ticket_id IS NOT NULL"
        )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends(
        "order_id.state",
        "order_id.signed_by",
        "order_id.aftersales_consent_by",
        "order_id.aftersales_needs_approval",
    )
    def _compute_answer(self):
        for estimate in self:
            order = estimate.order_id
            if order.signed_by:
                estimate.answer = self.env._("Signed by %s", order.signed_by)
            elif order.aftersales_consent_by:
                estimate.answer = (
                    f"{order.aftersales_consent_by}: {order.aftersales_consent_note}"
                )
            elif order.aftersales_needs_approval and order.state != "cancel":
                estimate.answer = self.env._(
                    "%(below)s %% below list, to be approved by %(approver)s",
                    below=f"{order.aftersales_below_list:.1f}",
                    approver=order.aftersales_approver,
                )
            else:
                estimate.answer = False

    @api.depends("order_id.state", "order_id.aftersales_payer")
    @api.depends_context("uid", "su")
    def _compute_can_answer(self):
        for estimate in self:
            # The order is not the desk's to read.
            order_sudo = estimate.sudo().order_id
            estimate.can_answer = estimate.ticket_id._is_desk() and (
                order_sudo.state in ("draft", "sent")
                and order_sudo.aftersales_payer != "third_party"
            )

    @api.depends("order_id.aftersales_needs_approval")
    @api.depends_context("uid")
    def _compute_can_approve(self):
        for estimate in self:
            # The order is not the desk's to read.
            order_sudo = estimate.sudo().order_id
            estimate.can_approve = (
                order_sudo.aftersales_needs_approval
                and order_sudo._aftersales_is_approver(self.env.user)
            )

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def _ensure_can_answer(self):
        """Refuse steps on orders that wait for no answer.

        :raise UserError: naming the orders
        """
        self.ticket_id.check_access("write")
        if refused := self.filtered(lambda estimate: not estimate.can_answer):
            raise UserError(
                self.env._(
                    "Only the desk, and only for estimates that wait for the "
                    "customer's answer: %s",
                    ", ".join(refused.mapped("name")),
                )
            )

    def _get_orders(self):
        """Return the orders as superuser; callers have checked what is asked."""
        # The desk serves its tickets without rights on sales.
        return self.sudo().order_id

    def action_send(self):
        """Send the estimate to the customer by mail, as sales would.

        :raise UserError: without an address, or when the price needs approval
        """
        self._ensure_can_answer()
        for order_sudo in self._get_orders():
            order_sudo._aftersales_ensure_approved()
            if not order_sudo.partner_id.email:
                raise UserError(
                    self.env._(
                        "%(customer)s has no email address; add one, or note the "
                        "customer's answer by phone.",
                        customer=order_sudo.partner_id.display_name,
                    )
                )
            order_sudo.with_context(mark_so_as_sent=True).message_post_with_source(
                order_sudo._find_mail_template(),
                email_layout_xmlid="mail.mail_notification_layout_with_responsible_signature",
                subtype_xmlid="mail.mt_comment",
            )
        return True

    def action_mark_sent(self):
        """Note that the customer has the estimate: printed, handed over, by chat.

        :raise UserError: when the price needs approval
        """
        self._ensure_can_answer()
        for order_sudo in self._get_orders():
            if order_sudo.state == "draft":
                order_sudo.action_quotation_sent()
        return True

    def action_preview(self):
        """Open the page on which the customer reads and signs the estimate."""
        self.ensure_one()
        self.ticket_id.check_access("write")
        return self._get_orders().action_preview_sale_order()

    def action_note_consent(self, by, note):
        """Confirm the estimate on the customer's word (R27).

        :param str by: who agreed
        :param str note: when and how, e.g. the number called
        :raise UserError: when either is missing, when it was answered already, or when
            the price needs approval
        """
        self._ensure_can_answer()
        by, note = self._ensure_words(by, note)
        self._get_orders()._aftersales_note_consent(by, note)
        return True

    def action_note_refusal(self, by, note):
        """Cancel the estimate on the customer's word; the ticket goes on (R27).

        :param str by: who refused
        :param str note: his words
        :raise UserError: when either is missing, or when it was answered already
        """
        self._ensure_can_answer()
        by, note = self._ensure_words(by, note)
        words = f"{by}: {note}"
        orders_sudo = self._get_orders()
        orders_sudo.with_context(aftersales_customer_words=words)._action_cancel()
        for order_sudo in orders_sudo:
            order_sudo._message_log(body=words)
        return True

    def _ensure_words(self, by, note):
        by, note = (by or "").strip(), (note or "").strip()
        if not by or not note:
            raise UserError(
                self.env._("Note who answered, and his words: when, how, what.")
            )
        return by, note

    def action_approve(self):
        """Approve the price of the estimate (R26).

        :raise UserError: when it needs no approval, or that of somebody else
        """
        self.check_access("read")
        return self._get_orders()._aftersales_approve(self.env.user)

    def action_open_order(self):
        """Open the order, for users who may see it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": self.id,
            "views": [[False, "form"]],
        }
