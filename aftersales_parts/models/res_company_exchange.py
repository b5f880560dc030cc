from odoo import fields, models


class ResCompany(models.Model):
    """Who may send a replacement first, and how long the faulty goods take (R48)."""

    _inherit = "res.company"

    aftersales_exchange_first = fields.Boolean(
        string="The Desk Sends Replacements First",
        help="Otherwise a supervisor decides that a replacement leaves before the faulty "
        "goods are back.",
    )
    aftersales_due_back_days = fields.Integer(
        string="Faulty Goods Due Back (Days)",
        default=14,
        help="Days after the delivery of a replacement that was sent first.",
    )

    _aftersales_due_back_sane = models.Constraint(
        "CHECK (COALESCE(aftersales_due_back_days, 0) BETWEEN 0 AND 3650)",
        "Faulty goods are due back within 0 to 3650 days.",
    )
