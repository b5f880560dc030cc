from odoo import fields, models


class ResCompany(models.Model):
    """Who may authorise returns of which value, and what customers are told (R49)."""

    _inherit = "res.company"

    aftersales_return_agent_limit = fields.Monetary(
        string="Returns Authorised by the Desk up to",
        help="Price paid for the goods of one return; 0 for no limit.",
    )
    aftersales_return_supervisor_limit = fields.Monetary(
        string="Returns Authorised by Supervisors up to",
        help="Price paid for the goods of one return; 0 for no limit.",
    )
    aftersales_return_manager_limit = fields.Monetary(
        string="Returns Authorised by Managers up to",
        help="Price paid for the goods of one return; above it the general manager "
        "authorises. 0 for no limit.",
    )
    aftersales_return_mail = fields.Boolean(
        string="Mail on Returns",
        default=True,
        help="Customers are written to when their return is authorised, with the "
        "label, or refused, with the reason.",
    )
    aftersales_return_contact_required = fields.Boolean(
        string="Fault, Address and Phone",
        help="A return is authorised only with the fault of its goods, the address "
        "they go back to, and a phone number. On the portal they are always asked for.",
    )
    aftersales_return_cause_required = fields.Boolean(
        string="Cause of Each Return",
        help="A return is closed only when the cause of each of its lines is known, "
        "and of a cause that a department answers for, the department and the person.",
    )
