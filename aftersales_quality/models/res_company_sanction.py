from odoo import fields, models


class ResCompany(models.Model):
    """What sanctions and rewards go by (R61, F115)."""

    _inherit = "res.company"

    aftersales_sanction_months = fields.Integer(
        string="Repeated within (months)",
        default=12,
        help="An amount is doubled when the same happened to the same employee in these "
        "months before.",
    )
    aftersales_appeal_days = fields.Integer(
        string="Days to appeal",
        default=7,
        help="How long after the approval the employee may appeal once; 0 for never.",
    )
    aftersales_reward_reviewer_id = fields.Many2one(
        comodel_name="res.users",
        string="Reviewer of rewards",
        help="Sales director who reviews rewards before the committee.",
    )
    aftersales_reward_committee_ids = fields.Many2many(
        comodel_name="res.users",
        relation="aftersales_reward_committee_rel",
        string="Committee of rewards",
        help="Each of them approves a reward.",
    )

    _aftersales_sanction_positive = models.Constraint(
        "CHECK (COALESCE(aftersales_sanction_months, 0) >= 0 "
        "AND COALESCE(aftersales_appeal_days, 0) >= 0)",
        "Months and days of sanctions are not negative.",
    )
