from odoo import api, fields, models

SETTINGS = (
    "return_agent_limit",
    "return_supervisor_limit",
    "return_manager_limit",
    "return_mail",
    "return_contact_required",
    "return_cause_required",
)


class AftersalesSetup(models.Model):
    """Who authorises returns, on the page of the managers (R49)."""

    _inherit = "aftersales.setup"

    return_agent_limit = fields.Monetary(
        string="Desk",
        compute="_compute_return_settings",
        inverse="_inverse_return_settings",
        help="Price paid for the goods of one return; 0 for no limit.",
    )
    return_supervisor_limit = fields.Monetary(
        string="Supervisors",
        compute="_compute_return_settings",
        inverse="_inverse_return_settings",
        help="Price paid for the goods of one return; 0 for no limit.",
    )
    return_manager_limit = fields.Monetary(
        string="Managers",
        compute="_compute_return_settings",
        inverse="_inverse_return_settings",
        help="Price paid for the goods of one return; above it the general manager "
        "authorises. 0 for no limit.",
    )
    return_mail = fields.Boolean(
        string="Mail on Returns",
        compute="_compute_return_settings",
        inverse="_inverse_return_settings",
    )
    return_contact_required = fields.Boolean(
        string="Fault, Address and Phone",
        compute="_compute_return_settings",
        inverse="_inverse_return_settings",
        help="A return is authorised only with the fault of its goods, the address "
        "they go back to, and a phone number. On the portal they are always asked for.",
    )
    return_cause_required = fields.Boolean(
        string="Cause of Each Return",
        compute="_compute_return_settings",
        inverse="_inverse_return_settings",
    )

    @api.depends(*(f"company_id.aftersales_{name}" for name in SETTINGS))
    def _compute_return_settings(self):
        for setup in self:
            for name in SETTINGS:
                setup[name] = setup.company_id[f"aftersales_{name}"]

    def _inverse_return_settings(self):
        for setup in self:
            # Managers decide on their returns, on nothing else of the company.
            company_sudo = setup.company_id.sudo()
            company_sudo.write({f"aftersales_{name}": setup[name] for name in SETTINGS})
