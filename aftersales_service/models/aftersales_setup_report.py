from odoo import api, fields, models

SETTINGS = (
    "daily_hour",
    "punctual_minutes",
    "first_fix_days",
    "drills_per_year",
    "emergencies_per_year",
)


class AftersalesSetup(models.Model):
    """Daily reports, figures and drills, on the page of the managers (R30, R70)."""

    _inherit = "aftersales.setup"

    daily_hour = fields.Float(
        string="Daily Reports",
        compute="_compute_report",
        inverse="_inverse_report",
        help="Local time. Technicians can have theirs earlier, before they leave.",
    )
    punctual_minutes = fields.Integer(
        string="Punctual Within (Minutes)",
        compute="_compute_report",
        inverse="_inverse_report",
        help="Minutes after the agreed time at which an arrival still is punctual.",
    )
    first_fix_days = fields.Integer(
        string="First-Time Fix (Days)",
        compute="_compute_report",
        inverse="_inverse_report",
        help="Days in which nothing may come after a visit; before they are over, the "
        "visit is not counted as a first-time fix.",
    )
    drills_per_year = fields.Integer(
        string="Emergency Drills",
        compute="_compute_report",
        inverse="_inverse_report",
        help="How many the staff has in a year; 0 for none.",
    )
    emergencies_per_year = fields.Integer(
        string="Emergency Trainings",
        compute="_compute_report",
        inverse="_inverse_report",
        help="How many the staff has in a year; 0 for none.",
    )
    drill_count = fields.Integer(
        string="Drills Held", compute="_compute_training_counts"
    )
    emergency_count = fields.Integer(
        string="Emergency Trainings Held", compute="_compute_training_counts"
    )

    @api.depends(*(f"company_id.aftersales_{field}" for field in SETTINGS))
    def _compute_report(self):
        for setup in self:
            for field in SETTINGS:
                setup[field] = setup.company_id[f"aftersales_{field}"]

    def _inverse_report(self):
        for setup in self:
            # Managers decide how their work is measured, on nothing else.
            company_sudo = setup.company_id.sudo()
            company_sudo.write(
                {f"aftersales_{field}": setup[field] for field in SETTINGS}
            )

    def _compute_training_counts(self):
        """Count what was held in the running year."""
        Training = self.env["aftersales.training"]
        for setup in self:
            held = Training._count_held(setup.company_id)
            setup.drill_count = held.get("drill", 0)
            setup.emergency_count = held.get("emergency", 0)
