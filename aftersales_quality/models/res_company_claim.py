from odoo import fields, models


class ResCompany(models.Model):
    """What a company asks of supplier claims (R57)."""

    _inherit = "res.company"

    aftersales_claim_answer_days = fields.Integer(
        string="Suppliers Answer Within (Days)",
        default=10,
        help="Of suppliers without an agreement of their own.",
    )
    aftersales_claim_share = fields.Float(
        string="Agreed Without Quality Lead (%)",
        default=50.0,
        help="Less than this share of a supplier claim is agreed by the lead of quality "
        "or the after-sales manager.",
    )

    _aftersales_claim_sane = models.Constraint(
        "CHECK (COALESCE(aftersales_claim_answer_days, 0) BETWEEN 0 AND 366 "
        "AND COALESCE(aftersales_claim_share, 0) BETWEEN 0 AND 100)",
        "Suppliers answer within 0 to 366 days; a share lies between 0 and 100 %.",
    )
