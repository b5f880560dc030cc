from odoo import api, fields, models


class AftersalesSetup(models.Model):
    """How early the department reminds, on the page of its managers (R19)."""

    _inherit = "aftersales.setup"

    warranty_notice_days = fields.Integer(
        string="Free Maintenance Ends (Days)",
        compute="_compute_notice_days",
        inverse="_inverse_warranty_notice_days",
        help="Days before the end on which the salesperson of the unit, the service "
        "lead and the sales director are told; 0 for never.",
    )
    contract_notice_days = fields.Integer(
        string="Contract Ends (Days)",
        compute="_compute_notice_days",
        inverse="_inverse_contract_notice_days",
        help="Days before the end on which the customer is written to and a renewal "
        "visit is planned; 0 for never.",
    )

    @api.depends(
        "company_id.aftersales_warranty_notice_days",
        "company_id.aftersales_contract_notice_days",
    )
    def _compute_notice_days(self):
        for setup in self:
            company = setup.company_id
            setup.warranty_notice_days = company.aftersales_warranty_notice_days
            setup.contract_notice_days = company.aftersales_contract_notice_days

    def _inverse_warranty_notice_days(self):
        for setup in self:
            # Managers decide on their reminders, on nothing else of the company.
            company_sudo = setup.company_id.sudo()
            company_sudo.aftersales_warranty_notice_days = setup.warranty_notice_days

    def _inverse_contract_notice_days(self):
        for setup in self:
            # See above.
            company_sudo = setup.company_id.sudo()
            company_sudo.aftersales_contract_notice_days = setup.contract_notice_days
