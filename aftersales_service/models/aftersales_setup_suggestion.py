from odoo import api, fields, models

from ..tools.suggestion import PARTS

SETTINGS = (
    "travel_minutes",
    "licence_notice_days",
    *(f"points_{part}" for part in PARTS),
)


class AftersalesSetup(models.Model):
    """How technicians are suggested, on the page of the managers."""

    _inherit = "aftersales.setup"

    travel_minutes = fields.Integer(
        string="Way Between Visits",
        compute="_compute_suggestion",
        inverse="_inverse_suggestion",
        help="A technician is not suggested when less time is left before or after his "
        "other visits.",
    )
    licence_notice_days = fields.Integer(
        string="Licences End (Days)",
        compute="_compute_suggestion",
        inverse="_inverse_suggestion",
        help="Days before the end on which the supervisor gets a to-do; 0 for never.",
    )
    points_preference = fields.Integer(
        string="Wished by the Customer",
        compute="_compute_suggestion",
        inverse="_inverse_suggestion",
    )
    points_zone = fields.Integer(
        string="Own Zone",
        compute="_compute_suggestion",
        inverse="_inverse_suggestion",
    )
    points_unit = fields.Integer(
        string="Knows the Unit",
        compute="_compute_suggestion",
        inverse="_inverse_suggestion",
    )
    points_skill = fields.Integer(
        string="Skills", compute="_compute_suggestion", inverse="_inverse_suggestion"
    )
    points_grade = fields.Integer(
        string="Grade", compute="_compute_suggestion", inverse="_inverse_suggestion"
    )
    points_load = fields.Integer(
        string="Free Day", compute="_compute_suggestion", inverse="_inverse_suggestion"
    )
    points_rating = fields.Integer(
        string="Past Rating",
        compute="_compute_suggestion",
        inverse="_inverse_suggestion",
    )
    points_licence = fields.Integer(
        string="Licence Missing",
        compute="_compute_suggestion",
        inverse="_inverse_suggestion",
        help="Taken off when a licence is missing that the job only warns about.",
    )

    @api.depends(*(f"company_id.aftersales_{setting}" for setting in SETTINGS))
    def _compute_suggestion(self):
        for setup in self:
            for setting in SETTINGS:
                setup[setting] = setup.company_id[f"aftersales_{setting}"]

    def _inverse_suggestion(self):
        for setup in self:
            # Managers decide on their suggestions, on nothing else of the company.
            company_sudo = setup.company_id.sudo()
            company_sudo.write(
                {f"aftersales_{setting}": setup[setting] for setting in SETTINGS}
            )
