from odoo import fields, models


class ProductTemplate(models.Model):
    """What a service contract gives that is sold as a product (R19)."""

    _inherit = "product.template"

    aftersales_contract_months = fields.Integer(
        string="Months",
        default=12,
        help="How long the contract runs; it begins with order and delivery.",
    )
    aftersales_contract_visits_included = fields.Integer(
        string="Visits Included",
        help="For each ordered quantity, in the whole period; 0 for no limit.",
    )
    aftersales_contract_hours_included = fields.Float(
        string="Hours Included",
        help="Hours of labour for each ordered quantity, in the whole period; 0 for no "
        "limit.",
    )
    aftersales_contract_covers_labour = fields.Boolean(
        string="Contract Covers Labour", default=True
    )
    aftersales_contract_covers_parts = fields.Boolean(string="Contract Covers Parts")
    aftersales_contract_covers_travel = fields.Boolean(
        string="Contract Covers Travel", default=True
    )

    _aftersales_contract_sane = models.Constraint(
        "CHECK (aftersales_contract_months BETWEEN 1 AND 600 "
        "AND COALESCE(aftersales_contract_visits_included, 0) >= 0 "
        "AND COALESCE(aftersales_contract_hours_included, 0) >= 0)",
        "A contract runs between 1 and 600 months and does not include less than "
        "nothing.",
    )
