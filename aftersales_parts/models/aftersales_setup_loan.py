from odoo import api, fields, models


class AftersalesSetup(models.Model):
    """Notice of showroom samples, on the page of the managers (R55)."""

    _inherit = "aftersales.setup"

    sample_notice_days = fields.Integer(
        string="Notice of Showroom Samples (Working Days)",
        compute="_compute_sample_notice_days",
        inverse="_inverse_sample_notice_days",
        help="Between the notice and the day on which a sample is put up or taken down.",
    )

    @api.depends("company_id.aftersales_sample_notice_days")
    def _compute_sample_notice_days(self):
        for setup in self:
            setup.sample_notice_days = setup.company_id.aftersales_sample_notice_days

    def _inverse_sample_notice_days(self):
        for setup in self:
            # Managers decide on their samples, on nothing else of the company.
            company_sudo = setup.company_id.sudo()
            company_sudo.aftersales_sample_notice_days = setup.sample_notice_days
