from odoo import fields, models


class AftersalesCustomerClass(models.Model):
    """How often customers of a kind are visited (R35)."""

    _name = "aftersales.customer.class"
    _description = "Customer Class"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    months = fields.Integer(
        string="Months Between Visits",
        required=True,
        default=12,
        help="A visit is due so long after the last visit or service.",
    )
    partner_count = fields.Integer(string="Customers", compute="_compute_partner_count")

    _months_positive = models.Constraint(
        "CHECK (months BETWEEN 1 AND 120)",
        "The months between two visits lie between 1 and 120.",
    )

    def _compute_partner_count(self):
        counts = dict(
            self.env["res.partner"]._read_group(
                [("aftersales_class_id", "in", self.ids)],
                ["aftersales_class_id"],
                ["__count"],
            )
        )
        for customer_class in self:
            customer_class.partner_count = counts.get(customer_class, 0)
