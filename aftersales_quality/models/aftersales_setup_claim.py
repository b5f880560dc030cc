from odoo import api, fields, models

FIELDS = ("claim_answer_days", "claim_share")


class AftersalesSetup(models.Model):
    """What is asked of supplier claims, on the page of the managers (R57)."""

    _inherit = "aftersales.setup"

    claim_answer_days = fields.Integer(
        string="Suppliers Answer Within (Days)",
        compute="_compute_claim",
        inverse="_inverse_claim",
        help="Of suppliers without an agreement of their own.",
    )
    claim_share = fields.Float(
        string="Agreed Without Quality Lead (%)",
        compute="_compute_claim",
        inverse="_inverse_claim",
        help="Less than this share of a supplier claim is agreed by the lead of quality "
        "or the after-sales manager.",
    )

    @api.depends(*(f"company_id.aftersales_{name}" for name in FIELDS))
    def _compute_claim(self):
        for setup in self:
            for name in FIELDS:
                setup[name] = setup.company_id[f"aftersales_{name}"]

    def _inverse_claim(self):
        for setup in self:
            # Managers decide on claims, on nothing else of the company.
            setup.company_id.sudo().write(
                {f"aftersales_{name}": setup[name] for name in FIELDS}
            )
