from odoo import api, fields, models

SETTINGS = ("count_days", "old_part_days")


class AftersalesSetup(models.Model):
    """Counts of vans and old parts, on the page of the managers (R44, R47)."""

    _inherit = "aftersales.setup"

    count_days = fields.Integer(
        string="Vans Counted Every (Days)",
        compute="_compute_parts_settings",
        inverse="_inverse_parts_settings",
        help="Days between two counts of a technician's van; 0 for never.",
    )
    old_part_days = fields.Integer(
        string="Old Parts Due after (Days)",
        compute="_compute_parts_settings",
        inverse="_inverse_parts_settings",
        help="Days after the visit by which a replaced part is to be handed in.",
    )

    @api.depends(*(f"company_id.aftersales_{name}" for name in SETTINGS))
    def _compute_parts_settings(self):
        for setup in self:
            for name in SETTINGS:
                setup[name] = setup.company_id[f"aftersales_{name}"]

    def _inverse_parts_settings(self):
        for setup in self:
            # Managers decide on their parts, on nothing else of the company.
            company_sudo = setup.company_id.sudo()
            company_sudo.write({f"aftersales_{name}": setup[name] for name in SETTINGS})
