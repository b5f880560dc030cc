"""Records of any model, made through the ORM for the people of one side of the world."""

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.models import MAGIC_COLUMNS
from odoo.tools import mute_logger

PNG = (
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    b"+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
# Columns that say whose a record is, or what it belongs to.
LINKS = {
    "res.partner",
    "res.users",
    "hr.employee",
    "res.company",
    "aftersales.team",
    "aftersales.ticket",
    "aftersales.dispatch",
    "aftersales.equipment",
    "aftersales.complaint",
}
# Models whose records belong to one side.
OURS = ("aftersales.", "repair.order")


class Factory:
    """Fills the fields of new records by their type, and links them to their people.

    :param known: ``{model: record}`` of one side of the world, what links point to
    :param masters: models whose records are there, for both sides
    """

    def __init__(self, env, known, masters, label):
        self.env = env(su=True)
        self.known = known
        self.masters = masters
        self.label = label
        self.made = {}
        self.failed = {}

    def get(self, name):
        """Return a record of a model: a known one, the last of all, or a new one."""
        record = self.known.get(name)
        if record is None and name.startswith(OURS) and name not in self.masters:
            record = self.make(name)
        return record or self.env[name].search([], order="id", limit=1)

    def make(self, name):
        """Return a new record of a model; none, with the reason noted, if it refuses."""
        if name in self.made:
            return self.made[name]
        model = self.env[name]
        self.made[name] = model
        if not model._auto or name in self.masters:
            return model
        reasons = []
        for linked in (True, False):
            for maker in self._get_makers(model):
                values = self._get_values(model, linked)
                try:
                    with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                        record = maker.create(values).with_env(self.env)
                        self.env.flush_all()
                except (
                    UserError,
                    ValidationError,
                    ValueError,
                    IntegrityError,
                ) as reason:
                    reasons.append(f"{type(reason).__name__}: {reason}")
                    self.env.clear()
                else:
                    self.made[name] = record
                    return record
        self.failed[name] = reasons
        return model

    def _get_makers(self, model):
        yield model
        if hasattr(model, "_by_method"):
            yield model._by_method()

    def _get_values(self, model, linked):
        values = {}
        for name, field in model._fields.items():
            if name in MAGIC_COLUMNS or not field.store or field.related:
                continue
            if field.compute and (field.readonly or not field.required):
                continue
            # A link that is found in the context of a screen is not found here.
            required = field.required and (
                not field.default
                or (field.comodel_name or "").startswith("aftersales.")
            )
            if not required and not (
                linked and field.type == "many2one" and field.comodel_name in LINKS
            ):
                continue
            value = self._get_value(model, field)
            if value not in (None, False):
                values[name] = value
        return values

    def _get_value(self, model, field):
        return getattr(self, f"_get_{field.type}", self._get_nothing)(model, field)

    def _get_nothing(self, model, field):
        return None

    def _get_char(self, model, field):
        return f"{self.label} {field.name}"

    def _get_text(self, model, field):
        return self._get_char(model, field)

    def _get_html(self, model, field):
        return f"<p>{self._get_char(model, field)}</p>"

    def _get_integer(self, model, field):
        return 1

    def _get_float(self, model, field):
        return 1.0

    def _get_monetary(self, model, field):
        return 1.0

    def _get_date(self, model, field):
        return fields.Date.today()

    def _get_datetime(self, model, field):
        return fields.Datetime.now()

    def _get_binary(self, model, field):
        return PNG

    def _get_selection(self, model, field):
        return field.get_values(self.env)[0]

    def _get_many2one(self, model, field):
        if field.comodel_name == model._name:
            return None
        return self.get(field.comodel_name).id

    def _get_many2one_reference(self, model, field):
        return self.known["res.partner"].id
