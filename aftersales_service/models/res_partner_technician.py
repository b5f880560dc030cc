from odoo import fields, models

STAFF = "aftersales_service.aftersales_service_group_technician"


class ResPartner(models.Model):
    """Whom a customer wants, and whom he does not want."""

    _inherit = "res.partner"

    aftersales_preferred_technician_id = fields.Many2one(
        comodel_name="hr.employee",
        string="Preferred Technician",
        domain="[('aftersales_technician', '=', True)]",
        groups=STAFF,
        help="Comes first in the suggestion for his visits.",
    )
    aftersales_refused_technician_id = fields.Many2one(
        comodel_name="hr.employee",
        string="Refused Technician",
        domain="[('aftersales_technician', '=', True)]",
        groups=STAFF,
        help="Not suggested for his visits.",
    )

    _aftersales_technician_wish = models.Constraint(
        "CHECK (aftersales_preferred_technician_id IS DISTINCT FROM "
        "aftersales_refused_technician_id "
        "OR aftersales_preferred_technician_id IS NULL)",
        "The preferred technician cannot be the refused one, too.",
    )
