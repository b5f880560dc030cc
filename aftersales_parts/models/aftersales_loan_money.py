from odoo import api, fields, models
from odoo.fields import Command

from .aftersales_loan import AGENT
from .aftersales_loan_workflow import MANAGER, SUPERVISOR

ENDED = ("returned", "lost")


class AftersalesLoan(models.Model):
    """Money of a loan: the deposit, and what loss or damage costs (R46).

    Fair wear is nobody's debt. A customer gets a draft invoice that accounting posts; a
    technician's part is approved by a manager and taken into the payroll by hand.
    """

    _inherit = "aftersales.loan"

    currency_id = fields.Many2one(related="company_id.currency_id")
    deposit = fields.Monetary(help="What the customer leaves with us meanwhile.")
    deposit_date = fields.Date(string="Deposit Received on", readonly=True, copy=False)
    deposit_back_date = fields.Date(
        string="Deposit Given Back on", readonly=True, copy=False
    )
    deposit_payment_id = fields.Many2one(
        comodel_name="account.payment",
        string="Payment of the Deposit",
        readonly=True,
        copy=False,
        groups="account.group_account_invoice",
    )
    deposit_refund_id = fields.Many2one(
        comodel_name="account.payment",
        string="Repayment of the Deposit",
        readonly=True,
        copy=False,
        groups="account.group_account_invoice",
    )
    charge = fields.Monetary(
        readonly=True,
        copy=False,
        tracking=True,
        help="What the borrower pays for loss or damage.",
    )
    charge_proposal = fields.Monetary(
        string="Worth",
        compute="_compute_charge_proposal",
        groups=SUPERVISOR,
        help="What the goods cost us; for customers, their price.",
    )
    charge_state = fields.Selection(
        selection=[
            ("none", "Nothing to Charge"),
            ("open", "To Decide"),
            ("charged", "Charged"),
            ("waived", "Waived"),
        ],
        string="Compensation",
        required=True,
        default="none",
        readonly=True,
        copy=False,
        tracking=True,
    )
    charge_reason = fields.Char(string="Charged because", readonly=True, copy=False)
    charge_user_id = fields.Many2one(
        comodel_name="res.users", string="Decided by", readonly=True, copy=False
    )
    charge_date = fields.Date(string="Decided on", readonly=True, copy=False)
    invoice_id = fields.Many2one(
        comodel_name="account.move",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="account.group_account_invoice",
    )
    can_charge = fields.Boolean(compute="_compute_can_money")
    can_receive_deposit = fields.Boolean(compute="_compute_can_money")
    can_return_deposit = fields.Boolean(compute="_compute_can_money")

    _amounts_positive = models.Constraint(
        "CHECK (COALESCE(deposit, 0) >= 0 AND COALESCE(charge, 0) >= 0)",
        "Deposit and charge of a loan cannot be negative.",
    )
    _charge_idx = models.Index("(company_id, kind) WHERE charge_state = 'open'")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("product_id", "quantity", "kind", "company_id")
    def _compute_charge_proposal(self):
        for loan in self:
            product = loan.product_id.with_company(loan.company_id)
            ours = loan.kind == "tool"
            # Supervisors see what a tool costs, not the costs of all products.
            price = product.sudo().standard_price if ours else product.lst_price
            loan.charge_proposal = price * loan.quantity

    @api.depends(
        "state", "kind", "charge_state", "deposit", "deposit_date", "deposit_back_date"
    )
    @api.depends_context("uid", "su")
    def _compute_can_money(self):
        user, su = self.env.user, self.env.su
        is_agent = su or user.has_group(AGENT)
        is_supervisor = su or user.has_group(SUPERVISOR)
        is_manager = su or user.has_group(MANAGER)
        for loan in self:
            # What is taken off a colleague's pay is decided higher up.
            decides = is_manager if loan.kind == "tool" else is_supervisor
            loan.can_charge = loan.charge_state == "open" and decides
            loan.can_receive_deposit = (
                is_agent
                and bool(loan.deposit)
                and not loan.deposit_date
                and loan.state in ("draft", "approved", "out")
            )
            loan.can_return_deposit = (
                is_agent
                and bool(loan.deposit_date)
                and not loan.deposit_back_date
                and loan.state != "out"
            )

    # ------------------------------------------------------------
    # COMPENSATION
    # ------------------------------------------------------------

    def _end(self, vals, moment=None):
        """What is lost or damaged waits for a decision, fair wear does not (R46)."""
        if vals["state"] == "lost" or vals.get("condition") == "damaged":
            vals = {**vals, "charge_state": "open"}
        return super()._end(vals, moment)

    def action_charge(self, amount, reason):
        """Charge the borrower for loss or damage (R46).

        A customer gets a draft invoice, a technician's part waits for the payroll.

        :param float amount: in the currency of the company, more than nothing
        :param str reason: mandatory
        :return: the invoice, if any
        :raise UserError: for others than who decides, or when it was decided already
        """
        self._lock()
        self.ensure_one()
        self._ensure_can_decide()
        if self.currency_id.compare_amounts(amount or 0.0, 0.0) <= 0:
            self._refuse(self.env._("Say how much; waive it when it is nothing."))
        self._decide("charged", reason, amount)
        # The invoice is drafted for accounting, who alone posts it.
        loan_sudo = self.sudo()
        if self.kind != "tool":
            loan_sudo._step({"invoice_id": loan_sudo._create_charge().id})
        return loan_sudo.invoice_id

    def action_waive(self, reason):
        """Charge nobody for loss or damage, e.g. fair wear (R46).

        :param str reason: mandatory
        :raise UserError: for others than who decides, or when it was decided already
        """
        self._lock()
        self._ensure_can_decide()
        self._decide("waived", reason, 0.0)
        return True

    def _ensure_can_decide(self):
        self._ensure_can(
            "can_charge",
            self.env._(
                "A supervisor decides once what a customer pays for loss or damage, a "
                "manager what a technician pays."
            ),
        )

    def _decide(self, state, reason, amount):
        if not (reason or "").strip():
            self._refuse(self.env._("Say why."))
        for company, loans in self.grouped("company_id").items():
            loans._step(
                {
                    "charge_state": state,
                    "charge": amount,
                    "charge_reason": reason.strip(),
                    "charge_user_id": self.env.uid,
                    "charge_date": company._aftersales_today(),
                }
            )

    def _create_charge(self):
        """Draft the invoice of the charge."""
        self.ensure_one()
        return (
            self.env["account.move"]
            .with_company(self.company_id)
            .create(self._prepare_charge())
        )

    def _prepare_charge(self):
        """Return the values of the draft invoice; no tax on damages by itself."""
        self.ensure_one()
        customer = self.partner_id
        language = self.with_context(lang=customer.lang or self.env.lang)
        return {
            "move_type": "out_invoice",
            "partner_id": customer.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "invoice_origin": self.name,
            "invoice_line_ids": [
                Command.create(
                    {
                        "name": language.env._(
                            "%(loan)s, %(product)s: %(reason)s",
                            loan=self.name,
                            product=language.product_id.display_name,
                            reason=self.charge_reason,
                        ),
                        "quantity": 1.0,
                        "price_unit": self.charge,
                        "tax_ids": [Command.clear()],
                    }
                )
            ],
        }

    # ------------------------------------------------------------
    # DEPOSIT
    # ------------------------------------------------------------

    def action_receive_deposit(self):
        """Note that the customer left the deposit, and draft its payment.

        :raise UserError: without a deposit, or when it was received already
        """
        self._lock()
        self._ensure_can(
            "can_receive_deposit",
            self.env._("A deposit that was agreed is received once."),
        )
        for loan in self:
            payment = loan._create_payment("inbound")
            # The payment is for accounting to see; that there is one follows the step.
            loan.sudo()._step(
                {
                    "deposit_date": loan.company_id._aftersales_today(),
                    "deposit_payment_id": payment.id,
                }
            )
        return True

    def action_return_deposit(self):
        """Note that the customer has the deposit back, and draft the repayment.

        :raise UserError: while the goods are lent, or without a deposit in our hands
        """
        self._lock()
        self._ensure_can(
            "can_return_deposit",
            self.env._("A deposit goes back once, when the goods are back."),
        )
        for loan in self:
            payment = loan._create_payment("outbound")
            # The payment is for accounting to see; that there is one follows the step.
            loan.sudo()._step(
                {
                    "deposit_back_date": loan.company_id._aftersales_today(),
                    "deposit_refund_id": payment.id,
                }
            )
        return True

    def _create_payment(self, direction):
        """Draft the payment of the deposit, for companies that keep cash or bank."""
        self.ensure_one()
        # Agents note the money; accounting, who alone has rights on payments,
        # confirms the draft.
        Payment = self.env["account.payment"].sudo().with_company(self.company_id)
        journal_sudo = self.env["account.journal"].sudo()  # see above
        journal_sudo = journal_sudo.search(
            [
                ("company_id", "parent_of", self.company_id.id),
                ("type", "in", ("cash", "bank")),
            ],
            order="type desc, sequence, id",
            limit=1,
        )
        if not journal_sudo:
            return Payment
        return Payment.create(
            {
                "payment_type": direction,
                "partner_type": "customer",
                "partner_id": self.partner_id.commercial_partner_id.id,
                "amount": self.deposit,
                "currency_id": self.currency_id.id,
                "journal_id": journal_sudo.id,
                "company_id": self.company_id.id,
                "memo": self.env._("Deposit %s", self.name),
            }
        )

    def _ensure_no_deposit(self):
        if held := self.filtered(
            lambda loan: loan.deposit_date and not loan.deposit_back_date
        ):
            held._refuse(self.env._("Give the deposit back first."))

    def _ensure_issue(self):
        result = super()._ensure_issue()
        if unpaid := self.filtered(
            lambda loan: loan.kind == "loaner"
            and loan.deposit
            and not loan.deposit_date
        ):
            unpaid._refuse(self.env._("Receive the deposit first."))
        return result
