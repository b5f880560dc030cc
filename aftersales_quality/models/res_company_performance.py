from odoo import fields, models


class ResCompany(models.Model):
    """What the month sheets of after-sales reckon with (R65)."""

    _inherit = "res.company"

    aftersales_visit_allowance = fields.Monetary(
        string="Allowance for a visit",
        help="Paid for each finished visit with a complete feedback form; 0 for none.",
    )
    aftersales_complaint_bonus = fields.Monetary(
        string="No-complaint bonus of a month",
        help="For technicians with visits; 0 for none.",
    )
    aftersales_complaint_deduction = fields.Monetary(
        string="Deducted for a complaint",
        help="What each verified complaint takes off the no-complaint bonus.",
    )
    aftersales_performance_month = fields.Date(
        string="Month sheets made of",
        help="First day of the last month whose sheets were made.",
    )

    _aftersales_performance_positive = models.Constraint(
        "CHECK (COALESCE(aftersales_visit_allowance, 0) >= 0 "
        "AND COALESCE(aftersales_complaint_bonus, 0) >= 0 "
        "AND COALESCE(aftersales_complaint_deduction, 0) >= 0)",
        "Allowances, bonus and deductions are not negative.",
    )
