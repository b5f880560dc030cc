from odoo import fields, models


class ResCompany(models.Model):
    """When the effect of actions is looked at, and how long it has to hold (R59)."""

    _inherit = "res.company"

    aftersales_action_check_days = fields.Integer(
        string="Effect Checked After (Days)",
        default=30,
        help="Days from doing a corrective or preventive action to the check of its "
        "effect. Containment is checked as soon as it is done.",
    )
    aftersales_action_notice_days = fields.Integer(
        string="Reminder of Actions (Days)",
        default=3,
        help="Days before an action is due on which its owner is reminded; 0 for never.",
    )
    aftersales_recurrence_days = fields.Integer(
        string="Causes Watched for (Days)",
        default=180,
        help="A cause that comes again within this time after the action against it was "
        "found effective opens the action again; 0 for never.",
    )
    aftersales_analysis_each_time = fields.Boolean(
        string="Tell Departments Each Time",
        help="The department is told of each nonconformity and complaint with a cause "
        "of its own, besides the monthly analysis.",
    )
    aftersales_analysis_month = fields.Date(
        string="Quality Analysed until",
        help="First day of the month whose analyses were sent last.",
    )

    _aftersales_action_days_sane = models.Constraint(
        "CHECK (COALESCE(aftersales_action_check_days, 0) BETWEEN 0 AND 3650 "
        "AND COALESCE(aftersales_action_notice_days, 0) BETWEEN 0 AND 365 "
        "AND COALESCE(aftersales_recurrence_days, 0) BETWEEN 0 AND 3650)",
        "Effects are checked and causes watched within 0 to 3650 days, and a reminder "
        "comes up to 365 days before.",
    )
