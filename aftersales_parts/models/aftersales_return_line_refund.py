from odoo import api, fields, models

from ..tools.credit import LIVING, allocate, read_books


class AftersalesReturnLine(models.Model):
    """What of a line is credited, and what need not be (R48)."""

    _inherit = "aftersales.return.line"

    quantity_uninvoiced = fields.Float(
        string="Not to Be Credited",
        digits="Product Unit",
        readonly=True,
        copy=False,
        help="Came back and was never invoiced, or credited elsewhere: the order does "
        "not bill it any more, so there is no money to give back.",
    )
    quantity_lowered = fields.Float(
        string="Taken off the Order",
        digits="Product Unit",
        readonly=True,
        copy=False,
        help="By this much the ordered quantity was lowered, so that it is not invoiced "
        "again.",
    )
    credit_note = fields.Char(
        string="Credit in Words", compute="_compute_credit_note", compute_sudo=True
    )

    @api.depends("refund_line_ids.parent_state", "quantity_uninvoiced")
    @api.depends_context("lang")
    def _compute_credit_note(self):
        for line in self:
            parts = [
                self.env._("%s posted", line._say_quantity(posted))
                if (posted := line._get_credited(("posted",)))
                else "",
                self.env._("%s on a draft", line._say_quantity(draft))
                if (draft := line._get_credited(("draft",)))
                else "",
                self.env._("%s not invoiced", line._say_quantity(never))
                if (never := line.quantity_uninvoiced)
                else "",
            ]
            line.credit_note = ", ".join(filter(None, parts))

    # ------------------------------------------------------------
    # WHAT IS SETTLED
    # ------------------------------------------------------------

    def _is_credited(self):
        """Tell whether the customer gets money for the line."""
        self.ensure_one()
        return self.remedy == "refund" or self._is_exchanged_for_other()

    def _get_settled_quantity(self):
        """What was never invoiced is settled without a credit note."""
        settled = super()._get_settled_quantity()
        if self.remedy == "refund":
            settled += self.quantity_uninvoiced
        return settled

    def _get_money_due(self, credited=None):
        """Return what is accepted, inspected and not credited yet, drafts included.

        :param float credited: what is credited of it, as the line knows it when None
        """
        self.ensure_one()
        if credited is None:
            # How much is credited, for who has no right on credit notes.
            credited = self.sudo()._get_credited(LIVING)
        due = (
            self._get_accepted_quantity()
            - self.quantity_to_inspect
            - self.quantity_uninvoiced
            - credited
        )
        uom = self.product_id.uom_id
        return uom.round(due) if uom.compare(due, 0.0) > 0 else 0.0

    # ------------------------------------------------------------
    # WHAT IS CREDITED, AND WHERE
    # ------------------------------------------------------------

    def _plan_credit(self):
        """Decide what of these lines is credited on which invoice line.

        What is credited is what the customer was billed for above what he keeps; the
        rest was never invoiced, or was credited elsewhere. Under the lock, with what
        others have committed meanwhile.

        :return: dict of dicts by line: ``credit`` – [(id of the invoice line,
            quantity)]; ``uninvoiced`` – quantity; ``waiting`` – quantity on draft
            invoices; ``existing`` – ids of living credit notes
        """
        # Orders, invoices and credit notes of others count.
        lines_sudo = self.sudo()
        lines_sudo._lock_books()
        by_books, by_line = lines_sudo._read_items()
        books = {key: read_books(items) for key, items in by_books.items()}
        kept = lines_sudo._get_kept_quantities()
        plan = {}
        for line in lines_sudo:
            own = [item for item in by_line.get(line.id, ()) if item.state in LIVING]
            credits = [item for item in own if item.kind == "out_refund"]
            plan[line.id] = {
                "credit": [],
                "uninvoiced": 0.0,
                "waiting": 0.0,
                "existing": sorted({item.move for item in credits}),
            }
            due = line._get_money_due(sum(item.quantity for item in credits))
            if due:
                line._plan_line(plan[line.id], due, books, kept)
        return plan

    def _plan_line(self, plan, due, books, kept):
        """See :meth:`_plan_credit`; what is planned is taken off the books."""
        self.ensure_one()
        key, uom = self._get_books_key(), self.product_id.uom_id
        if not key:
            # Sold by nobody we know: a free credit note, or nothing at all.
            return
        own = books.get(key) or read_books([])
        billed = due
        if key in kept:
            # Of the order line; what an order bills no more is no debt of ours.
            left, lowers = kept[key]
            above = own.invoiced - (left - due if lowers else left)
            billed = min(max(uom.round(above), 0.0), due)
            if lowers:
                kept[key] = (left - due, lowers)
        posted = min(sum(quantity for _key, quantity in own.left), billed)
        plan["credit"] = allocate(own, posted, first=self.invoice_line_id.id)
        given = sum(quantity for _key, quantity in plan["credit"])
        plan["waiting"] = min(max(uom.round(billed - given), 0.0), own.draft)
        books[key] = own._replace(draft=own.draft - plan["waiting"])
        plan["uninvoiced"] = max(uom.round(due - given - plan["waiting"]), 0.0)

    def _get_kept_quantities(self):
        """Return ``{key of the books: (quantity, lowers)}`` of what an order bills.

        Invoiced by delivery: what the customer has. Invoiced by order: what is ordered
        less what came back before; ``lowers`` says that what comes back lowers it.
        """
        kept = {}
        for sale_line in self.sale_line_id.filtered(lambda item: item.state == "sale"):
            key = ("sale", sale_line.id)
            if sale_line.product_id.invoice_policy == "order":
                kept[key] = (sale_line._aftersales_get_ordered(), True)
            else:
                kept[key] = (sale_line._aftersales_get_delivered(), False)
        return kept

    # ------------------------------------------------------------
    # WHAT THE ORDER BILLS
    # ------------------------------------------------------------

    def _write_uninvoiced(self, plan):
        """Note what of these lines needs no credit note."""
        by_quantity = {}
        for line in self:
            if quantity := plan[line.id]["uninvoiced"]:
                total = line.quantity_uninvoiced + quantity
                by_quantity[total] = by_quantity.get(total, self.browse()) | line
        for quantity, lines in by_quantity.items():
            lines._by_method().write({"quantity_uninvoiced": quantity})

    def _follow_ordered(self):
        """Let the ordered quantity follow what is credited, where it is what is billed.

        Otherwise what was credited would be offered for invoicing again.
        """
        # The order is the salesman's; what is written follows the credit notes alone.
        by_order_line = self.sudo().filtered("sale_line_id").grouped("sale_line_id")
        for sale_line, lines in by_order_line.items():
            if sale_line.product_id.invoice_policy == "order":
                sale_line._aftersales_lower(lines)

    def _get_to_lower(self):
        """Return by how much the line should lower what is ordered."""
        self.ensure_one()
        return self._get_credited(LIVING) + self.quantity_uninvoiced
