from odoo import fields, models


class ProductCategory(models.Model):
    _inherit = "product.category"

    aftersales_policy_id = fields.Many2one(
        comodel_name="aftersales.warranty.policy",
        string="Warranty Policy",
        company_dependent=True,
        check_company=True,
        help="Terms of the products of this category and of those beneath it that "
        "have none of their own.",
    )
