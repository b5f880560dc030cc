from odoo import api, fields, models

SETTINGS = ("repeat_days", "evening_hour", "sales_director_id")


class AftersalesSetup(models.Model):
    """How the desk ends its day, on the page of its managers (R05, R07)."""

    _inherit = "aftersales.setup"

    evening_hour = fields.Float(
        string="Evening Report",
        compute="_compute_desk",
        inverse="_inverse_desk",
        help="Local time. One hour before, whoever has a ticket that is not solved is "
        "asked to explain and to promise a time.",
    )
    sales_director_id = fields.Many2one(
        comodel_name="res.users",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        compute="_compute_desk",
        inverse="_inverse_desk",
        help="Gets the list of unresolved tickets every working day.",
    )
    repeat_days = fields.Integer(
        string="Repeat Repair (Days)",
        compute="_compute_desk",
        inverse="_inverse_desk",
        help="A fault of the same unit that comes again within this time is a repeat "
        "repair; 0 for never.",
    )

    @api.depends(*(f"company_id.aftersales_{field}" for field in SETTINGS))
    def _compute_desk(self):
        for setup in self:
            for field in SETTINGS:
                setup[field] = setup.company_id[f"aftersales_{field}"]

    def _inverse_desk(self):
        for setup in self:
            # Managers decide how their desk works, on nothing else of the company.
            company_sudo = setup.company_id.sudo()
            company_sudo.write(
                {
                    f"aftersales_{field}": self._fields[field].convert_to_write(
                        setup[field], setup
                    )
                    for field in SETTINGS
                }
            )
