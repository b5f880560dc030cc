from odoo import fields, models

from ..tools.deadline import Step, get_allowance

HANDLINGS = [
    ("customer", "Customer's Return"),
    ("team", "Own Rework Team"),
    ("lot", "Returned Lot"),
    ("supplier", "Repair by the Supplier"),
]


class AftersalesReturnDeadlineRule(models.Model):
    """Working days that a return may take, by who works on it and how many (R50)."""

    _name = "aftersales.return.deadline.rule"
    _description = "Turnaround of Returns"
    _order = "handling, quantity_up_to, id"

    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        index=True,
        help="Empty: for every company that has no rows of its own for this work.",
    )
    handling = fields.Selection(
        selection=HANDLINGS, string="Work", required=True, default="customer"
    )
    quantity_up_to = fields.Float(
        string="Up to (Pieces)",
        digits="Product Unit",
        help="The row holds up to this quantity; 0 for any.",
    )
    days = fields.Integer(
        string="Working Days",
        required=True,
        default=5,
        help="Counted from the day after the goods have come.",
    )
    further_quantity = fields.Float(
        string="Each Further (Pieces)",
        digits="Product Unit",
        help="More than the row holds for: each further so many pieces, or part of "
        "them, take the further days.",
    )
    further_days = fields.Integer()
    days_max = fields.Integer(
        string="At Most (Days)",
        help="Until when it must be done in any case; 0 for the same day.",
    )

    _days_sane = models.Constraint(
        "CHECK (days >= 0 AND days_max >= 0 AND further_days >= 0 "
        "AND days <= 366 AND days_max <= 366)",
        "A turnaround is between 0 and 366 working days.",
    )
    _quantity_sane = models.Constraint(
        "CHECK (COALESCE(quantity_up_to, 0) >= 0 AND COALESCE(further_quantity, 0) >= 0)",
        "A quantity is not negative.",
    )

    def _compute_display_name(self):
        handlings = dict(self._fields["handling"]._description_selection(self.env))
        for rule in self:
            rule.display_name = self.env._(
                "%(work)s: %(days)s working days",
                work=handlings.get(rule.handling, ""),
                days=rule.days,
            )

    def _get_allowance(self, company, handling, quantity):
        """Return the days by the rows of a company, None without rows.

        :param company: whose rows come before those for every company
        :param str handling: who works on the goods
        :param float quantity: pieces
        """
        rows = self.filtered(lambda rule: rule.handling == handling)
        own = rows.filtered(lambda rule: rule.company_id == company)
        shared = rows.filtered(lambda rule: not rule.company_id)
        return get_allowance([rule._get_step() for rule in own or shared], quantity)

    def _get_step(self):
        self.ensure_one()
        return Step(
            up_to=self.quantity_up_to,
            days=self.days,
            further=self.further_quantity,
            further_days=self.further_days,
            days_max=self.days_max,
        )
