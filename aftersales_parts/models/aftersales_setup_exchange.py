from odoo import api, fields, models

SETTINGS = {
    "exchange_first": "aftersales_exchange_first",
    "due_back_days": "aftersales_due_back_days",
}


class AftersalesSetup(models.Model):
    """Exchanges in advance, on the page of the managers (R48)."""

    _inherit = "aftersales.setup"

    exchange_first = fields.Boolean(
        string="The Desk Sends Replacements First",
        compute="_compute_exchange_settings",
        inverse="_inverse_exchange_settings",
        help="Otherwise a supervisor decides that a replacement leaves before the faulty "
        "goods are back.",
    )
    due_back_days = fields.Integer(
        string="Faulty Goods Due Back (Days)",
        compute="_compute_exchange_settings",
        inverse="_inverse_exchange_settings",
        help="Days after the delivery of a replacement that was sent first.",
    )

    @api.depends(*(f"company_id.{name}" for name in SETTINGS.values()))
    def _compute_exchange_settings(self):
        for setup in self:
            for name, setting in SETTINGS.items():
                setup[name] = setup.company_id[setting]

    def _inverse_exchange_settings(self):
        for setup in self:
            # Managers decide on their exchanges, on nothing else of the company.
            company_sudo = setup.company_id.sudo()
            company_sudo.write(
                {setting: setup[name] for name, setting in SETTINGS.items()}
            )
