from odoo import fields, models


class AftersalesTeam(models.Model):
    _name = "aftersales.team"
    _description = "Service Team"
    _inherit = ["mail.alias.mixin", "mail.thread"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    supervisor_id = fields.Many2one(
        comodel_name="res.users",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        tracking=True,
        help="Leads the team and answers for its tickets.",
    )
    member_ids = fields.Many2many(
        comodel_name="res.users",
        relation="aftersales_team_res_users_rel",
        string="Members",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    calendar_id = fields.Many2one(
        comodel_name="resource.calendar",
        string="Working Hours",
        check_company=True,
        help="Hours in which the team answers; the company's hours when empty.",
    )
    ticket_ids = fields.One2many(
        comodel_name="aftersales.ticket", inverse_name="team_id", string="Tickets"
    )
    open_ticket_count = fields.Integer(compute="_compute_open_ticket_count")

    def _compute_open_ticket_count(self):
        counts = dict(
            self.env["aftersales.ticket"]._read_group(
                [
                    ("team_id", "in", self.ids),
                    ("state", "in", ("new", "open", "waiting")),
                ],
                ["team_id"],
                ["__count"],
            )
        )
        for team in self:
            team.open_ticket_count = counts.get(team, 0)

    def action_view_open_tickets(self):
        """Open the call register of this team, open tickets only."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_ticket_action"
        )
        return {
            **action,
            "domain": [("team_id", "=", self.id)],
            "context": {"search_default_open": 1, "default_team_id": self.id},
        }

    # ------------------------------------------------------------
    # MAIL.ALIAS.MIXIN
    # ------------------------------------------------------------

    def _alias_get_creation_values(self):
        values = super()._alias_get_creation_values()
        values["alias_model_id"] = self.env["ir.model"]._get_id("aftersales.ticket")
        if self.id:
            values["alias_defaults"] = {
                "team_id": self.id,
                "company_id": self.company_id.id,
                "channel": "email",
            }
        return values
