from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command

# An object, not a word: a context sent from outside cannot contain it.
_BY_METHOD = object()


class AftersalesFactMixin(models.AbstractModel):
    """Record whose facts only its own methods may write.

    Sub-models name these fields in ``_facts``. Any other write to them – form,
    import, call from outside – is refused with the names of the fields.
    """

    _name = "aftersales.fact.mixin"
    _description = "After-sales Record with Facts"

    _facts = frozenset()
    # Facts that a new record may bring along: an import has the numbers and days
    # of the books it replaces.
    _given_at_creation = frozenset()

    def _by_method(self):
        """Return self allowed to write the facts of the record."""
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
