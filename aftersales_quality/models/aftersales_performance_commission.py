from odoo import fields, models


class AftersalesPerformanceCommission(models.Model):
    """What a technician has of the goods and services sold on his visits (R65)."""

    _name = "aftersales.performance.commission"
    _description = "Commission Rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        index=True,
        default=lambda self: self.env.company,
        help="Empty: for every company.",
    )
    categ_id = fields.Many2one(
        comodel_name="product.category",
        string="Product Category",
        ondelete="cascade",
        index="btree_not_null",
        help="What is sold, with the categories below; the nearest category decides. "
        "Empty: all parts.",
    )
    basis = fields.Selection(
        selection=[("net_profit", "Net Profit"), ("cash", "Cash Received")],
        required=True,
        default="net_profit",
        help="Both follow the money that the customer paid in the month, without tax.\n"
        "Net Profit: less what the goods cost on the day of use.",
    )
    percent = fields.Float(string="Commission (%)", default=30.0)

    _percent_range = models.Constraint(
        "CHECK (percent BETWEEN 0 AND 100)", "A commission lies between 0 and 100 %."
    )
    _categ_uniq = models.UniqueIndex(
        "(COALESCE(categ_id, 0), COALESCE(company_id, 0)) WHERE active",
        "There is one commission rule for each product category.",
    )
