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
    # What a step asks of the user at least; rows of people who may only read are
    # moved on by their ``can_x``.
    _step_access = "write"

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

    def _get_change(self, name, value):
        """Say what writing a value changes.

        :param str name: a field of the record
        :param value: as it is given to ``write``
        :return: name of the field, old and new value in words; None without a change
        """
        self.ensure_one()
        field = self._fields[name]
        label = field._description_string(self.env)
        if field.type == "binary":
            return label, "…", "…"
        old, new = self[name], self.new({name: value}, origin=self)[name]
        if field.relational:
            old, new = old._origin, new._origin
        if old == new:
            return None
        return label, self._say_value(field, old), self._say_value(field, new)

    @api.model
    def _say_value(self, field, value):
        """Return a value of a field in words."""
        if field.relational:
            return ", ".join(value.mapped("display_name")) or "–"
        if field.type == "selection":
            value = dict(field._description_selection(self.env)).get(value)
        return "–" if value is False or value is None or value == "" else str(value)

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def _ensure_can(self, rule, way_out):
        """Refuse a step for the records whose ``can_x`` is false.

        :param str rule: name of the ``can_x`` field
        :param str way_out: what to do instead
        :raise UserError: naming the records, their state and the way out
        """
        self.check_access(self._step_access)
        if refused := self.filtered(lambda record: not record[rule]):
            refused._refuse(way_out)

    def _refuse(self, way_out):
        """Refuse something for these records.

        :param str way_out: what to do instead
        :raise UserError: naming the records, their state and the way out
        """
        names = [record._say_state() for record in self]
        raise UserError("\n".join([*names, way_out]))

    def _say_state(self):
        """Name a record, with its state when it has one."""
        self.ensure_one()
        if "state" not in self._fields:
            return self.display_name
        state = self._say_value(self._fields["state"], self.state)
        return f"{self.display_name} ({state})"
