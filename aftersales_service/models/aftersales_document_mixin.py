from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

# An object, not a word: a context sent from outside cannot contain it.
_BY_METHOD = object()


class AftersalesDocumentMixin(models.AbstractModel):
    """Numbered document whose facts only its own methods may write.

    Sub-models name these fields in ``_facts``. Any other write to them – form,
    import, call from outside – is refused with the names of the fields.
    """

    _name = "aftersales.document.mixin"
    _description = "After-sales Document"

    _facts = frozenset()
    # Facts that a new document may bring along: an import has the numbers and days
    # of the books it replaces.
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

    def _by_method(self):
        """Return self allowed to write the facts of the document."""
        return self.with_context(aftersales_by_method=_BY_METHOD)

    @api.model
    def _is_by_method(self):
        return self.env.context.get("aftersales_by_method") is _BY_METHOD

    @api.model
    def _ensure_no_facts(self, vals):
        """Refuse values for facts, except those a new form sends along unchanged.

        :raise UserError: naming the fields
        """
        if self._is_by_method():
            return
        touched = [
            field
            for field in sorted(self._facts & vals.keys())
            if not self._is_blank_fact(field, vals[field])
        ]
        if touched:
            described = self.fields_get(touched, ["string"])
            raise UserError(
                self.env._(
                    "These fields of %(document)s cannot be typed, they follow what "
                    "happens to it; use its buttons: %(fields)s",
                    document=self._get_facts_label(),
                    fields=", ".join(described[field]["string"] for field in touched),
                )
            )

    def _get_facts_label(self):
        """Name the refused records, or the kind of document when it is new."""
        if self:
            return ", ".join(self.mapped("display_name"))
        # The name of a model is for everybody to read, its record is not.
        return self.env["ir.model"]._get(self._name).sudo().name

    @api.model
    def _is_blank_fact(self, field, value):
        """Tell whether a value only repeats what a new document has anyway."""
        if self:
            return False
        if field in self._given_at_creation:
            return True
        default = self._fields[field].default
        return (
            not value
            or value == [Command.set([])]
            or (default is not None and value == default(self))
        )

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
