from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# Noted when the money is taken, and by its hand-in.
FACTS = frozenset(
    {
        "aftersales_dispatch_id",
        "aftersales_technician_id",
        "aftersales_receipt",
        "aftersales_collected_on",
        "aftersales_method",
        "aftersales_key",
        "aftersales_handed_in_on",
        "aftersales_handed_in_by_id",
        "aftersales_cancelled_by_id",
        "aftersales_reminded_on",
    }
)
# What the customer has on his receipt.
RECEIPTED = ("amount", "currency_id", "partner_id", "payment_type", "partner_type")
HANDED_IN = ("in_process", "paid")
VOID = ("canceled", "rejected")


class AccountPayment(models.Model):
    """Money that a technician took from the customer on a visit (R26).

    It is a draft payment until accounting has the money and confirms it.
    """

    _name = "account.payment"
    _inherit = ["account.payment", "aftersales.fact.mixin"]
    _facts = FACTS

    aftersales_dispatch_id = fields.Many2one(
        comodel_name="aftersales.dispatch",
        string="Service Visit",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        copy=False,
        help="Visit on which the customer paid.",
    )
    aftersales_technician_id = fields.Many2one(
        comodel_name="hr.employee",
        string="Collected by",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        copy=False,
    )
    aftersales_receipt = fields.Char(
        string="Receipt of the Technician",
        index="btree_not_null",
        readonly=True,
        copy=False,
        help="Number that the customer has in his hands.",
    )
    aftersales_collected_on = fields.Datetime(
        string="Collected on", readonly=True, copy=False
    )
    aftersales_method = fields.Selection(
        selection=[("cash", "Cash"), ("mobile", "Transfer or Mobile Payment")],
        string="Collected as",
        readonly=True,
        copy=False,
    )
    aftersales_key = fields.Char(
        readonly=True,
        copy=False,
        help="Of the form that noted it: sent twice, it is noted once.",
    )
    aftersales_handed_in = fields.Boolean(
        string="Handed in",
        compute="_compute_aftersales_handed_in",
        search="_search_aftersales_handed_in",
        help="Accounting has the money and confirmed the payment.",
    )
    aftersales_handed_in_on = fields.Datetime(
        string="Given to Accounting on", readonly=True, copy=False
    )
    aftersales_handed_in_by_id = fields.Many2one(
        comodel_name="res.users", string="Taken over by", readonly=True, copy=False
    )
    aftersales_cancel_reason = fields.Char(
        string="Cancelled Because",
        copy=False,
        help="Why money that was receipted is not ours after all.",
    )
    aftersales_cancelled_by_id = fields.Many2one(
        comodel_name="res.users", string="Cancelled by", readonly=True, copy=False
    )
    aftersales_reminded_on = fields.Datetime(readonly=True, copy=False)

    _aftersales_key_uniq = models.UniqueIndex(
        "(aftersales_dispatch_id, aftersales_key) WHERE aftersales_key IS NOT NULL",
        "This collection is noted already.",
    )
    _aftersales_open_idx = models.Index(
        "(company_id, aftersales_technician_id) "
        "WHERE aftersales_dispatch_id IS NOT NULL AND state = 'draft'"
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("state")
    def _compute_aftersales_handed_in(self):
        for payment in self:
            payment.aftersales_handed_in = bool(
                payment.aftersales_receipt and payment.state in HANDED_IN
            )

    @api.model
    def _search_aftersales_handed_in(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("aftersales_receipt", "!=", False) & Domain(
            "state", "in", HANDED_IN
        )

    def _aftersales_get_unreconciled(self):
        """Return the part of the amount that no invoice has used up."""
        self.ensure_one()
        if not self.move_id:
            return self.amount
        counterpart = self.move_id.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        return abs(sum(counterpart.mapped("amount_residual_currency")))

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
        receipted = (
            self.filtered("aftersales_receipt")
            if state or vals.keys() & set(RECEIPTED)
            else self.browse()
        )
        receipted._aftersales_ensure_as_receipted(vals)
        if state in VOID:
            receipted._aftersales_ensure_reason(vals)
        moved = receipted.filtered(lambda payment: state and payment.state != state)
        result = super().write(vals)
        if moved:
            moved._aftersales_note_state(state)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_collected(self):
        """Money for which the customer has a receipt does not vanish (R26)."""
        if kept := self.filtered("aftersales_receipt"):
            raise UserError(
                self.env._(
                    "The customer has a receipt of these payments; cancel them with a "
                    "reason instead: %s",
                    ", ".join(kept.mapped("aftersales_receipt")),
                )
            )

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def _aftersales_ensure_as_receipted(self, vals):
        """Refuse another amount or customer than the receipt says.

        :raise UserError: naming the receipts and the way out
        """
        changed = self.filtered(
            lambda payment: any(
                payment._fields[field].convert_to_cache(vals[field], payment)
                != payment._fields[field].convert_to_cache(payment[field], payment)
                for field in RECEIPTED
                if field in vals
            )
        )
        if changed:
            raise UserError(
                self.env._(
                    "The customer has a receipt of these payments as they are; cancel "
                    "them with a reason and let the right amount be noted: %s",
                    ", ".join(changed.mapped("aftersales_receipt")),
                )
            )

    def _aftersales_ensure_reason(self, vals):
        """Refuse to cancel money that was receipted without saying why (R26).

        :raise UserError: naming the receipts
        """
        reason = vals.get("aftersales_cancel_reason")
        if silent := self.filtered(
            lambda payment: not (
                reason or payment.aftersales_cancel_reason or ""
            ).strip()
        ):
            raise UserError(
                self.env._(
                    "Say why the collected money is cancelled, in the field Cancelled "
                    "Because: %s",
                    ", ".join(silent.mapped("aftersales_receipt")),
                )
            )

    def _aftersales_note_state(self, state):
        """Note who took the money over, or cancelled it, and when."""
        handed = state in HANDED_IN
        noted = self.filtered(
            lambda payment: bool(payment.aftersales_handed_in_on) != handed
        )
        if noted:
            noted._by_method().write(
                {
                    "aftersales_handed_in_on": handed and fields.Datetime.now(),
                    "aftersales_handed_in_by_id": handed and self.env.uid,
                }
            )
        cancelled = state in VOID
        self._by_method().write(
            {"aftersales_cancelled_by_id": cancelled and self.env.uid}
        )
        # The supervisor waits no longer for what was handed in or is void.
        if state != "draft":
            self._aftersales_drop_reminders()

    # ------------------------------------------------------------
    # REMINDER
    # ------------------------------------------------------------

    @api.model
    def _aftersales_get_overdue_domain(self, company):
        """Domain of money not handed in for longer than the company allows."""
        limit = fields.Datetime.subtract(
            fields.Datetime.now(), days=company.aftersales_collection_days
        )
        return (
            Domain("company_id", "=", company.id)
            & Domain("aftersales_dispatch_id", "!=", False)
            & Domain("state", "=", "draft")
            & Domain("aftersales_collected_on", "<=", limit)
            & Domain("aftersales_reminded_on", "=", False)
        )

    def _aftersales_remind(self):
        """Tell the supervisors of money that was not handed in, once (R26)."""
        for payment in self:
            dispatch = payment.aftersales_dispatch_id
            company = payment.company_id
            supervisor = dispatch.team_id.supervisor_id.filtered("active")
            supervisor = supervisor or company._aftersales_supervisor()
            if not supervisor:
                continue
            # In the words of who reads it.
            env = payment.with_context(lang=supervisor.lang or self.env.lang).env
            dispatch.activity_schedule(
                "aftersales_service.mail_activity_type_aftersales_collection",
                summary=env._(
                    "%(technician)s has not handed in %(amount)s (%(receipt)s)",
                    technician=payment.aftersales_technician_id.name,
                    amount=payment.currency_id.format(payment.amount),
                    receipt=payment.aftersales_receipt,
                ),
                user_id=supervisor.id,
                date_deadline=company._aftersales_today(),
            )
        self._by_method().write({"aftersales_reminded_on": fields.Datetime.now()})

    def _aftersales_drop_reminders(self):
        """Take the reminders back of visits on which nothing is open any more."""
        reminded = self.filtered("aftersales_reminded_on")
        if not reminded:
            return
        # Accounting has no rights on visits; that the money is there concerns them.
        visits_sudo = reminded.sudo().aftersales_dispatch_id
        open_ones = self.sudo().search(
            Domain("aftersales_dispatch_id", "in", visits_sudo.ids)
            & Domain("state", "=", "draft")
        )
        settled_sudo = visits_sudo - open_ones.aftersales_dispatch_id
        settled_sudo.activity_unlink(
            ["aftersales_service.mail_activity_type_aftersales_collection"]
        )
