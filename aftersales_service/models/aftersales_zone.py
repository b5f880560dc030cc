import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..tools.words import split_list

CLOCK_TYPES = [
    ("working", "Working Hours"),
    ("calendar", "Round the Clock"),
    ("day", "End of a Working Day"),
]


class AftersalesZone(models.Model):
    """Service area with its promise of arrival (R04)."""

    _name = "aftersales.zone"
    _description = "Service Zone"
    _inherit = ["hr.mixin"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        index=True,
        default=lambda self: self.env.company,
        help="Empty: for every company.",
    )
    arrive_hours = fields.Float(
        string="Arrival Within (Hours)",
        help="0 for an arrival as the contract says: nothing is promised by the zone.",
    )
    arrive_clock = fields.Selection(
        selection=CLOCK_TYPES,
        string="Hours Counted",
        required=True,
        default="working",
        help="Working Hours: only the hours of the calendar count.\n"
        "Round the Clock: nights and holidays count, too.\n"
        "End of a Working Day: 24 hours are one working day, the day of the call is "
        "the first.",
    )
    calendar_id = fields.Many2one(
        comodel_name="resource.calendar",
        string="Working Hours",
        check_company=True,
        help="Those of the team, else of the company, when empty.",
    )
    zip_prefixes = fields.Char(
        string="Zip Codes",
        help="Beginnings of zip codes, separated by commas. The longest that fits wins.",
    )
    city = fields.Char(help="Cities, separated by commas.")
    state_id = fields.Many2one(comodel_name="res.country.state")
    country_id = fields.Many2one(comodel_name="res.country")
    team_id = fields.Many2one(
        comodel_name="aftersales.team",
        check_company=True,
        help="Serves the zone; new tickets from there go to it.",
    )
    technician_ids = fields.Many2many(
        comodel_name="hr.employee",
        relation="aftersales_zone_hr_employee_rel",
        string="Technicians",
    )

    _arrive_hours_positive = models.Constraint(
        "CHECK (COALESCE(arrive_hours, 0) >= 0)",
        "Nobody arrives before the call: the hours of arrival cannot be negative.",
    )

    @api.constrains("zip_prefixes")
    def _check_zip_prefixes(self):
        for zone in self:
            if zone.zip_prefixes and not zone._get_zips():
                raise ValidationError(
                    self.env._(
                        "%(zone)s: write beginnings of zip codes, separated by commas, "
                        "not “%(text)s”.",
                        zone=zone.name,
                        text=zone.zip_prefixes,
                    )
                )

    # ------------------------------------------------------------
    # FINDING
    # ------------------------------------------------------------

    @api.model
    def _find_zones(self, addresses, companies):
        """Return the zone of each address: the most specific one that fits (R04).

        A zip code beats a city, a city a state, a state a country; of two zip codes
        the longer one; of two zones that fit alike the first of the list, and the
        company's own before one for every company.

        :param addresses: contacts, may repeat or be empty
        :param companies: the company of each
        :return: list of zones, empty ones where none fits
        """
        zones = self.search_fetch(
            Domain("company_id", "in", [False, *{company.id for company in companies}])
        )
        rules = [(zone, zone._get_fit()) for zone in zones]
        found, known = [], {}
        for address, company in zip(addresses, companies, strict=True):
            # Neighbours are looked up once.
            key = (
                address.zip,
                address.city,
                address.state_id,
                address.country_id,
                company,
            )
            if key not in known:
                ranked = [
                    (rank, bool(zone.company_id), -position, zone)
                    for position, (zone, fit) in enumerate(rules)
                    if zone.company_id in (company, company.browse())
                    and (rank := fit(address))
                ]
                known[key] = max(ranked, key=lambda r: r[:3])[3] if ranked else self
            found.append(known[key])
        return found

    def _get_promise(self):
        """Return the promise of arrival as plain data, like a row of promises."""
        self.ensure_one()
        return {
            "zone": self.id,
            "seconds": self.arrive_hours * 3600,
            "clock": self.arrive_clock,
            "start": "registered",
            "warning": 0.8,
            "calendar": self.calendar_id.id,
        }

    def _get_zips(self):
        self.ensure_one()
        return _split(self.zip_prefixes)

    def _get_fit(self):
        """Return a function that tells how well an address fits, 0 for not at all."""
        self.ensure_one()
        zips = self._get_zips()
        cities = _split(self.city)
        state, country = self.state_id, self.country_id

        def fit(address):
            if not address:
                return 0
            code = _clean(address.zip or "")
            length = max((len(z) for z in zips if code.startswith(z)), default=0)
            if length:
                return 1000 + length
            if cities:
                # A city names its state too: two may have the same name.
                here = not state or address.state_id in (state, state.browse())
                return 100 if here and _clean(address.city or "") in cities else 0
            if zips:
                return 0
            if state:
                return 10 if address.state_id == state else 0
            return 1 if country and address.country_id == country else 0

        return fit


def _split(text):
    """Return the words of a list in the way they are compared."""
    return [word for word in map(_clean, split_list(text)) if word]


def _clean(text):
    # Chinese addresses name a city with or without the word for it.
    return re.sub(r"[\s-]", "", text).casefold().removesuffix("市")
