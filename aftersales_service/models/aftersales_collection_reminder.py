from odoo import api, models


class AftersalesContract(models.Model):
    """The daily job also reminds of money that was not handed in (R26)."""

    _inherit = "aftersales.contract"

    @api.model
    def _get_date_jobs(self):
        jobs = super()._get_date_jobs()
        for company in self.env["res.company"].search([("active", "=", True)]):
            if company.aftersales_collection_days:
                payments = self.env["account.payment"].with_company(company)
                domain = payments._aftersales_get_overdue_domain(company)
                jobs.append((payments, domain, "_aftersales_remind"))
        return jobs
