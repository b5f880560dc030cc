from odoo import fields, models


class AftersalesSanctionKind(models.Model):
    """Kind of sanction or reward, and who decides on it (R61)."""

    _name = "aftersales.sanction.kind"
    _description = "Kind of Sanction or Reward"
    _order = "nature desc, sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    nature = fields.Selection(
        selection=[("sanction", "Sanction"), ("reward", "Reward")],
        default="sanction",
        required=True,
    )
    form = fields.Selection(
        selection=[
            ("money", "Money"),
            ("warning", "Warning"),
            ("demerit", "Demerit"),
            ("major_demerit", "Major Demerit"),
            ("probation", "Probation"),
            ("dismissal", "Dismissal"),
            ("merit", "Merit"),
        ],
        default="money",
        required=True,
        help="Money: an amount is fixed before the approval.\n"
        "Probation: no bonus in the months it runs.",
    )
    authority = fields.Selection(
        selection=[
            ("officer", "Performance Officer"),
            ("manager", "General Manager"),
        ],
        string="Approved by",
        default="officer",
        required=True,
        help="Rewards are reviewed and approved by the people of the settings instead.",
    )
    months = fields.Integer(
        string="Runs (Months)", help="How long a probation runs from its approval."
    )
    company_id = fields.Many2one(
        comodel_name="res.company", index=True, help="Every company when empty."
    )

    _months_positive = models.Constraint(
        "CHECK (months >= 0)", "A probation runs for a number of months."
    )
