from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.phone import is_same_number, key_of


class PhoneBlacklist(models.Model):
    """Who wants no calls, whatever way his number is written (R36)."""

    _inherit = "phone.blacklist"

    aftersales_phone_key = fields.Char(
        compute="_compute_aftersales_phone_key",
        store=True,
        precompute=True,
        index="btree_not_null",
        export_string_translation=False,
        help="Last digits of the number, the same in every notation.",
    )

    @api.depends("number")
    def _compute_aftersales_phone_key(self):
        for entry in self:
            entry.aftersales_phone_key = key_of(entry.number)

    @api.model
    def _aftersales_get_refused(self, numbers):
        """Return those of the numbers whose owners want no calls.

        :param numbers: in any notation, empty ones are passed over
        """
        numbers = {number for number in numbers if number}
        keys = {key_of(number) for number in numbers} - {None}
        if not keys:
            return set()
        entries = self.search(Domain("aftersales_phone_key", "in", list(keys)))
        by_key = entries.grouped("aftersales_phone_key")
        return {
            number
            for number in numbers
            if any(
                is_same_number(entry.number, number)
                for entry in by_key.get(key_of(number), ())
            )
        }
