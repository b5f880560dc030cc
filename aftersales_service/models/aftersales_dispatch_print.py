from odoo import models


class AftersalesDispatch(models.Model):
    """What the sheets of a visit say: dispatch order and service receipt (R22, R25)."""

    _inherit = "aftersales.dispatch"

    def _get_order_filename(self):
        self.ensure_one()
        return self.env._("Dispatch Order %s", self.name.replace("/", "-"))

    def _get_receipt_filename(self):
        self.ensure_one()
        return self.env._("Service Receipt %s", self.name.replace("/", "-"))

    def _ensure_visited(self):
        """Refuse receipts of visits on which nobody has been yet.

        :raise UserError: naming the visits
        """
        if early := self.filtered(lambda visit: not visit.arrive_date):
            early._refuse(
                self.env._(
                    "There is a receipt once somebody has been at the customer's."
                )
            )

    def _get_receipt_lines(self):
        """Return the parts, hours and fees of the visit that were used."""
        self.ensure_one()
        return self.line_ids.filtered(lambda line: line.state == "used")

    def _get_receipt_checks(self):
        """Return the answered points of the checklists as dicts, with their result."""
        self.ensure_one()
        answers = dict(
            self.env["aftersales.dispatch.check"]
            ._fields["answer"]
            ._description_selection(self.env)
        )
        return [
            {
                "section": check.section or "",
                "name": check.name,
                "result": self._get_check_result(check, answers),
                "flagged": check.is_flagged,
            }
            for check in self.checklist_ids
            if check.is_answered
        ]

    def _get_check_result(self, check, answers):
        """Say the answer of one point in words."""
        if check.kind == "number" and check.answer != "na":
            number = self._get_quantity_text(check.number)
            return f"{number} {check.unit or ''}".strip()
        if check.kind == "text" and check.text:
            return check.text
        if check.kind == "photo" and check.answer != "na":
            return self.env._("Photo taken")
        words = (answers.get(check.answer), check.reason)
        return ": ".join(word for word in words if word)

    def _get_printed_address(self):
        """Return the address of the site on one line."""
        self.ensure_one()
        site = self.site_id
        address = site._display_address(without_company=True)
        lines = (line.strip(" ,") for line in address.splitlines())
        name = site.name if site != self.partner_id else ""
        return ", ".join(filter(None, (name, *lines)))

    def _get_printed_unit(self):
        """Return product and serial number of the unit."""
        self.ensure_one()
        product = self.product_id.with_context(display_default_code=False)
        return " · ".join(filter(None, (product.display_name, self.ticket_id.serial)))
