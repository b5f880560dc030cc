from odoo import api, fields, models

SETTINGS = ("complaint_from_cards", "complaint_mail")


class AftersalesSetup(models.Model):
    """How complaints come in, on the page of the managers."""

    _inherit = "aftersales.setup"

    complaint_from_cards = fields.Boolean(
        string="Bad Cards Become Complaints",
        compute="_compute_complaint_door",
        inverse="_inverse_complaint_door",
        help="An evaluation card with bad marks, or with words that are a complaint, is "
        "recorded as a complaint by itself. Otherwise the desk does so with a button.",
    )
    complaint_mail = fields.Boolean(
        string="Mail on Complaints",
        compute="_compute_complaint_door",
        inverse="_inverse_complaint_door",
        help="Customers are written to when their complaint has arrived, when a day is "
        "promised, when a solution is proposed, and when it is settled.",
    )
    complaint_alias_name = fields.Char(
        string="Address for Complaints",
        compute="_compute_complaint_alias",
        inverse="_inverse_complaint_alias",
        help="Mails to this address are recorded as complaints; empty for none.",
    )
    complaint_alias_domain = fields.Char(
        string="Domain of the Address", compute="_compute_complaint_alias"
    )

    @api.depends(*(f"company_id.aftersales_{name}" for name in SETTINGS))
    def _compute_complaint_door(self):
        for setup in self:
            for name in SETTINGS:
                setup[name] = setup.company_id[f"aftersales_{name}"]

    def _inverse_complaint_door(self):
        for setup in self:
            # Managers decide how complaints come in, on nothing else of the company.
            setup.company_id.sudo().write(
                {f"aftersales_{name}": setup[name] for name in SETTINGS}
            )

    @api.depends("company_id.aftersales_complaint_alias_id.alias_name")
    def _compute_complaint_alias(self):
        for setup in self:
            # An address that is given to every customer.
            company_sudo = setup.company_id.sudo()
            alias_sudo = company_sudo.aftersales_complaint_alias_id
            setup.complaint_alias_name = alias_sudo.alias_name
            setup.complaint_alias_domain = company_sudo.alias_domain_id.name

    def _inverse_complaint_alias(self):
        for setup in self:
            setup.company_id._aftersales_set_complaint_alias(setup.complaint_alias_name)
