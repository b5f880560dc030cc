from odoo import fields, models


class AftersalesTeam(models.Model):
    """What a team demands before a visit is finished (R25, R79)."""

    _inherit = "aftersales.team"

    signature_required = fields.Boolean(
        string="Customer Signs Every Visit",
        help="A visit is finished only when the customer has signed.",
    )
    hazard_look_required = fields.Boolean(
        string="Look for Hazards on Every Visit",
        default=True,
        help="A visit is finished only when the technician says whether he found "
        "something dangerous: power supply, gas, structure.",
    )
