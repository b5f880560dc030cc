from odoo import api, fields, models

EVENT_KINDS = {
    "solved": "after_service",
    "delivered": "delivery",
    "handed_back": "hand_back",
}


class AftersalesCallbackRule(models.Model):
    """When the customer is called after something happened (R34): dated policy rows."""

    _name = "aftersales.callback.rule"
    _description = "Callback Rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company", index="btree_not_null", help="All when empty."
    )
    event = fields.Selection(
        selection=[
            ("solved", "A ticket is solved"),
            ("delivered", "Goods are delivered"),
            ("handed_back", "An item is handed back"),
            ("callback", "The round before is done"),
        ],
        string="After",
        required=True,
        default="solved",
    )
    kind = fields.Selection(
        selection=[
            ("after_service", "After Service"),
            ("delivery", "After Delivery"),
            ("hand_back", "After Hand-Back"),
        ],
        string="Kind of Callback",
        compute="_compute_kind",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    round = fields.Integer(
        default=1,
        required=True,
        help="1 for the first callback; a later one follows the round before it.",
    )
    first_day = fields.Integer(
        required=True,
        default=3,
        help="Days after the event; the call is due from then.",
    )
    last_day = fields.Integer(
        required=True,
        default=7,
        help="Days after the event; overdue from the next day.",
    )
    script = fields.Html(translate=True, help="What the caller asks and says.")
    team_id = fields.Many2one(
        comodel_name="aftersales.team",
        index="btree_not_null",
        help="Only for tickets of this team; for all when empty.",
    )
    for_paid = fields.Boolean(string="Paid Service", default=True)
    for_contract = fields.Boolean(string="Service under Contract", default=True)
    for_warranty = fields.Boolean(string="Free Service", default=True)

    _days_in_order = models.Constraint(
        "CHECK (0 <= first_day AND first_day <= last_day AND last_day <= 366)",
        "The first day of a callback comes before the last, both within one year.",
    )
    _round_follows = models.Constraint(
        "CHECK ((event = 'callback' AND round > 1) OR "
        "(event <> 'callback' AND round = 1))",
        "The first round follows an event, a later round the one before it.",
    )

    @api.depends("event")
    def _compute_kind(self):
        for rule in self:
            rule.kind = EVENT_KINDS.get(rule.event, rule.kind or "after_service")

    @api.model
    def _get_of_event(self, event, companies):
        """Return the rules of an event, the most special ones first.

        :param str event: solved, delivered, handed_back or callback
        """
        rules = self.search(
            [("event", "=", event), ("company_id", "in", [*companies.ids, False])]
        )
        return rules.sorted(lambda rule: (not rule.team_id, not rule.company_id))

    def _pick(self, company, team, service_kind, kind=None, number=None):
        """Return the first of these rules that applies, if any.

        :param str service_kind: of the ticket, False when there is none
        :param str kind: kind of the callback before, for later rounds
        :param int number: round that is looked for, for later rounds
        """
        for rule in self:
            if (
                (not rule.company_id or rule.company_id == company)
                and (not rule.team_id or rule.team_id == team)
                and (not service_kind or rule[f"for_{service_kind}"])
                and (not kind or rule.kind == kind)
                and (not number or rule.round == number)
            ):
                return rule
        return self.browse()
