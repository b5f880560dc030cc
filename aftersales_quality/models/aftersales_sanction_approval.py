from odoo import api, fields, models


class AftersalesSanctionApproval(models.Model):
    """Answer of one member of the committee to a reward (F115)."""

    _name = "aftersales.sanction.approval"
    _description = "Approval of a Reward"
    _inherit = ["aftersales.fact.mixin"]
    _facts = frozenset({"sanction_id", "user_id", "state", "date", "note"})
    _order = "sanction_id, id"

    sanction_id = fields.Many2one(
        comodel_name="aftersales.sanction",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    company_id = fields.Many2one(related="sanction_id.company_id", store=True)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Member",
        required=True,
        index=True,
        readonly=True,
    )
    state = fields.Selection(
        selection=[
            ("waiting", "Waiting"),
            ("approved", "Approved"),
            ("refused", "Refused"),
        ],
        default="waiting",
        required=True,
        readonly=True,
    )
    date = fields.Datetime(string="Answered on", readonly=True)
    note = fields.Char(readonly=True)

    _member_uniq = models.UniqueIndex(
        "(sanction_id, user_id)", "Each member of the committee answers once."
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        return super().write(vals)
