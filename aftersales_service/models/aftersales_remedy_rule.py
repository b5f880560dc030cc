from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.remedy import Rule

REMEDIES = [
    ("repair", "Repair"),
    ("replace_part", "New Part or Assembly"),
    ("replace_unit", "Same Model Instead"),
    ("exchange", "Exchange"),
    ("refund", "Refund"),
    ("loaner", "Loan Unit"),
]
BEARERS = [
    ("seller", "Seller"),
    ("repairer", "Repairer"),
    ("maker", "Maker or Supplier"),
]
COUNTING = ("same_fault_repairs", "repairs", "part_replacements", "remedy_failed")
TRIGGERS = [
    ("days_since_sale", "Days since the Sale"),
    ("same_fault_repairs", "Repairs of the Same Fault"),
    ("repairs", "Repairs of Any Fault"),
    ("part_replacements", "Replacements of the Same Part"),
    ("remedy_failed", "Same Fault after a Remedy"),
    ("days_in_repair", "Days in One Repair"),
    ("total_days_in_repair", "Days in Repair in All"),
    ("days_waiting_parts", "Days in Repair for Lack of Parts"),
    ("days_to_fix", "Days since the Call"),
]


class AftersalesRemedyRule(models.Model):
    """One row of a law or house rule: when the customer has which right (R17, R18).

    Laws change and differ by place and kind of goods: they are rows, no code names
    one of them.
    """

    _name = "aftersales.remedy.rule"
    _description = "Remedy Rule"
    _inherit = ["aftersales.plain.rule.mixin"]
    _order = "sequence, id"
    _rec_names_search = ["name", "legal_reference"]

    # ------------------------------------------------------------
    # Where and when it holds
    # ------------------------------------------------------------
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(
        default=10, help="Of two rules that give the same, the first one is proposed."
    )
    company_id = fields.Many2one(
        comodel_name="res.company", index=True, help="Empty: for all companies."
    )
    country_id = fields.Many2one(
        comodel_name="res.country",
        string="Jurisdiction",
        index=True,
        help="Country in which the unit stands; empty: everywhere.",
    )
    state_id = fields.Many2one(
        comodel_name="res.country.state",
        string="Province",
        domain="[('country_id', '=', country_id)]",
        help="For rules of one province.",
    )
    product_class_id = fields.Many2one(
        comodel_name="aftersales.product.class",
        string="Kind of Goods",
        index=True,
        ondelete="restrict",
        help="Empty: for all goods.",
    )
    date_from = fields.Date(
        string="Sold from", help="The rule holds for units sold from this day on."
    )
    date_to = fields.Date(
        string="Sold until", help="The rule holds for units sold up to this day."
    )
    counts_from = fields.Selection(
        selection=[
            ("invoice", "Invoice, else Delivery"),
            ("delivery", "Delivery, else Invoice"),
        ],
        string="Day of Sale",
        required=True,
        default="invoice",
        help="Which day the law takes for the sale where they differ.",
    )
    legal_reference = fields.Char(required=True, translate=True)
    note = fields.Text(
        translate=True,
        help="Where the rule is known from, and what it leaves to judgement.",
    )

    # ------------------------------------------------------------
    # Trigger
    # ------------------------------------------------------------
    trigger = fields.Selection(selection=TRIGGERS, required=True, index=True)
    comparison = fields.Selection(
        selection=[
            ("over", "More than"),
            ("at_least", "At least"),
            ("within", "Within"),
        ],
        required=True,
        default="over",
    )
    threshold = fields.Float(required=True, digits=(8, 0), aggregator=None)
    unit = fields.Selection(
        string="Counted as",
        selection=[
            ("day", "Days"),
            ("working_day", "Working Days"),
            ("hour_day", "Days by the Hour"),
            ("times", "Number of Times"),
        ],
        required=True,
        default="day",
        help="Days: calendar days, the first one not counted.\n"
        "Working Days: by the working hours of the team, holidays left out.\n"
        "Days by the Hour: each 24 hours are a day, the rest is one more.",
    )
    usage_limit = fields.Float(
        help="Only while the unit has not run more; 0 for no limit."
    )
    usage_unit = fields.Selection(selection=[("hour", "Hours"), ("km", "Kilometres")])
    component_ids = fields.Many2many(
        comodel_name="aftersales.component",
        relation="aftersales_remedy_rule_component_rel",
        string="Only for",
        help="Component groups the fault must concern, with those beneath them; empty: "
        "any.",
    )
    except_component_ids = fields.Many2many(
        comodel_name="aftersales.component",
        relation="aftersales_remedy_rule_except_component_rel",
        string="Not for",
        help="Component groups the rule leaves out, e.g. wear parts.",
    )
    whole_unit = fields.Boolean(
        string="Also for the Whole Unit",
        default=True,
        help="Also for faults that name no component group.",
    )
    count_by = fields.Selection(
        selection=[("part", "The same part"), ("group", "The group itself")],
        string="Counted",
        default="part",
        required=True,
        help="The same part: replacements of one product.\n"
        "The group itself: replacements of the whole assembly.",
    )
    severity = fields.Selection(
        selection=[("general", "General"), ("serious", "Serious")],
        help="Empty: any fault.",
    )
    recurrence = fields.Boolean(
        string="Fault Has Come Back",
        default=True,
        help="Counts what was done before the fault came back. Otherwise the latest "
        "repair counts as soon as it is done.",
    )
    previous_rule_ids = fields.Many2many(
        comodel_name="aftersales.remedy.rule",
        relation="aftersales_remedy_rule_previous_rel",
        column1="rule_id",
        column2="previous_id",
        string="After the Remedy of",
        help="The fault came back although the customer got the remedy of these rules.",
    )

    # ------------------------------------------------------------
    # Further conditions
    # ------------------------------------------------------------
    in_term = fields.Boolean(
        string="Inside the Warranty",
        default=True,
        help="The fault was reported before the warranty of what is faulty ended.",
    )
    needs_fault = fields.Boolean(
        string="Performance Fault",
        default=True,
        help="The unit does not do what it should.",
    )
    on_request = fields.Boolean(
        string="Customer Asks to Return It",
        help="Only when the ticket says that the customer wants to give the unit back.",
    )
    needs_report = fields.Boolean(
        string="Quality Inspection Report",
        help="Only with the report of a quality inspection on the ticket.",
    )
    needs_part = fields.Boolean(
        string="Part Must Be Replaced",
        help="Only when a part of these component groups is to be replaced.",
    )
    void_by_exclusion = fields.Boolean(
        string="Void by Exclusions",
        default=True,
        help="A finding that turns a free repair into a paid one takes this right, "
        "too.",
    )
    busy_season_only = fields.Boolean(
        help="Only for faults reported in a busy season of the kind of goods."
    )
    window_days = fields.Integer(
        string="Days from the First Season",
        help="Only for faults reported in so many days from the start of the unit's "
        "first busy season; 0 for no such window.",
    )
    excluded_reason_ids = fields.Many2many(
        comodel_name="aftersales.custody.reason",
        relation="aftersales_remedy_rule_excluded_reason_rel",
        string="Time Not Counted",
        help="Days for which the clock stands by these reasons are left out. Leaving "
        "out all but the repairer's own leaves the days of his fault.",
    )
    needed_reason_ids = fields.Many2many(
        comodel_name="aftersales.custody.reason",
        relation="aftersales_remedy_rule_needed_reason_rel",
        string="Noted on the Record",
        help="The repairer has noted a stop for one of these reasons; that is the "
        "proof.",
    )
    yields_to_ids = fields.Many2many(
        comodel_name="aftersales.remedy.rule",
        relation="aftersales_remedy_rule_yields_rel",
        column1="rule_id",
        column2="stronger_id",
        string="Yields to",
        help="Rules that give at least as much: when one of them applies, this one is "
        "not proposed.",
    )

    # ------------------------------------------------------------
    # Right
    # ------------------------------------------------------------
    remedy = fields.Selection(selection=REMEDIES, required=True)
    or_repair = fields.Boolean(string="or Repair")
    or_exchange = fields.Boolean(string="or Exchange")
    or_refund = fields.Boolean(string="or Refund")
    cost_bearer = fields.Selection(
        selection=BEARERS,
        required=True,
        default="seller",
        help="Maker or Supplier: we give the remedy and recover it from him.",
    )
    answer_days = fields.Integer(
        string="Answer within",
        default=15,
        aggregator=None,
        help="How long the customer may wait for our answer; 0 for no deadline.",
    )
    answer_unit = fields.Selection(
        selection=[("day", "Days"), ("working_day", "Working Days")],
        required=True,
        default="day",
    )
    remedy_count = fields.Integer(string="Remedies", compute="_compute_remedy_count")

    _threshold_sane = models.Constraint(
        "CHECK (threshold >= 0 AND threshold <= 3660)",
        "The threshold of a rule lies between nothing and ten years.",
    )
    _window_sane = models.Constraint(
        "CHECK (COALESCE(window_days, 0) BETWEEN 0 AND 366 "
        "AND COALESCE(answer_days, 0) BETWEEN 0 AND 366)",
        "A window or an answer takes no longer than a year.",
    )
    _dates_in_order = models.Constraint(
        "CHECK (date_from IS NULL OR date_to IS NULL OR date_from <= date_to)",
        "A rule cannot end before it begins.",
    )
    _usage_sane = models.Constraint(
        "CHECK (COALESCE(usage_limit, 0) >= 0 "
        "AND (COALESCE(usage_limit, 0) = 0 OR usage_unit IS NOT NULL))",
        "A usage limit is positive and says whether it counts hours or kilometres.",
    )

    @api.depends("trigger")
    def _compute_remedy_count(self):
        counts = dict(
            self.env["aftersales.remedy"]._read_group(
                [("rule_id", "in", self.ids)], ["rule_id"], ["__count"]
            )
        )
        for rule in self:
            rule.remedy_count = counts.get(rule, 0)

    # ------------------------------------------------------------
    # GUARDS
    # ------------------------------------------------------------

    @api.constrains("trigger", "unit", "comparison")
    def _check_unit(self):
        """Repairs are counted in times, everything else in days."""
        for rule in self:
            if (rule.unit == "times") != (rule.trigger in COUNTING):
                raise ValidationError(
                    self.env._(
                        "%s: repairs and parts are counted in times, everything else "
                        "in days.",
                        rule.name,
                    )
                )
            if rule.comparison == "within" and rule.trigger != "days_since_sale":
                raise ValidationError(
                    self.env._(
                        "%s: only the days since the sale are counted as within.",
                        rule.name,
                    )
                )
            if rule.trigger == "days_since_sale" and rule.unit != "day":
                raise ValidationError(
                    self.env._(
                        "%s: the time since the sale is counted in calendar days.",
                        rule.name,
                    )
                )

    @api.constrains("trigger", "previous_rule_ids", "count_by", "component_ids")
    def _check_complete(self):
        """A rule names what it counts."""
        for rule in self:
            if rule.trigger == "remedy_failed" and not rule.previous_rule_ids:
                raise ValidationError(
                    self.env._("%s: say after the remedy of which rules.", rule.name)
                )
            if rule.trigger == "part_replacements" and not rule.component_ids:
                raise ValidationError(
                    self.env._("%s: name the component groups.", rule.name)
                )

    @api.constrains("state_id", "country_id")
    def _check_state(self):
        for rule in self:
            if rule.state_id and rule.state_id.country_id != rule.country_id:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: %(state)s is no province of the jurisdiction.",
                        rule=rule.name,
                        state=rule.state_id.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_used(self):
        """A rule that gave a right stays; archive it."""
        if used := self.filtered("remedy_count"):
            raise ValidationError(
                self.env._(
                    "Remedies were proposed by these rules; archive them instead: %s",
                    ", ".join(used.mapped("name")),
                )
            )

    # ------------------------------------------------------------
    # READING
    # ------------------------------------------------------------

    def _get_plain(self):
        self.ensure_one()
        return Rule(
            key=self.id,
            trigger=self.trigger,
            threshold=self.threshold,
            unit=self.unit,
            comparison=self.comparison,
            company=self.company_id.id,
            country=self.country_id.id,
            state=self.state_id.id,
            product_class=self.product_class_id.id,
            date_from=self.date_from or None,
            date_to=self.date_to or None,
            counts_from=self.counts_from,
            in_term=self.in_term,
            needs_fault=self.needs_fault,
            on_request=self.on_request,
            needs_report=self.needs_report,
            needs_part=self.needs_part,
            void_by_exclusion=self.void_by_exclusion,
            severity=self.severity or None,
            components=frozenset(self.component_ids.ids),
            except_components=frozenset(self.except_component_ids.ids),
            whole_unit=self.whole_unit,
            busy_season_only=self.busy_season_only,
            window_days=self.window_days,
            usage_limit=self.usage_limit,
            usage_unit=self.usage_unit or None,
            recurrence=self.recurrence,
            count_by=self.count_by,
            excluded=frozenset(self.excluded_reason_ids.ids),
            needed=frozenset(self.needed_reason_ids.ids),
            yields_to=frozenset(self.yields_to_ids.ids),
            after=frozenset(self.previous_rule_ids.ids),
            remedy=self.remedy,
        )

    def _get_choices(self):
        """Return the remedies among which the customer may choose."""
        self.ensure_one()
        return {
            self.remedy,
            *(
                remedy
                for remedy in ("repair", "exchange", "refund")
                if self[f"or_{remedy}"]
            ),
        }

    def action_view_remedies(self):
        """Open the remedies that these rules gave."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_service.aftersales_remedy_action"
        )
        return {**action, "domain": [("rule_id", "in", self.ids)], "context": {}}
