from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.phone import is_same_number, key_of


class ResPartner(models.Model):
    """Who calls, by the number on the display (R01)."""

    _inherit = "res.partner"

    aftersales_phone_key = fields.Char(
        compute="_compute_aftersales_phone_key",
        store=True,
        precompute=True,
        index="btree_not_null",
        export_string_translation=False,
        help="Last digits of the number, the same in every notation.",
    )

    @api.depends("phone")
    def _compute_aftersales_phone_key(self):
        for partner in self:
            partner.aftersales_phone_key = key_of(partner.phone)

    @api.model
    def _aftersales_find_by_phones(self, numbers, company):
        """Return ``{number: contacts that have it}``, whatever the notation.

        :param numbers: as typed or as the telephone system shows them
        :param company: whose contacts, and the shared ones
        """
        keys = {key_of(number) for number in numbers} - {None}
        found = self.browse()
        if keys:
            found = self.search(
                Domain("aftersales_phone_key", "in", list(keys))
                & Domain("company_id", "in", (False, company.id))
            )
        by_key = found.grouped("aftersales_phone_key")
        return {
            number: by_key.get(key_of(number), found.browse()).filtered(
                lambda partner, number=number: is_same_number(partner.phone, number)
            )
            for number in numbers
        }
