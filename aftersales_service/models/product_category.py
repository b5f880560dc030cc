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
    aftersales_class_id = fields.Many2one(
        comodel_name="aftersales.product.class",
        string="Kind of Goods",
        index="btree_not_null",
        ondelete="restrict",
        help="Which laws hold for the products of this category and of those beneath "
        "it that name no kind of their own.",
    )
