from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """Credit notes of returns: guarded when they are posted, followed by the return."""

    _inherit = "account.move"

    aftersales_return_id = fields.Many2one(
        comodel_name="aftersales.return",
        string="Return (RMA)",
        index="btree_not_null",
        check_company=True,
        copy=False,
    )
    aftersales_free_credit = fields.Boolean(
        string="Free Credit Note",
        readonly=True,
        copy=False,
        help="Given by a manager for goods of which neither delivery nor invoice is "
        "known, against a proof of purchase.",
    )

    # ------------------------------------------------------------
    # RATE
    # ------------------------------------------------------------

    @api.depends("reversed_entry_id", "aftersales_return_id")
    def _compute_expected_currency_rate(self):
        """What comes back is credited at the rate it was invoiced at."""
        result = super()._compute_expected_currency_rate()
        for move in self:
            if (
                move.aftersales_return_id
                and move.reversed_entry_id.currency_id == move.currency_id
            ):
                rate = move.reversed_entry_id.invoice_currency_rate
                move.expected_currency_rate = rate
        return result

    # ------------------------------------------------------------
    # POST, RESET, CANCEL, DELETE
    # ------------------------------------------------------------

    def _post(self, soft=True):
        self.filtered("aftersales_return_id")._aftersales_ensure_creditable()
        posted = super()._post(soft)
        posted._aftersales_follow_refunds()
        return posted

    def button_draft(self):
        result = super().button_draft()
        self._aftersales_follow_refunds()
        return result

    def button_cancel(self):
        result = super().button_cancel()
        self._aftersales_follow_refunds()
        return result

    def unlink(self):
        # The return follows its credit notes; accounting has no right on it.
        returns_sudo = self.aftersales_return_id.sudo()
        result = super().unlink()
        if returns_sudo:
            returns_sudo._follow_refunds()
        return result

    def _aftersales_follow_refunds(self):
        # See unlink.
        returns_sudo = self.aftersales_return_id.sudo()
        if returns_sudo:
            returns_sudo._follow_refunds()

    # ------------------------------------------------------------
    # GUARD
    # ------------------------------------------------------------

    def _aftersales_ensure_creditable(self):
        """Refuse to post more than came back, or more than was invoiced.

        Others may have credited the same goods while this was a draft.

        :raise UserError: naming the goods and the way out
        """
        items = self.invoice_line_ids.filtered("aftersales_return_line_id")
        if not items:
            return
        # Accounting has no right on the requests that are counted.
        lines_sudo = items.aftersales_return_line_id.sudo()
        lines_sudo._ensure_creditable(self)
        for move in self:
            origin = move.reversed_entry_id
            if origin and origin.state != "posted":
                raise UserError(
                    self.env._(
                        "%(credit_note)s reverses %(invoice)s, which is not posted any "
                        "more. Delete this credit note; the return makes another one "
                        "when the invoice is posted.",
                        credit_note=move.display_name,
                        invoice=origin.display_name,
                    )
                )

    # ------------------------------------------------------------
    # ROUNDING
    # ------------------------------------------------------------

    def _aftersales_round_last(self):
        """Let the last credit note of an invoice take what rounding left of its tax.

        Three credit notes of a third each may differ from the tax of the invoice by a
        cent, which the customer would owe for ever.
        """
        for move in self:
            invoice = move.reversed_entry_id
            rest, tax_line = move._aftersales_get_rest(invoice)
            if rest and tax_line:
                # Of a credit note, taxes are debits.
                move.line_ids = [
                    fields.Command.update(
                        tax_line.id,
                        {"amount_currency": tax_line.amount_currency + rest},
                    )
                ]

    def _aftersales_get_rest(self, invoice):
        """Return the cents of tax left of an invoice whose goods are all credited."""
        self.ensure_one()
        refunds = invoice.reversal_move_ids.filtered(
            lambda move: move.state != "cancel" and move.move_type == "out_refund"
        )
        currency = self.currency_id
        untaxed = invoice.amount_untaxed - sum(refunds.mapped("amount_untaxed"))
        rest = currency.round(invoice.amount_tax - sum(refunds.mapped("amount_tax")))
        if not currency.is_zero(untaxed) or currency.is_zero(rest):
            return 0.0, None
        # More than a cent for each document is no matter of rounding.
        if abs(rest) > currency.rounding * (len(refunds) + 1):
            return 0.0, None
        tax_lines = self.line_ids.filtered(lambda line: line.display_type == "tax")
        largest = max(tax_lines, key=lambda line: abs(line.balance), default=None)
        return rest, largest
