from odoo import api, fields, models

PEOPLE = ("quality_lead_id", "performance_officer_id", "vice_president_id")


class AftersalesSetup(models.Model):
    """Who decides about complaints and quality, on the page of the managers."""

    _inherit = "aftersales.setup"

    quality_lead_id = fields.Many2one(
        comodel_name="res.users",
        compute="_compute_quality_people",
        inverse="_inverse_quality_people",
        help="First to approve what a complaint costs; told of grave nonconformities.",
    )
    performance_officer_id = fields.Many2one(
        comodel_name="res.users",
        compute="_compute_quality_people",
        inverse="_inverse_quality_people",
        help="Second to approve complaints; approves sanctions and month sheets.",
    )
    vice_president_id = fields.Many2one(
        comodel_name="res.users",
        string="Vice-President",
        compute="_compute_quality_people",
        inverse="_inverse_quality_people",
        help="Told first of severe complaints, and at once of those from press or "
        "authorities.",
    )

    @api.depends(*(f"company_id.aftersales_{name}" for name in PEOPLE))
    def _compute_quality_people(self):
        for setup in self:
            for name in PEOPLE:
                setup[name] = setup.company_id[f"aftersales_{name}"]

    def _inverse_quality_people(self):
        for setup in self:
            # Managers name these people, they decide on nothing else of the company.
            setup.company_id.sudo().write(
                {f"aftersales_{name}": setup[name].id for name in PEOPLE}
            )
