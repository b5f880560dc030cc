from odoo import fields, models


class AftersalesCause(models.Model):
    """Causes name the process they arise in, too (R59)."""

    _inherit = "aftersales.cause"

    process = fields.Char(
        translate=True, help="Step of the work in which it arises, e.g. welding."
    )
