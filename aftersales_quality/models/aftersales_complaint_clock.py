from odoo import api, fields, models, tools

from ..tools.complaint import Clock
from .aftersales_complaint import CHANNELS, STATES

AUDIENCES = [
    ("handler", "Who Handles It"),
    ("supervisor", "The Team's Supervisor"),
    ("department", "The Head of the Liable Department"),
    ("lead", "Quality Lead"),
    ("officer", "Performance Officer"),
    ("vice_president", "Vice-President"),
    ("manager", "General Manager"),
]
# Moments at which somebody is told, in their order, and the field that says who.
MOMENTS = [
    ("begin", "At Once"),
    ("warning", "Soon Due"),
    ("late", "Late"),
    ("later", "Still Late"),
]


class AftersalesComplaintClock(models.Model):
    """A limit of time of complaints: of a step, of the house or of the law (R58, R60)."""

    _name = "aftersales.complaint.clock"
    _description = "Time Limit of Complaints"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company", index=True, help="Empty: for all companies."
    )
    kind = fields.Selection(
        selection=[
            ("step", "Of a Step"),
            ("house", "Of the House"),
            ("legal", "Of the Law"),
        ],
        string="Kind of Limit",
        required=True,
        default="step",
    )
    legal_reference = fields.Char(translate=True, help="Act and article.")

    # ------------------------------------------------------------
    # How long
    # ------------------------------------------------------------
    step = fields.Selection(
        selection=[row for row in STATES if row[0] not in ("archived", "rejected")],
        string="While at",
        help="The limit counts from this step until the next one is taken.",
    )
    start = fields.Selection(
        selection=[
            ("received", "The Complaint"),
            ("goods", "The Goods Coming Back"),
            ("promise", "The Time Promised"),
        ],
        string="Counts from",
        default="received",
        help="The time promised is itself the limit.",
    )
    stop = fields.Selection(
        selection=[
            *[row for row in STATES if row[0] not in ("recorded", "rejected")],
            ("visit", "A Visit on Site"),
            ("letter", "A Letter to the Customer"),
            ("refund", "The Return Being Settled"),
            ("told", "Somebody Being Told"),
        ],
        string="Met by",
        default="agreed",
    )
    amount = fields.Integer(string="Limit", required=True, default=1)
    unit = fields.Selection(
        selection=[
            ("hour", "Hours"),
            ("day", "Days"),
            ("working_day", "Working Days"),
        ],
        required=True,
        default="working_day",
        help="Days end with the day; the one on which they begin does not count.",
    )

    # ------------------------------------------------------------
    # Which complaints
    # ------------------------------------------------------------
    country_id = fields.Many2one(
        comodel_name="res.country",
        string="Jurisdiction",
        index="btree_not_null",
        help="Country of the customer; empty: everywhere.",
    )
    product_class_id = fields.Many2one(
        comodel_name="aftersales.product.class",
        string="Kind of Goods",
        index="btree_not_null",
        ondelete="restrict",
        help="Empty: for all goods.",
    )
    customers = fields.Selection(
        selection=[("person", "Persons"), ("company", "Companies")],
        help="Laws for consumers do not speak of companies; empty: of both.",
    )
    complaint_kind = fields.Selection(
        selection=[
            ("quality", "Quality"),
            ("service", "Not Quality"),
            ("other", "Other"),
        ],
        string="Class",
        help="Empty: every class.",
    )
    severity = fields.Selection(
        selection=[("light", "Light"), ("severe", "Severe")], help="Empty: both."
    )
    channel = fields.Selection(selection=CHANNELS, help="Empty: every channel.")
    date_from = fields.Date(
        string="Valid from", help="For complaints from this day on."
    )
    date_to = fields.Date(string="Valid until", help="For complaints up to this day.")

    # ------------------------------------------------------------
    # Who is told
    # ------------------------------------------------------------
    tell_begin = fields.Selection(
        selection=AUDIENCES, string="Told at Once", help="When the limit begins."
    )
    tell_warning = fields.Selection(
        selection=AUDIENCES, string="Told before", default="handler"
    )
    warning = fields.Integer(
        string="Hours before", default=8, help="How long before it is due."
    )
    tell_late = fields.Selection(
        selection=AUDIENCES, string="Told When Late", default="supervisor"
    )
    tell_later = fields.Selection(selection=AUDIENCES, string="Told Later")
    later = fields.Integer(
        string="Hours Later", default=24, help="How long after it was due."
    )
    by_mail = fields.Boolean(
        string="Mail", default=True, help="A mail besides the to-do."
    )
    text = fields.Text(
        translate=True, help="What the told ones are asked to do, in one or two lines."
    )

    _amount_sane = models.Constraint(
        "CHECK (amount BETWEEN 0 AND 3650)", "A limit is between at once and ten years."
    )
    _hours_sane = models.Constraint(
        "CHECK (COALESCE(warning, 0) BETWEEN 0 AND 8760 "
        "AND COALESCE(later, 0) BETWEEN 0 AND 8760)",
        "Hours before and later are between 0 and a year.",
    )
    _step_given = models.Constraint(
        "CHECK (kind <> 'step' OR step IS NOT NULL)",
        "The limit of a step names the step.",
    )
    _start_given = models.Constraint(
        "CHECK (kind = 'step' OR (start IS NOT NULL AND stop IS NOT NULL))",
        "A limit of the house or of the law says what it counts from and what meets it.",
    )
    _days_in_order = models.Constraint(
        "CHECK (date_from IS NULL OR date_to IS NULL OR date_to >= date_from)",
        "The last day comes after the first one.",
    )

    # ------------------------------------------------------------
    # IN FORCE
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        clocks = super().create(vals_list)
        self.env.registry.clear_cache()
        return clocks

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.model
    @tools.ormcache()
    def _get_plain_clocks(self):
        """Return ``{id: tools.complaint.Clock}`` of the limits in force, in order."""
        # What is due when holds for everybody, whoever works on the complaint.
        return {clock.id: clock._make_plain() for clock in self.sudo().search([])}

    def _make_plain(self):
        self.ensure_one()
        return Clock(
            key=self.id,
            kind=self.kind,
            step=self.step or "",
            start=self.start or "received",
            stop=self.stop or "archived",
            amount=self.amount,
            unit=self.unit,
            warning=self.warning,
            later=self.later,
            moments=frozenset(
                moment for moment, _label in MOMENTS if self[f"tell_{moment}"]
            ),
            company=self.company_id.id or 0,
            country=self.country_id.id or 0,
            channel=self.channel or "",
            complaint_kind=self.complaint_kind or "",
            severity=self.severity or "",
            product_class=self.product_class_id.id or 0,
            customers=self.customers or "",
            date_from=self.date_from or None,
            date_to=self.date_to or None,
        )
