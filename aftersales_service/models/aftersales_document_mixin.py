from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesDocumentMixin(models.AbstractModel):
    """Numbered document of one company."""

    _name = "aftersales.document.mixin"
    _inherit = ["aftersales.fact.mixin"]
    _description = "After-sales Document"

    _given_at_creation = frozenset({"name"})

    name = fields.Char(
        string="Number",
        required=True,
        readonly=True,
        copy=False,
        default="/",
        index="trigram",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )

    def _check_company(self, fnames=None):
        """Leave out documents all of whose records are of their company or of none.

        Those are right by every rule of Odoo, which asks for each record of each
        document apart: a quarter of the time of registering a thousand calls.
        """
        asked = None if fnames is None or "company_id" in fnames else set(fnames)
        names = [
            name
            for name, field in self._fields.items()
            if field.relational
            and field.check_company
            and (asked is None or name in asked)
        ]
        doubtful = self.browse()
        # All are checked, also those that the user does not see.
        for document in self.sudo():
            right = (document.company_id, document.company_id.browse())
            if any(
                "company_id" not in record._fields or record.company_id not in right
                for name in names
                for record in document[name]
            ):
                doubtful += document
        return super(AftersalesDocumentMixin, doubtful)._check_company(fnames)

    @api.model
    def _number(self, vals_list):
        """Give each new document the next number of its company's sequence."""
        by_company, given = {}, {}
        for vals in vals_list:
            company_id = vals.get("company_id") or self.env.company.id
            if (vals.get("name") or "/") == "/":
                by_company.setdefault(company_id, []).append(vals)
            else:
                given.setdefault(company_id, []).append(vals["name"])
        for company_id, names in given.items():
            self._take_given_numbers(self.env["res.company"].browse(company_id), names)
        for company_id, unnumbered in by_company.items():
            company = self.env["res.company"].browse(company_id)
            numbers = company._aftersales_next_numbers(self._name, len(unnumbered))
            for vals, number in zip(unnumbered, numbers, strict=True):
                vals["name"] = number

    @api.model
    def _take_given_numbers(self, company, names):
        """Accept the numbers of the books that an import replaces.

        The sequence goes on after them, so that no later document meets them.

        :raise UserError: naming the numbers that exist already, or come twice
        """
        taken = {name for name, count in Counter(names).items() if count > 1}
        # Unique for everybody, so also among the documents the user cannot see.
        known = self.sudo().with_context(active_test=False)
        known = known.search([("company_id", "=", company.id), ("name", "in", names)])
        if taken := sorted(taken | set(known.mapped("name"))):
            raise UserError(
                self.env._(
                    "These numbers exist already or come twice: %s", ", ".join(taken)
                )
            )
        company._aftersales_keep_ahead(self._name, names)
