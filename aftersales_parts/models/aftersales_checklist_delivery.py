from odoo import fields, models


class AftersalesChecklist(models.Model):
    _inherit = "aftersales.checklist"

    before_leaving = fields.Boolean(
        help="Worked off in the yard: nobody sets out before each mandatory point is "
        "in order. Unpacking what is delivered, for example.",
    )
