from odoo import fields, models
from odoo.fields import Domain

from ..tools.words import split_list


class AftersalesPlaceMixin(models.AbstractModel):
    """Record that concerns customers of chosen places (R35, R36)."""

    _name = "aftersales.place.mixin"
    _description = "Record About Places"

    state_ids = fields.Many2many(
        comodel_name="res.country.state",
        string="Provinces",
        help="Only customers there; all when empty.",
    )
    cities = fields.Char(
        help="Only customers in these cities, separated by commas; all when empty."
    )

    def _get_place_domain(self):
        """Domain of the contacts at these places."""
        self.ensure_one()
        domain = Domain.TRUE
        if self.state_ids:
            domain &= Domain("state_id", "in", self.state_ids.ids)
        if cities := split_list(self.cities):
            domain &= Domain.OR(Domain("city", "ilike", city) for city in cities)
        return domain
