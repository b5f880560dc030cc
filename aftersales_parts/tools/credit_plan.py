"""What of which invoice line is credited: handed to Odoo's own reversal."""


class CreditPlan:
    """Parts of invoice lines that a credit note takes; all other lines are left out.

    An object: a context sent from outside cannot contain it.
    """

    def __init__(self, return_id):
        self.return_id = return_id
        self._parts = {}

    def add(self, invoice_line_id, vals):
        """Credit a part of an invoice line.

        :param dict vals: what differs from the invoice line
        """
        self._parts.setdefault(invoice_line_id, []).append(vals)

    def __contains__(self, invoice_line_id):
        return invoice_line_id in self._parts

    def apply(self, invoice_line_id, vals):
        """Return the values of the credit note's lines made from one invoice line."""
        return [{**vals, **part} for part in self._parts[invoice_line_id]]
