from odoo import fields, models

from ..tools.suggestion import PARTS


class ResCompany(models.Model):
    """How the company finds the right technician for a visit."""

    _inherit = "res.company"

    aftersales_travel_minutes = fields.Integer(
        string="Way between visits (minutes)",
        default=30,
        help="Time left between two visits of a technician.",
    )
    aftersales_licence_notice_days = fields.Integer(
        string="Reminder of licences",
        default=30,
        help="Days before a licence of a technician ends on which the supervisor is "
        "reminded; 0 for never.",
    )
    aftersales_points_preference = fields.Integer(
        string="Points: customer's preference", default=30
    )
    aftersales_points_zone = fields.Integer(string="Points: own zone", default=25)
    aftersales_points_unit = fields.Integer(string="Points: knows the unit", default=15)
    aftersales_points_skill = fields.Integer(string="Points: skills", default=20)
    aftersales_points_grade = fields.Integer(string="Points: grade", default=10)
    aftersales_points_load = fields.Integer(string="Points: free day", default=20)
    aftersales_points_rating = fields.Integer(string="Points: past rating", default=15)
    aftersales_points_licence = fields.Integer(
        string="Points: missing licence", default=20
    )

    _aftersales_travel_sane = models.Constraint(
        "CHECK (COALESCE(aftersales_travel_minutes, 0) BETWEEN 0 AND 720 "
        "AND COALESCE(aftersales_licence_notice_days, 0) BETWEEN 0 AND 3650)",
        "The way between two visits takes up to 720 minutes; a reminder comes between "
        "0 and 3650 days before the end.",
    )
    _aftersales_points_positive = models.Constraint(
        "CHECK (LEAST(aftersales_points_preference, aftersales_points_zone, "
        "aftersales_points_unit, aftersales_points_skill, aftersales_points_grade, "
        "aftersales_points_load, aftersales_points_rating, "
        "aftersales_points_licence) >= 0)",
        "Points of the suggestion are 0 or more; 0 leaves a part out.",
    )

    def _aftersales_get_points(self):
        """Return ``{part of the score: points at best}``."""
        self.ensure_one()
        # Weights are no secret, but companies are not for everybody to read.
        company_sudo = self.sudo()
        return {part: company_sudo[f"aftersales_points_{part}"] for part in PARTS}
