from odoo import fields, models


class ResUsers(models.Model):
    """The service teams of a user, whose leaders see his sanctions (R61)."""

    _inherit = "res.users"

    aftersales_team_ids = fields.Many2many(
        comodel_name="aftersales.team",
        relation="aftersales_team_res_users_rel",
        column1="res_users_id",
        column2="aftersales_team_id",
        string="Service Teams",
        readonly=True,
    )
