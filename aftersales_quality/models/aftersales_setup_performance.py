from odoo import api, fields, models

AMOUNTS = ("visit_allowance", "complaint_bonus", "complaint_deduction")


class AftersalesSetup(models.Model):
    """What month sheets reckon with, on the page of the managers (R65)."""

    _inherit = "aftersales.setup"

    performance_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    visit_allowance = fields.Monetary(
        currency_field="performance_currency_id",
        compute="_compute_performance",
        inverse="_inverse_performance",
        help="Paid for each finished visit with a complete feedback form; 0 for none.",
    )
    complaint_bonus = fields.Monetary(
        string="No-Complaint Bonus",
        currency_field="performance_currency_id",
        compute="_compute_performance",
        inverse="_inverse_performance",
        help="A month, for technicians with visits; 0 for none.",
    )
    complaint_deduction = fields.Monetary(
        string="Deducted for a Complaint",
        currency_field="performance_currency_id",
        compute="_compute_performance",
        inverse="_inverse_performance",
        help="What each verified complaint takes off the no-complaint bonus.",
    )

    @api.depends(*(f"company_id.aftersales_{name}" for name in AMOUNTS))
    def _compute_performance(self):
        for setup in self:
            for name in AMOUNTS:
                setup[name] = setup.company_id[f"aftersales_{name}"]

    def _inverse_performance(self):
        for setup in self:
            # Managers set these amounts, they decide on nothing else of the company.
            setup.company_id.sudo().write(
                {f"aftersales_{name}": setup[name] for name in AMOUNTS}
            )
