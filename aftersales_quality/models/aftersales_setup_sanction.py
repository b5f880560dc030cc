from odoo import api, fields, models
from odoo.fields import Command

PLAIN = ("sanction_months", "appeal_days", "reward_reviewer_id")
USERS = "[('share', '=', False), ('company_ids', 'in', company_id)]"


class AftersalesSetup(models.Model):
    """What sanctions and rewards go by, on the page of the managers (R61)."""

    _inherit = "aftersales.setup"

    sanction_months = fields.Integer(
        string="Repeated within (Months)",
        compute="_compute_sanction",
        inverse="_inverse_sanction",
        help="An amount is doubled when the same happened to the same employee in these "
        "months before.",
    )
    appeal_days = fields.Integer(
        string="Days to Appeal",
        compute="_compute_sanction",
        inverse="_inverse_sanction",
        help="How long after the approval the employee may appeal once; 0 for never.",
    )
    reward_reviewer_id = fields.Many2one(
        comodel_name="res.users",
        string="Rewards Reviewed by",
        domain=USERS,
        compute="_compute_sanction",
        inverse="_inverse_sanction",
        help="Sales director who reviews rewards before the committee.",
    )
    reward_committee_ids = fields.Many2many(
        comodel_name="res.users",
        string="Rewards Approved by",
        domain=USERS,
        compute="_compute_sanction",
        inverse="_inverse_sanction",
        help="Each of them approves a reward.",
    )

    @api.depends(
        *(f"company_id.aftersales_{name}" for name in PLAIN),
        "company_id.aftersales_reward_committee_ids",
    )
    def _compute_sanction(self):
        for setup in self:
            for name in (*PLAIN, "reward_committee_ids"):
                setup[name] = setup.company_id[f"aftersales_{name}"]

    def _inverse_sanction(self):
        for setup in self:
            # Managers decide on these, they decide on nothing else of the company.
            setup.company_id.sudo().write(
                {
                    "aftersales_sanction_months": setup.sanction_months,
                    "aftersales_appeal_days": setup.appeal_days,
                    "aftersales_reward_reviewer_id": setup.reward_reviewer_id.id,
                    "aftersales_reward_committee_ids": [
                        Command.set(setup.reward_committee_ids.ids)
                    ],
                }
            )
