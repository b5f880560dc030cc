from odoo import fields, models


class ResCompany(models.Model):
    """Whether customers are written to of appointments (R24)."""

    _inherit = "res.company"

    aftersales_visit_mail = fields.Boolean(
        string="Write to customers of appointments",
        default=True,
        help="Customers get a mail when a visit is assigned or moved, with a page on "
        "which they confirm or ask for another time.",
    )
