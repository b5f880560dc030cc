from odoo import api, models


class AftersalesContract(models.Model):
    """Licences of technicians end like contracts do: the same daily job (R70)."""

    _inherit = "aftersales.contract"

    @api.model
    def _get_date_jobs(self):
        jobs = super()._get_date_jobs()
        for company in self.env["res.company"].search(
            [("active", "=", True), ("aftersales_licence_notice_days", ">", 0)]
        ):
            rows = self.with_company(company).env["hr.employee.skill"]
            jobs.append((rows, rows._get_ending_domain(company), "_remind"))
        return jobs
