from odoo import api, fields, models
from odoo.fields import Command

from ..tools.supplier_claim import is_covered


class AftersalesSupplierClaim(models.Model):
    """The vendor's credit notes: drafted by the claim, posted by accounting (R57)."""

    _inherit = "aftersales.supplier.claim"

    refund_ids = fields.One2many(
        comodel_name="account.move",
        inverse_name="aftersales_claim_id",
        string="Vendor Credit Notes",
        copy=False,
    )
    refund_id = fields.Many2one(
        comodel_name="account.move",
        string="Vendor Credit Note",
        compute="_compute_refund_id",
        inverse="_inverse_refund_id",
        compute_sudo=True,
        store=True,
        index="btree_not_null",
        copy=False,
        check_company=True,
        help="The last one; accounting links others on their form.",
    )
    refund_count = fields.Integer(
        string="Number of Credit Notes", compute="_compute_refund_count"
    )
    amount_credited = fields.Monetary(
        string="Credited",
        compute="_compute_amount_credited",
        compute_sudo=True,
        store=True,
        help="Without tax, on posted credit notes less what was reversed; foreign money "
        "at the rate of the day of the agreement.",
    )
    amount_bought = fields.Monetary(
        string="Purchase Cost",
        compute="_compute_amount_bought",
        store=True,
        help="What the failed parts were bought for, where their lot is known.",
    )
    credit_warning = fields.Char(compute="_compute_credit_warning")
    can_credit = fields.Boolean(compute="_compute_can_credit")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("refund_ids.state")
    def _compute_refund_id(self):
        for claim in self:
            live = claim.refund_ids.filtered(lambda move: move.state != "cancel")
            claim.refund_id = live.sorted("id")[-1:]

    def _inverse_refund_id(self):
        """Link a credit note that the vendor has sent, in any state of accounting."""
        for claim in self:
            # Behind the rules of the link; who agrees need not be in accounting.
            refund_sudo = claim.refund_id.sudo()
            if refund_sudo and refund_sudo.aftersales_claim_id != claim:
                claim.check_access("write")
                refund_sudo.aftersales_claim_id = claim
                claim._follow_credits()

    def _compute_refund_count(self):
        # How many there are, for who may not read them.
        groups = self.env["account.move"].sudo()
        counts = dict(
            groups._read_group(
                [("aftersales_claim_id", "in", self.ids)],
                ["aftersales_claim_id"],
                ["__count"],
            )
        )
        for claim in self:
            claim.refund_count = counts.get(claim, 0)

    @api.depends(
        "date_agreed",
        "refund_ids.state",
        "refund_ids.amount_untaxed",
        "refund_ids.currency_id",
        "refund_ids.reversal_move_ids.state",
        "refund_ids.reversal_move_ids.amount_untaxed",
    )
    def _compute_amount_credited(self):
        for claim in self:
            claim.amount_credited = sum(
                claim._to_company_currency(refund, refund._aftersales_get_credit())
                for refund in claim.refund_ids
            )

    @api.depends("line_ids.cost_bought")
    def _compute_amount_bought(self):
        for claim in self:
            claim.amount_bought = sum(claim.line_ids.mapped("cost_bought"))

    @api.depends(
        "amount_agreed", "amount_credited", "amount_bought", "state", "line_ids.agreed"
    )
    @api.depends_context("lang")
    def _compute_credit_warning(self):
        for claim in self:
            settled = claim.state in ("agreed", "done")
            claim.credit_warning = settled and claim._get_credit_warning()

    def _get_credit_warning(self):
        """Return in words how credit, agreement and purchase differ; or False."""
        self.ensure_one()
        money = self.currency_id
        texts = []
        credited, agreed = self.amount_credited, self.amount_agreed
        if credited and money.compare_amounts(credited, agreed):
            texts.append(
                self.env._(
                    "Credited %(credited)s, agreed %(agreed)s: a difference of "
                    "%(difference)s.",
                    credited=money.format(credited),
                    agreed=money.format(agreed),
                    difference=money.format(credited - agreed),
                )
            )
        known = self.line_ids.filtered("cost_bought")
        parts = sum(known.mapped("agreed"))
        if known and money.compare_amounts(parts, self.amount_bought) < 0:
            texts.append(
                self.env._(
                    "For the failed parts %(agreed)s is agreed; they were bought for "
                    "%(bought)s.",
                    agreed=money.format(parts),
                    bought=money.format(self.amount_bought),
                )
            )
        return " ".join(texts) or False

    @api.depends("state", "amount_agreed", "refund_ids.state")
    @api.depends_context("uid", "su")
    def _compute_can_credit(self):
        works = self.env.su or self.browse().has_access("write")
        for claim in self:
            claim.can_credit = (
                works
                and claim.state == "agreed"
                # Whether accounting has one already, for who may not read it.
                and "draft" not in claim.sudo().refund_ids.mapped("state")
            )

    def _to_company_currency(self, refund, amount):
        """Convert money of a credit note at the rate of the day of the agreement."""
        self.ensure_one()
        return refund.currency_id._convert(
            amount,
            self.currency_id,
            self.company_id,
            self.date_agreed or self.company_id._aftersales_today(),
        )

    # ------------------------------------------------------------
    # CREDIT
    # ------------------------------------------------------------

    def action_credit(self):
        """Draft the vendor's credit note of what is agreed and not credited yet.

        It copies accounts and taxes of the bill that the failed parts came with, where
        that is known. Accounting posts it.

        :raise UserError: before an agreement, while another draft waits, or when all
            is credited
        """
        self._ensure_can(
            "can_credit",
            self.env._(
                "A credit note is drafted once amounts are agreed; while one waits as a "
                "draft, accounting posts or deletes that one first."
            ),
        )
        self._lock()
        for claim in self:
            claim._create_credit()
        return True

    def _create_credit(self):
        self.ensure_one()
        # Made behind the rules of the claim; its people have no right on accounting.
        claim_sudo = self.sudo()
        vals = claim_sudo._prepare_credit()
        # See above.
        refund_sudo = self.env["account.move"].sudo().with_company(self.company_id)
        refund_sudo = refund_sudo.create(vals)
        self._message_log(
            body=self.env._(
                "Credit note drafted over %s; accounting posts it.",
                refund_sudo.currency_id.format(refund_sudo.amount_untaxed),
            )
        )
        return refund_sudo

    def _prepare_credit(self):
        """Return the values of the credit note (hook)."""
        self.ensure_one()
        bills = self._get_bill_lines()
        moves = self.env["account.move"].union(*(b.move_id for b in bills.values()))
        vendor = self.partner_id.commercial_partner_id.with_company(self.company_id)
        currency = (
            moves.currency_id
            if len(moves.currency_id) == 1
            else vendor.property_purchase_currency_id or self.currency_id
        )
        return {
            "move_type": "in_refund",
            "partner_id": (moves.partner_id if len(moves) == 1 else vendor).id,
            "company_id": self.company_id.id,
            "currency_id": currency.id,
            "ref": self.name,
            "invoice_origin": self.name,
            "aftersales_claim_id": self.id,
            "reversed_entry_id": moves.id
            if len(moves) == 1 and moves.currency_id == currency
            else False,
            "invoice_line_ids": [
                Command.create(vals)
                for vals in self._prepare_credit_lines(bills, currency)
            ],
        }

    def _get_bill_lines(self):
        """Return ``{line: posted bill line of the purchase it came with}``."""
        self.ensure_one()
        found = {}
        for line in self.line_ids.filtered("receipt_id"):
            billed = line.receipt_id.purchase_line_id.invoice_lines.filtered(
                lambda item: item.parent_state == "posted"
                and item.move_id.move_type == "in_invoice"
            )
            if billed:
                found[line] = billed.sorted("id")[:1]
        return found

    def _prepare_credit_lines(self, bills, currency):
        """Return the values of the lines: one each, or what partial credits left."""
        self.ensure_one()
        if credited := self.amount_credited:
            rest = self.amount_agreed - credited
            if self.currency_id.compare_amounts(rest, 0.0) <= 0:
                self._refuse(self.env._("All that was agreed is credited already."))
            amounts = [(self.env._("Rest of claim %s", self.name), rest, None)]
        else:
            amounts = [
                (line.name or line.display_name, line.agreed, line)
                for line in self.line_ids
                if line.agreed
            ]
        result = []
        for name, amount, line in amounts:
            price = self.currency_id._convert(
                amount, currency, self.company_id, self.date_agreed
            )
            vals = {"name": name, "quantity": 1.0, "price_unit": price}
            billed = bills.get(line)
            # A tax inside the price would make less of what was agreed.
            taxes = billed and billed.tax_ids.filtered(
                lambda tax: not tax.price_include
            )
            vals["tax_ids"] = [Command.set(taxes.ids if taxes else [])]
            if billed:
                vals["account_id"] = billed.account_id.id
                vals["product_id"] = billed.product_id.id
            result.append(vals)
        return result

    def _ensure_no_credits(self):
        """Refuse to drop claims that accounting has credit notes of.

        :raise UserError: naming the claims and the way out
        """
        # Whether there are any, for who may not read them.
        held_sudo = self.sudo().filtered(
            lambda claim: any(move.state != "cancel" for move in claim.refund_ids)
        )
        if held_sudo:
            # Said with the rights of who asked.
            held_sudo.sudo(False)._refuse(
                self.env._("Accounting deletes or cancels its credit note first.")
            )

    def _lock(self):
        """Let one user at a time make documents of these claims."""
        # Not lock_for_update, which refuses instead of waiting; who waited begins again.
        self.env.cr.execute(
            "SELECT id FROM aftersales_supplier_claim WHERE id = ANY(%s) "
            "ORDER BY id FOR NO KEY UPDATE",
            [self.ids],
        )

    # ------------------------------------------------------------
    # FOLLOW ACCOUNTING
    # ------------------------------------------------------------

    def _follow_credits(self):
        """End claims whose credit notes are posted, open them again when they go."""
        # Accounting has no right on claims; what is written follows its documents.
        for claim_sudo in self.sudo():
            if claim_sudo.state not in ("agreed", "done"):
                continue
            if claim_sudo.kind == "request":
                continue
            covered = is_covered(
                claim_sudo.amount_credited,
                claim_sudo.amount_agreed,
                claim_sudo._get_tolerance(),
            )
            solved = claim_sudo.kind == "claim" or bool(claim_sudo.date_solved)
            state = "done" if covered and solved else "agreed"
            if claim_sudo.state != state:
                claim_sudo._by_method().write({"state": state})
                if state == "agreed":
                    claim_sudo._message_log(
                        body=self.env._(
                            "Open again: its credit note is not posted any more, or "
                            "was reversed."
                        )
                    )

    def _get_tolerance(self):
        """Return what conversions of the lines of its credit notes may leave."""
        self.ensure_one()
        money = self.currency_id
        lines = len(self.line_ids) or 1
        foreign = [
            self._to_company_currency(refund, refund.currency_id.rounding)
            for refund in self.refund_ids
            if refund.currency_id != money
        ]
        cents = (max(foreign) + money.rounding) * lines if foreign else 0.0
        return money.rounding / 2 + cents

    # ------------------------------------------------------------
    # OPEN
    # ------------------------------------------------------------

    def action_view_refunds(self):
        """Open the vendor credit notes (accounting)."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_in_refund_type"
        )
        action |= {
            "domain": [("aftersales_claim_id", "=", self.id)],
            "context": {"create": False},
        }
        if len(self.refund_ids) == 1:
            action |= {"views": [(False, "form")], "res_id": self.refund_ids.id}
        return action
