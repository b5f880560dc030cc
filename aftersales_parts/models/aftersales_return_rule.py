from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.return_rule import ReturnRule
from .aftersales_return_line import PRICE_RULES, REMEDIES

FREIGHT_BEARERS = [("customer", "Customer"), ("company", "We")]


class AftersalesReturnRule(models.Model):
    """One row of the house rules: what is taken back, and at which price (R18, R48).

    The first row whose conditions a line meets decides. Rules change and differ by
    reason and kind of goods: they are rows, no code names one of them.
    """

    _name = "aftersales.return.rule"
    _description = "Return Rule"
    _inherit = ["aftersales.plain.rule.mixin"]
    _order = "sequence, id"
    _check_company_auto = True

    # ------------------------------------------------------------
    # Where and when it holds
    # ------------------------------------------------------------
    name = fields.Char(
        required=True,
        translate=True,
        help="Read by the desk as the reason of the decision.",
    )
    sequence = fields.Integer(
        default=10, help="The first rule that a line meets decides."
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company", index=True, help="Empty: for all companies."
    )
    date_from = fields.Date(
        string="Valid from", help="Of requests from this day on; empty: always."
    )
    date_to = fields.Date(
        string="Valid until", help="Of requests until this day; empty: always."
    )
    reason_ids = fields.Many2many(
        comodel_name="aftersales.return.reason",
        string="Return Reasons",
        help="Empty: whatever the reason.",
    )
    categ_ids = fields.Many2many(
        comodel_name="product.category",
        string="Product Categories",
        help="With all categories below them; empty: all.",
    )
    class_ids = fields.Many2many(
        comodel_name="aftersales.product.class",
        string="Kinds of Goods",
        help="Empty: all kinds.",
    )
    days_from = fields.Integer(
        string="From Day",
        aggregator=None,
        help="Only when so many days have passed since the delivery.",
    )
    days_to = fields.Integer(
        string="To Day",
        aggregator=None,
        help="Only until so many days after the delivery; 0 for no end.",
    )
    season_over = fields.Boolean(
        string="Season Is Over",
        help="Only when a busy season of the kind of goods has ended since the "
        "delivery.",
    )
    discount = fields.Selection(
        selection=[
            ("with", "Bought at a Discount"),
            ("without", "Bought without a Discount"),
        ],
        string="Only Goods",
        help="Empty: with or without a discount.",
    )

    # ------------------------------------------------------------
    # What it says
    # ------------------------------------------------------------
    accepted = fields.Boolean(
        default=True,
        help="Untick for goods that are not taken back: only the remedies ticked here "
        "are offered instead.",
    )
    allows_refund = fields.Boolean(string="Refund Allowed", default=True)
    allows_exchange = fields.Boolean(string="Exchange Allowed", default=True)
    allows_repair = fields.Boolean(string="Repair Allowed", default=True)
    allows_send_back = fields.Boolean(string="Sending Back Allowed", default=True)
    window_days = fields.Integer(
        string="Return Window",
        aggregator=None,
        help="Days from the delivery in which goods are taken back; 0 for no limit.",
    )
    price_rule = fields.Selection(selection=PRICE_RULES, required=True, default="paid")
    inspection_required = fields.Boolean(
        string="Inspected on Arrival",
        default=True,
        help="Credited or replaced only after the report of the inspection.",
    )
    freight_bearer = fields.Selection(
        selection=FREIGHT_BEARERS,
        string="Freight Paid by",
        required=True,
        default="customer",
    )
    note = fields.Text(string="Source and Explanation", translate=True)

    _dates_in_order = models.Constraint(
        "CHECK (date_from IS NULL OR date_to IS NULL OR date_from <= date_to)",
        "A rule cannot end before it begins.",
    )
    _days_sane = models.Constraint(
        "CHECK (COALESCE(days_from, 0) >= 0 AND COALESCE(days_to, 0) >= 0 "
        "AND COALESCE(window_days, 0) >= 0 "
        "AND (COALESCE(days_to, 0) = 0 OR days_to >= COALESCE(days_from, 0)))",
        "Days of a rule are not negative, and end after they begin.",
    )
    _refused_gives_nothing = models.Constraint(
        "CHECK (accepted OR NOT (allows_refund OR allows_exchange))",
        "Goods that are not taken back are neither refunded nor exchanged.",
    )

    @api.constrains("accepted", "allows_repair", "allows_send_back")
    def _check_something_allowed(self):
        for rule in self:
            if rule.accepted and not rule._get_allowed():
                raise ValidationError(
                    self.env._(
                        "%s: goods that are taken back have at least one remedy.",
                        rule.name,
                    )
                )

    # ------------------------------------------------------------
    # READING
    # ------------------------------------------------------------

    def _get_plain(self):
        self.ensure_one()
        return ReturnRule(
            key=self.id,
            company=self.company_id.id,
            date_from=self.date_from or None,
            date_to=self.date_to or None,
            reasons=frozenset(self.reason_ids.ids),
            categories=frozenset(self.categ_ids.ids),
            classes=frozenset(self.class_ids.ids),
            days_from=self.days_from,
            days_to=self.days_to,
            season_over=self.season_over,
            discount=self.discount or None,
        )

    def _get_allowed(self):
        """Return the remedies that a rule allows."""
        self.ensure_one()
        return {remedy for remedy, _label in REMEDIES if self[f"allows_{remedy}"]}

    def _say_allowed(self):
        """Return the remedies that a rule allows, in words."""
        self.ensure_one()
        allowed = self._get_allowed()
        field = self.env["aftersales.return.line"]._fields["remedy"]
        labels = field._description_selection(self.env)
        return ", ".join(label for remedy, label in labels if remedy in allowed)
