from odoo import api, fields, models
from odoo.fields import Domain

TRIGGERS = [
    ("complaint", "Verified Complaint"),
    ("supervisor_complaint", "Complaint about the Supervisor"),
    ("missed_call", "Unanswered Hotline"),
    ("left", "Left without Check-out"),
    ("repeat_repair", "Repeat Repair"),
    ("false_inspection", "False Inspection"),
    ("missing_inspection", "Missing Inspection"),
    ("missing_backup", "Missing Backup"),
    ("improvement", "Effective Improvement"),
    ("other", "Something Else"),
]


class AftersalesSanctionRule(models.Model):
    """What is proposed for which event, and how much (R61)."""

    _name = "aftersales.sanction.rule"
    _description = "Rule of Sanctions and Rewards"
    _order = "sequence, id"
    _check_company_auto = True

    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    trigger = fields.Selection(
        selection=TRIGGERS, string="What Happened", required=True
    )
    kind_id = fields.Many2one(
        comodel_name="aftersales.sanction.kind",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    amount = fields.Float(
        digits=(12, 2),
        help="In the currency of the company, before it is doubled; 0 when it is "
        "decided case by case.",
    )
    doubling = fields.Selection(
        selection=[
            ("never", "Never"),
            ("repeat", "When Repeated"),
            ("always", "Always"),
        ],
        string="Doubled",
        default="repeat",
        required=True,
    )
    date_from = fields.Date(
        string="Valid from",
        required=True,
        default=fields.Date.context_today,
        help="Nothing that happened before is proposed.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        index=True,
        help="Every company when empty; a rule of the company goes first.",
    )

    _amount_positive = models.Constraint(
        "CHECK (amount >= 0)", "The amount of a rule is not negative."
    )
    _trigger_uniq = models.UniqueIndex(
        "(trigger, COALESCE(company_id, 0)) WHERE active",
        "There is one rule for what happened; change or archive that one.",
    )

    @api.depends("trigger", "kind_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        texts = dict(self._fields["trigger"]._description_selection(self.env))
        for rule in self:
            parts = (texts.get(rule.trigger), rule.kind_id.name)
            rule.display_name = " · ".join(part for part in parts if part)

    @api.model
    def _get_rules(self, company):
        """Return ``{trigger: rule}`` of what a company proposes.

        Whoever causes a proposal need not see the rules.
        """
        # Rules are secret to nobody, but not everybody may read them.
        rules_sudo = self.sudo().search(
            Domain("company_id", "in", (company.id, False)), order="sequence, id"
        )
        found = {}
        for rule in rules_sudo.sorted(lambda rule: not rule.company_id):
            found.setdefault(rule.trigger, rule)
        return found
