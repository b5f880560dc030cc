from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

# Noted by the methods below alone: they carry the rules.
FACTS = frozenset(
    {
        "aftersales_payer",
        "aftersales_approved_by_id",
        "aftersales_approved_on",
        "aftersales_approved_amount",
        "aftersales_approved_below",
        "aftersales_consent_by",
        "aftersales_consent_note",
        "aftersales_consent_on",
    }
)


class SaleOrder(models.Model):
    """Estimate of a service ticket: the customer's answer, the discount (R26, R27)."""

    _name = "sale.order"
    _inherit = ["sale.order", "aftersales.fact.mixin"]
    _facts = FACTS

    aftersales_ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        string="Service Ticket",
        check_company=True,
        index="btree_not_null",
        copy=False,
        help="Ticket that this order is the estimate of.",
    )
    aftersales_payer = fields.Selection(
        selection=[("customer", "Customer"), ("third_party", "Third Party")],
        string="Estimate for",
        readonly=True,
        copy=False,
        help="Whose part of the ticket's work the order bills.",
    )
    aftersales_net_amount = fields.Monetary(
        string="Offered",
        compute="_compute_aftersales_discount",
        compute_sudo=True,
        help="What the work of the ticket costs the customer by this order, before tax.",
    )
    aftersales_list_amount = fields.Monetary(
        string="By the Price List",
        compute="_compute_aftersales_discount",
        compute_sudo=True,
        help="What the same work costs the customer by the service price list and the "
        "decision who pays, before tax.",
    )
    aftersales_below_list = fields.Float(
        string="Below List (%)",
        compute="_compute_aftersales_discount",
        compute_sudo=True,
    )
    aftersales_needs_approval = fields.Boolean(
        compute="_compute_aftersales_discount", compute_sudo=True
    )
    aftersales_approver = fields.Char(
        compute="_compute_aftersales_approver", compute_sudo=True
    )
    aftersales_can_approve = fields.Boolean(compute="_compute_aftersales_can_approve")
    aftersales_approved_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Discount Approved by",
        readonly=True,
        copy=False,
    )
    aftersales_approved_on = fields.Datetime(
        string="Discount Approved on", readonly=True, copy=False
    )
    aftersales_approved_amount = fields.Monetary(
        string="Approved Amount", readonly=True, copy=False
    )
    aftersales_approved_below = fields.Float(
        string="Approved Discount (%)", readonly=True, copy=False
    )
    aftersales_consent_by = fields.Char(
        string="Consent Given by",
        readonly=True,
        copy=False,
        help="Who agreed to the work by word of mouth.",
    )
    aftersales_consent_note = fields.Char(
        string="Consent", readonly=True, copy=False, help="When and how he agreed."
    )
    aftersales_consent_on = fields.Datetime(
        string="Consent Noted on", readonly=True, copy=False
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends(
        "aftersales_ticket_id",
        "aftersales_payer",
        "aftersales_approved_by_id",
        "aftersales_approved_amount",
        "aftersales_approved_below",
        "currency_id",
        "company_id.aftersales_discount_limit",
        "order_line.price_subtotal",
        "order_line.product_uom_qty",
        "order_line.tax_ids",
        "order_line.aftersales_list_price",
        "order_line.aftersales_ticket_line_id.share_customer",
    )
    def _compute_aftersales_discount(self):
        estimates = self._aftersales_estimates()
        for order in self:
            work = order.order_line.browse()
            if order in estimates:
                work = order.order_line.filtered("aftersales_ticket_line_id")
            gifts = (order.order_line - work).filtered(
                lambda line: line.price_subtotal < 0
            )
            net = sum((work | gifts).mapped("price_subtotal")) if work else 0.0
            full = sum(line._aftersales_get_list_amount() for line in work)
            below = max(0.0, 100 * (1 - net / full)) if full > 0 else 0.0
            order.aftersales_net_amount = net
            order.aftersales_list_amount = full
            order.aftersales_below_list = below
            order.aftersales_needs_approval = order._aftersales_is_low(
                net, full
            ) and not order._aftersales_is_approved(net, below)

    def _aftersales_is_low(self, net, full):
        limit = self.company_id.aftersales_discount_limit
        least = full * (1 - limit / 100)
        return self.currency_id.compare_amounts(net, least) < 0

    def _aftersales_is_approved(self, net, below):
        """An approval holds for its amount and its discount, not for a lower price."""
        if not self.aftersales_approved_by_id:
            return False
        amount = self.aftersales_approved_amount
        return (
            self.currency_id.compare_amounts(net, amount) >= 0
            and below <= self.aftersales_approved_below + 0.005
        )

    @api.depends("company_id.aftersales_general_manager_id")
    def _compute_aftersales_approver(self):
        for order in self:
            order.aftersales_approver = (
                order._aftersales_get_general_manager().name
                or self.env._("an after-sales manager")
            )

    @api.depends("aftersales_needs_approval")
    @api.depends_context("uid")
    def _compute_aftersales_can_approve(self):
        for order in self:
            order.aftersales_can_approve = (
                order.aftersales_needs_approval
                and order._aftersales_is_approver(self.env.user)
            )

    def _aftersales_is_approver(self, user):
        """Tell whether a user approves discounts in the company of the order."""
        self.ensure_one()
        manager = self._aftersales_get_general_manager()
        if manager:
            return user == manager
        return user.has_group("aftersales_service.aftersales_service_group_manager")

    def _aftersales_get_general_manager(self):
        """Return who approves discounts in the company of the order, perhaps nobody."""
        # Who decides is known to everybody who has to ask.
        manager = self.company_id.sudo().aftersales_general_manager_id
        return manager.filtered("active").with_env(self.env)

    def _aftersales_estimates(self):
        """Return the orders that ask a customer about work of a ticket."""
        return self.filtered(
            lambda order: order.aftersales_ticket_id
            and order.aftersales_payer != "third_party"
        )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        state = vals.get("state")
        if not state:
            return super().write(vals)
        moved = self.filtered(
            lambda order: order.aftersales_ticket_id and order.state != state
        )
        if state in ("sent", "sale"):
            moved._aftersales_ensure_approved()
        result = super().write(vals)
        if moved:
            moved._aftersales_follow(state)
        return result

    def _aftersales_follow(self, state):
        """Let the tickets go on after their orders reached a state."""
        # The order moves the ticket, whoever moved the order: customers, sales.
        lines_sudo = self.order_line.sudo().aftersales_ticket_line_id
        if state == "sale":
            lines_sudo._update_delivered()
        for order in self._aftersales_estimates():
            ticket_sudo = order.aftersales_ticket_id.sudo()  # as above
            if state == "sent":
                ticket_sudo._await_answer()
            elif state == "sale":
                ticket_sudo._take_consent(order)
            elif state == "cancel":
                words = self.env.context.get("aftersales_customer_words")
                ticket_sudo._take_refusal(order, words)

    # ------------------------------------------------------------
    # DISCOUNT
    # ------------------------------------------------------------

    def action_quotation_send(self):
        """Open the mail to the customer.

        :raise UserError: when the price needs the general manager first
        """
        self._aftersales_ensure_approved()
        return super().action_quotation_send()

    def _aftersales_ensure_approved(self):
        """Refuse estimates far below the list that nobody approved (R26).

        :raise UserError: naming the orders, their discount and who approves it
        """
        refused = self._aftersales_estimates().filtered("aftersales_needs_approval")
        if refused:
            raise UserError(
                "\n".join(order._aftersales_explain_discount() for order in refused)
            )

    def _aftersales_explain_discount(self):
        self.ensure_one()
        return self.env._(
            "%(order)s is %(below)s %% below the service price list; more than "
            "%(limit)s %% is approved by %(approver)s.",
            order=self.name,
            below=f"{self.aftersales_below_list:.1f}",
            # How much sales may give is no secret.
            limit=f"{self.company_id.sudo().aftersales_discount_limit:g}",
            approver=self.aftersales_approver,
        )

    def action_aftersales_approve(self):
        """Approve the discount as it is now; a lower price needs it again (R26).

        :raise UserError: when nothing waits for it, or for another user
        """
        self.check_access("read")
        return self._aftersales_approve(self.env.user)

    def _aftersales_approve(self, user):
        for order in self:
            if not order.aftersales_needs_approval:
                raise UserError(self.env._("%s needs no approval.", order.name))
            if not order._aftersales_is_approver(user):
                raise UserError(order._aftersales_explain_discount())
            net, below = order.aftersales_net_amount, order.aftersales_below_list
            # The general manager decides on prices of orders that are not his own.
            order_sudo = order.sudo()._by_method()
            order_sudo.write(
                {
                    "aftersales_approved_by_id": user.id,
                    "aftersales_approved_on": fields.Datetime.now(),
                    "aftersales_approved_amount": net,
                    "aftersales_approved_below": below,
                }
            )
            order_sudo._message_log(
                body=self.env._(
                    "Price approved: %(amount)s, %(below)s %% below the list",
                    amount=order.currency_id.format(net),
                    below=f"{below:.1f}",
                )
            )
        return True

    def _has_to_be_paid(self):
        """Nobody pays for a price that is not approved."""
        return super()._has_to_be_paid() and not self.aftersales_needs_approval

    # ------------------------------------------------------------
    # ANSWER
    # ------------------------------------------------------------

    def _aftersales_note_consent(self, by, note):
        """Confirm estimates on the customer's word, see the ticket's method."""
        self._by_method().write(
            {
                "aftersales_consent_by": by,
                "aftersales_consent_note": note,
                "aftersales_consent_on": fields.Datetime.now(),
            }
        )
        for order in self:
            order._message_log(
                body=self.env._(
                    "%(by)s agreed, noted by %(user)s: %(note)s",
                    by=by,
                    user=self.env.user.name,
                    note=note,
                )
            )
        self.action_confirm()

    # ------------------------------------------------------------
    # FINDING
    # ------------------------------------------------------------

    def _aftersales_update_finding(self):
        """Show the customer on open estimates what we found (E11)."""
        notes = self.order_line.filtered("aftersales_is_finding")
        for order in self._aftersales_estimates():
            vals_list = order.aftersales_ticket_id._prepare_finding_vals_list(
                order._get_lang()
            )
            note = notes.filtered(lambda line, order=order: line.order_id == order)
            if note and vals_list:
                if note.name != vals_list[0]["name"]:
                    note.name = vals_list[0]["name"]
            elif note:
                note.unlink()
            elif vals_list:
                order.write({"order_line": [Command.create(vals_list[0])]})

    # ------------------------------------------------------------
    # SCREENS
    # ------------------------------------------------------------

    def action_view_aftersales_estimate_ticket(self):
        """Open the ticket that this order is an estimate of."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "aftersales.ticket",
            "res_id": self.aftersales_ticket_id.id,
            "views": [[False, "form"]],
        }

    def _get_update_prices_lines(self):
        """Work of a ticket keeps the prices of its own list."""
        lines = super()._get_update_prices_lines()
        return lines.filtered(lambda line: not line.aftersales_ticket_line_id)
