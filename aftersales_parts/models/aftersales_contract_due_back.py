from odoo import api, models


class AftersalesContract(models.Model):
    """The daily job also reminds of faulty goods that are due back (R48)."""

    _inherit = "aftersales.contract"

    @api.model
    def _get_date_jobs(self):
        jobs = super()._get_date_jobs()
        for company in self.env["res.company"].search([("active", "=", True)]):
            lines = self.env["aftersales.return.line"].with_company(company)
            domain = lines._get_unreminded_domain(company)
            jobs.append((lines, domain, "_remind_due_back"))
        return jobs
