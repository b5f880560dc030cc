from odoo import api, fields, models

RULES = (
    "action_check_days",
    "action_notice_days",
    "recurrence_days",
    "analysis_each_time",
)


class AftersalesSetup(models.Model):
    """Times of improvement actions, on the page of the managers (R59, R63)."""

    _inherit = "aftersales.setup"

    action_check_days = fields.Integer(
        string="Effect Checked After (Days)",
        compute="_compute_action_rules",
        inverse="_inverse_action_rules",
        help="Days from doing a corrective or preventive action to the check of its "
        "effect. Containment is checked as soon as it is done.",
    )
    action_notice_days = fields.Integer(
        string="Reminder of Actions (Days)",
        compute="_compute_action_rules",
        inverse="_inverse_action_rules",
        help="Days before an action is due on which its owner is reminded; 0 for never.",
    )
    recurrence_days = fields.Integer(
        string="Causes Watched for (Days)",
        compute="_compute_action_rules",
        inverse="_inverse_action_rules",
        help="A cause that comes again within this time after the action against it was "
        "found effective opens the action again; 0 for never.",
    )
    analysis_each_time = fields.Boolean(
        string="Tell Departments Each Time",
        compute="_compute_action_rules",
        inverse="_inverse_action_rules",
        help="The department is told of each nonconformity and complaint with a cause "
        "of its own, besides the monthly analysis.",
    )

    @api.depends(*(f"company_id.aftersales_{name}" for name in RULES))
    def _compute_action_rules(self):
        for setup in self:
            for name in RULES:
                setup[name] = setup.company_id[f"aftersales_{name}"]

    def _inverse_action_rules(self):
        for setup in self:
            # Managers decide on these times, on nothing else of the company.
            setup.company_id.sudo().write(
                {f"aftersales_{name}": setup[name] for name in RULES}
            )
