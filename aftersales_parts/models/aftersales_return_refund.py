from odoo import fields, models

from ..tools.credit_plan import CreditPlan


class AftersalesReturn(models.Model):
    """Money back: credit notes made by Odoo's own reversal (R48).

    They are drafts until accounting posts them, and only then the goods count as
    refunded.
    """

    _inherit = "aftersales.return"

    # ------------------------------------------------------------
    # CREDIT NOTES
    # ------------------------------------------------------------

    def _refund(self):
        """Draft the credit notes of what was accepted and is not credited yet.

        Pressed again it makes what is missing and opens what exists.

        :return: the living credit notes of these returns
        :raise UserError: naming why there is nothing to credit
        """
        moves = super()._refund()
        lines = self.line_ids.filtered(lambda line: line._is_credited())
        plan = lines._plan_credit() if lines else {}
        existing = {move for entry in plan.values() for move in entry["existing"]}
        made = self._create_credit_notes(lines, plan)
        lines._write_uninvoiced(plan)
        lines._follow_ordered()
        if not made and not existing and not any(lines.mapped("quantity_uninvoiced")):
            self._refuse_refund(lines, plan)
        return moves | made | moves.browse(sorted(existing))

    def _create_credit_notes(self, lines, plan):
        """Make one credit note for each return and invoice of a plan."""
        # Made by the return behind its own rules: agents have no right on invoices.
        moves_sudo = self.env["account.move"].sudo()
        by_return = {}
        for line in lines:
            for invoice_line_id, quantity in plan[line.id]["credit"]:
                by_return.setdefault(line.return_id, []).append(
                    (line, invoice_line_id, quantity)
                )
        for rma, entries in by_return.items():
            moves_sudo |= rma._reverse_invoices(entries)
        return moves_sudo.sudo(False)  # shown with the rights of who asked

    def _reverse_invoices(self, entries):
        """Reverse parts of invoices, as Odoo's own wizard does.

        :param entries: (line, id of the invoice line, quantity in the product's unit)
        """
        self.ensure_one()
        # See _create_credit_notes.
        company_env = self.with_company(self.company_id).sudo().env
        plan = CreditPlan(self.id)
        invoice_lines_sudo = company_env["account.move.line"].browse(
            [invoice_line_id for _line, invoice_line_id, _quantity in entries]
        )
        for line, invoice_line_id, quantity in entries:
            invoice_line_sudo = invoice_lines_sudo.browse(invoice_line_id)
            plan.add(invoice_line_id, line._prepare_credit(invoice_line_sudo, quantity))
            if not line.invoice_line_id:
                line._by_method().invoice_line_id = invoice_line_id
        made_sudo = company_env["account.move"]
        for journal, invoices in invoice_lines_sudo.move_id.grouped(
            "journal_id"
        ).items():
            wizard = company_env["account.move.reversal"].with_context(
                aftersales_credit_plan=plan,
                active_model="account.move",
                active_ids=invoices.ids,
            )
            wizard = wizard.create(
                {
                    "journal_id": self._get_credit_journal(journal).id,
                    "reason": self.name,
                    "date": fields.Date.context_today(self),
                }
            )
            wizard.refund_moves()
            made_sudo |= wizard.new_move_ids
        made_sudo = made_sudo.with_env(company_env)
        made_sudo._aftersales_round_last()
        # See _create_credit_notes.
        return made_sudo.with_env(self.env).sudo()

    def _get_credit_journal(self, journal):
        """Return the journal of an invoice, or the first one while it is archived."""
        if journal.active:
            return journal
        return journal.search(
            [
                *journal._check_company_domain(self.company_id),
                ("type", "=", journal.type),
            ],
            limit=1,
        )

    # ------------------------------------------------------------
    # WHY THERE IS NOTHING TO CREDIT
    # ------------------------------------------------------------

    def _refuse_refund(self, lines, plan):
        """Say why there is nothing to credit.

        :raise UserError: naming the goods and the way out
        """
        if not any(lines.mapped("quantity_received")):
            self._refuse(
                self.env._("Nothing came back yet; money is given for what is here.")
            )
        reasons = []
        for line in lines:
            if not line.quantity_received:
                continue
            if reason := line._say_not_credited(plan.get(line.id)):
                reasons.append(f"{line.product_id.display_name}: {reason}")
        self._refuse(
            self.env._(
                "There is nothing to credit. %s",
                "; ".join(reasons) or self.env._("Everything is credited."),
            )
        )

    # ------------------------------------------------------------
    # FOLLOWING
    # ------------------------------------------------------------

    def _after_receipt(self):
        result = super()._after_receipt()
        self._settle_uninvoiced(never=True)
        return result

    def _after_inspection(self):
        result = super()._after_inspection()
        self._settle_uninvoiced(never=True)
        return result

    def _ensure_settled(self):
        self._settle_uninvoiced()
        return super()._ensure_settled()

    def _settle_uninvoiced(self, never=False):
        """Settle what was not invoiced: there is no money to give back.

        :param bool never: only of order lines on no invoice at all
        """
        lines = self.line_ids.filtered(
            lambda line: line._is_credited()
            and line.sale_line_id
            and line._get_money_due()
            # What the order bills, for who takes the goods.
            and not (never and line.sale_line_id.sudo().qty_invoiced)
        )
        if lines:
            lines._write_uninvoiced(lines._plan_credit())
            lines._follow_ordered()

    def _follow_refunds(self):
        """Follow credit notes that were posted, reset, cancelled or deleted."""
        lines = self.line_ids
        lines._follow_ordered()
        reopened = self.filtered(
            lambda rma: rma.state == "done"
            and any(
                line._is_credited() and not line._is_settled() for line in rma.line_ids
            )
        )
        for rma in reopened:
            rma._step(
                {
                    "state": "inspected" if rma.inspect_date else "received",
                    "done_date": False,
                }
            )
            rma.message_post(
                body=self.env._(
                    "Open again: the credit note of its goods is not posted any more."
                )
            )

    def _open_documents(self, records):
        """Tell what was made to who cannot open it."""
        if records._name == "account.move" and (
            not records or not records.has_access("read")
        ):
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "success",
                    "message": self.env._(
                        "The credit note is drafted; accounting posts it."
                    )
                    if records
                    else self.env._(
                        "Nothing of it was invoiced, so there is nothing to credit. It "
                        "is not invoiced any more."
                    ),
                    "next": {"type": "ir.actions.client", "tag": "soft_reload"},
                },
            }
        return super()._open_documents(records)
