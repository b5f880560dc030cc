from odoo import fields, models
from odoo.fields import NO_ACCESS


class ResCompany(models.Model):
    """How often vans are counted, and how long an old part may take (R44, R47)."""

    _inherit = "res.company"

    aftersales_main_depot_id = fields.Many2one(
        comodel_name="stock.warehouse",
        string="Main Depot",
        compute="_compute_aftersales_main_depot_id",
        compute_sudo=True,
        groups=NO_ACCESS,
        help="First warehouse: depot of whoever has none of his own.",
    )
    aftersales_count_days = fields.Integer(
        string="Vans Counted Every (Days)",
        default=30,
        help="Days between two counts of a technician's van; 0 for never.",
    )
    aftersales_old_part_days = fields.Integer(
        string="Old Parts Due after (Days)",
        default=14,
        help="Days after the visit by which a replaced part is to be handed in.",
    )

    _aftersales_parts_days_sane = models.Constraint(
        "CHECK (COALESCE(aftersales_count_days, 0) BETWEEN 0 AND 3650 "
        "AND COALESCE(aftersales_old_part_days, 0) BETWEEN 0 AND 3650)",
        "Vans are counted, and old parts handed in, within 0 to 3650 days.",
    )

    def _compute_aftersales_main_depot_id(self):
        depots = self.env["stock.warehouse"].search([("company_id", "in", self.ids)])
        first = {}
        for depot in depots:
            first.setdefault(depot.company_id, depot)
        for company in self:
            company.aftersales_main_depot_id = first.get(company)

    def write(self, vals):
        result = super().write(vals)
        if "aftersales_count_days" in vals:
            # Who decides how often vans are counted, decides it for all of them.
            vans_sudo = self.env["stock.location"].sudo()
            vans_sudo.search(
                [
                    ("company_id", "in", self.ids),
                    ("aftersales_technician_id", "!=", False),
                ]
            ).cyclic_inventory_frequency = vals["aftersales_count_days"]
        return result
