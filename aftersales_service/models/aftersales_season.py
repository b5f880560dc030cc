from calendar import monthrange

from odoo import api, fields, models
from odoo.exceptions import ValidationError

# A year with a 29 February: seasons have no year.
LEAP_YEAR = 2024
MONTHS = [
    ("1", "January"),
    ("2", "February"),
    ("3", "March"),
    ("4", "April"),
    ("5", "May"),
    ("6", "June"),
    ("7", "July"),
    ("8", "August"),
    ("9", "September"),
    ("10", "October"),
    ("11", "November"),
    ("12", "December"),
]


class AftersalesSeason(models.Model):
    """Busy season of a kind of goods, the same days every year."""

    _name = "aftersales.season"
    _description = "Busy Season"
    _order = "class_id, month_from, day_from, id"

    class_id = fields.Many2one(
        comodel_name="aftersales.product.class",
        string="Kind of Goods",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", index=True, help="Empty: for all companies."
    )
    name = fields.Char(required=True, translate=True)
    month_from = fields.Selection(selection=MONTHS, required=True, default="1")
    day_from = fields.Integer(string="From Day", required=True, default=1)
    month_to = fields.Selection(selection=MONTHS, required=True, default="1")
    day_to = fields.Integer(string="To Day", required=True, default=31)

    @api.constrains("month_from", "day_from", "month_to", "day_to")
    def _check_days(self):
        """Every season begins and ends on a day that exists."""
        for season in self:
            for month, day in season._get_period():
                if not 1 <= day <= monthrange(LEAP_YEAR, month)[1]:
                    raise ValidationError(
                        self.env._(
                            "%(season)s: month %(month)s has no day %(day)s.",
                            season=season.name,
                            month=month,
                            day=day,
                        )
                    )

    def _get_period(self):
        """Return first and last day as ``((month, day), (month, day))``."""
        self.ensure_one()
        return (
            (int(self.month_from), self.day_from),
            (int(self.month_to), self.day_to),
        )
