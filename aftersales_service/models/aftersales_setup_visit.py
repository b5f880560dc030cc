from odoo import api, fields, models


class AftersalesSetup(models.Model):
    """Appointments, on the page of the department's managers (R24)."""

    _inherit = "aftersales.setup"

    visit_mail = fields.Boolean(
        string="Mail to the Customer",
        compute="_compute_visit_mail",
        inverse="_inverse_visit_mail",
    )

    @api.depends("company_id.aftersales_visit_mail")
    def _compute_visit_mail(self):
        for setup in self:
            setup.visit_mail = setup.company_id.aftersales_visit_mail

    def _inverse_visit_mail(self):
        for setup in self:
            # Managers decide on their mails, on nothing else of the company.
            company_sudo = setup.company_id.sudo()
            company_sudo.aftersales_visit_mail = setup.visit_mail
