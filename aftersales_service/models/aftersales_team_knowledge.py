from odoo import fields, models


class AftersalesTeam(models.Model):
    _inherit = "aftersales.team"

    fault_required = fields.Boolean(
        string="Found Fault Is Needed",
        help="Tickets of this team are solved only when the found fault is noted.",
    )
