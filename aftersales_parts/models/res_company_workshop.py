from odoo import fields, models


class ResCompany(models.Model):
    """What the company asks of its workshop (R51, R67)."""

    _inherit = "res.company"

    aftersales_repair_check = fields.Boolean(
        string="Release Check of Repairs",
        help="Somebody other than the repairer checks what was repaired before the "
        "customer gets it back.",
    )
    aftersales_pay_before = fields.Boolean(
        string="Paid before Hand-Back",
        default=True,
        help="Customers without payment terms pay for a repair before they get their "
        "goods back.",
    )
    aftersales_unclaimed_days = fields.Integer(
        string="Unclaimed after (Days)",
        default=30,
        help="Repaired goods that nobody has fetched for so long are reminded of.",
    )

    _aftersales_unclaimed_sane = models.Constraint(
        "CHECK (COALESCE(aftersales_unclaimed_days, 0) BETWEEN 0 AND 3650)",
        "Goods are unclaimed after 0 to 3650 days.",
    )
