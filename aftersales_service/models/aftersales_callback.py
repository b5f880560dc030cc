from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from .aftersales_callback_attempt import RESULTS

# Written by planning and the results alone.
FACTS = frozenset(
    {
        "state",
        "result",
        "round",
        "rule_id",
        "date_deadline",
        "date_done",
        "attempt_count",
        "cancel_reason",
        "new_ticket_id",
        "wish_state",
        "wish_deadline",
        "solution_date",
        "tell_deadline",
        "told_date",
        "picking_id",
        "custody_id",
        "campaign_id",
        "visit_plan_id",
    }
)


class AftersalesCallback(models.Model):
    """A call, visit or letter to a customer that was promised to him (R34–R36)."""

    _name = "aftersales.callback"
    _description = "Callback"
    _inherit = [
        "aftersales.fact.mixin",
        "mail.thread.phone",
        "mail.activity.mixin",
    ]
    _facts = FACTS
    _given_at_creation = frozenset({"date_deadline"})
    _order = "date_deadline, date_planned, id"
    _rec_names_search = ["partner_name", "phone", "ticket_id.name"]
    _check_company_auto = True

    # ------------------------------------------------------------
    # Whom and why
    # ------------------------------------------------------------
    name = fields.Char(string="Callback", compute="_compute_name")
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    kind = fields.Selection(
        selection=[
            ("after_service", "After Service"),
            ("delivery", "After Delivery"),
            ("hand_back", "After Hand-Back"),
            ("visit", "Planned Visit"),
            ("notice", "Campaign Notice"),
            ("letter", "Letter"),
        ],
        required=True,
        default="after_service",
    )
    channel = fields.Selection(
        selection=[
            ("phone", "Phone"),
            ("visit", "Customer Visit"),
            ("mail", "Email"),
            ("letter", "Letter"),
        ],
        compute="_compute_channel",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
    )
    partner_name = fields.Char(
        string="Contact",
        compute="_compute_partner_name",
        store=True,
        readonly=False,
        precompute=True,
        index="trigram",
    )
    phone = fields.Char(
        compute="_compute_phone", store=True, readonly=False, precompute=True
    )
    # Known with the record: a batch is written once.
    phone_sanitized = fields.Char(
        compute="_compute_phone_sanitized",
        compute_sudo=True,
        store=True,
        precompute=True,
        index="btree_not_null",
    )
    city = fields.Char(related="partner_id.city")
    ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        index="btree_not_null",
        check_company=True,
        ondelete="cascade",
    )
    equipment_id = fields.Many2one(
        comodel_name="aftersales.equipment",
        string="Unit",
        compute="_compute_equipment_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
    )
    picking_id = fields.Many2one(
        comodel_name="stock.picking",
        string="Delivery",
        readonly=True,
        index="btree_not_null",
    )
    custody_id = fields.Many2one(
        comodel_name="aftersales.custody",
        string="Item in Repair",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    rule_id = fields.Many2one(
        comodel_name="aftersales.callback.rule",
        readonly=True,
        index="btree_not_null",
        help="The rule that planned it; empty when a person did.",
    )
    script = fields.Html(compute="_compute_script")
    team_id = fields.Many2one(
        comodel_name="aftersales.team",
        compute="_compute_team_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Called by",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        index="btree_not_null",
        help="Who calls, writes or visits; whoever did it once it is done.",
    )

    # ------------------------------------------------------------
    # When and what came of it
    # ------------------------------------------------------------
    round = fields.Integer(default=1, readonly=True)
    date_planned = fields.Date(
        string="Planned for",
        required=True,
        default=fields.Date.context_today,
        help="Day of the first attempt, of the next one after the customer was not "
        "reached.",
    )
    date_deadline = fields.Date(
        string="Last Day",
        compute="_compute_date_deadline",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="Promised until then; overdue from the next day.",
    )
    state = fields.Selection(
        selection=[
            ("draft", "To Be Approved"),
            ("planned", "Planned"),
            ("done", "Done"),
            ("cancelled", "Withdrawn"),
        ],
        required=True,
        readonly=True,
        default="planned",
        copy=False,
    )
    due_state = fields.Selection(
        selection=[
            ("late", "Overdue"),
            ("due", "Due"),
            ("later", "Later"),
            ("none", "Nothing to Do"),
        ],
        string="Due",
        compute="_compute_due_state",
        search="_search_due_state",
    )
    date_done = fields.Datetime(string="Done on", readonly=True, copy=False)
    result = fields.Selection(selection=RESULTS, readonly=True, copy=False)
    answer = fields.Text(
        string="What the Customer Says", copy=False, help="In his own words."
    )
    attempt_count = fields.Integer(string="Attempts", readonly=True, copy=False)
    attempt_ids = fields.One2many(
        comodel_name="aftersales.callback.attempt",
        inverse_name="callback_id",
        readonly=True,
        copy=False,
    )
    cancel_reason = fields.Char(string="Withdrawn Because", readonly=True, copy=False)
    new_ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        string="Ticket Opened",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Registered because the customer reported a fault.",
    )

    _due_idx = models.Index("(company_id, date_planned) WHERE state = 'planned'")
    _late_idx = models.Index("(company_id, date_deadline) WHERE state = 'planned'")
    _register_idx = models.Index("(company_id, date_done) WHERE state = 'done'")
    _ticket_uniq = models.UniqueIndex(
        "(ticket_id, kind, round) WHERE state = 'planned' AND ticket_id IS NOT NULL "
        "AND custody_id IS NULL",
        "This callback of the ticket is planned already.",
    )
    _picking_uniq = models.UniqueIndex(
        "(picking_id, partner_id, kind, round) WHERE picking_id IS NOT NULL",
        "A delivery has one callback for each customer and round.",
    )
    _custody_uniq = models.UniqueIndex(
        "(custody_id, round) WHERE state = 'planned' AND custody_id IS NOT NULL",
        "This callback of the hand-back is planned already.",
    )
    _done_has_result = models.Constraint(
        "CHECK (state <> 'done' OR (result IS NOT NULL AND date_done IS NOT NULL))",
        "A callback that is done says when and with which result.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("kind", "round", "ticket_id.name", "equipment_id.name")
    @api.depends_context("lang")
    def _compute_name(self):
        """Identify the callback without naming anybody."""
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for callback in self:
            source = callback.ticket_id.name or callback.equipment_id.name
            kind = kinds.get(callback.kind, "")
            if callback.round > 1:
                kind = f"{kind} {callback.round}"
            callback.name = " · ".join(part for part in (kind, source) if part)

    @api.depends("name", "partner_name")
    def _compute_display_name(self):
        for callback in self:
            parts = (callback.name, callback.partner_name)
            callback.display_name = " · ".join(part for part in parts if part)

    @api.depends("kind")
    def _compute_channel(self):
        channels = {"visit": "visit", "letter": "letter"}
        for callback in self:
            callback.channel = channels.get(callback.kind, "phone")

    @api.depends("ticket_id", "equipment_id")
    def _compute_partner_id(self):
        for callback in self:
            source = callback.ticket_id.partner_id or callback.equipment_id.partner_id
            callback.partner_id = callback.partner_id or source

    @api.depends("partner_id", "ticket_id")
    def _compute_partner_name(self):
        for callback in self:
            name = callback.ticket_id.partner_name or callback.partner_id.name
            callback.partner_name = name or callback.partner_name

    @api.depends("partner_id", "ticket_id")
    def _compute_phone(self):
        for callback in self:
            phone = callback.ticket_id.partner_phone or callback.partner_id.phone
            callback.phone = phone or callback.phone

    @api.depends("ticket_id")
    def _compute_equipment_id(self):
        for callback in self:
            unit = callback.ticket_id.equipment_id
            callback.equipment_id = unit or callback.equipment_id

    @api.depends("ticket_id")
    def _compute_team_id(self):
        for callback in self:
            callback.team_id = callback.ticket_id.team_id or callback.team_id

    @api.depends("date_planned")
    def _compute_date_deadline(self):
        """A day typed by hand is its own last day; later attempts do not move it."""
        for callback in self:
            callback.date_deadline = callback.date_deadline or callback.date_planned

    @api.depends("rule_id.script")
    @api.depends_context("lang")
    def _compute_script(self):
        for callback in self:
            # Rules are for everybody who calls to read, those of the ticket's team.
            callback.script = callback.sudo().rule_id.script

    @api.depends("state", "date_planned", "date_deadline")
    def _compute_due_state(self):
        today = fields.Date.context_today(self)
        for callback in self:
            if callback.state != "planned" or not callback.date_planned:
                callback.due_state = "none"
            elif callback.date_deadline < today:
                callback.due_state = "late"
            else:
                due = callback.date_planned <= today
                callback.due_state = "due" if due else "later"

    def _search_due_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        planned = Domain("state", "=", "planned")
        today = fields.Date.context_today(self)
        late = Domain("date_deadline", "<", today)
        begun = Domain("date_planned", "<=", today)
        domains = {
            "late": planned & late,
            "due": planned & ~late & begun,
            "later": planned & ~late & ~begun,
            "none": ~planned,
        }
        return Domain.OR(domains[state or "none"] for state in value)

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr != "due_state":
            return super()._field_to_sql(alias, field_expr, query)
        today = fields.Date.context_today(self)
        return SQL(
            "CASE WHEN %(state)s <> 'planned' THEN 'none' "
            "WHEN %(deadline)s < %(today)s THEN 'late' "
            "WHEN %(planned)s <= %(today)s THEN 'due' ELSE 'later' END",
            state=self._field_to_sql(alias, "state", query),
            deadline=self._field_to_sql(alias, "date_deadline", query),
            planned=self._field_to_sql(alias, "date_planned", query),
            today=today,
        )

    def _phone_get_number_fields(self):
        return ["phone"]

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.constrains("partner_id", "partner_name", "phone")
    def _check_customer(self):
        if any(not (c.partner_id or c.partner_name or c.phone) for c in self):
            raise ValidationError(self.env._("Say who is to be called."))

    @api.constrains("date_planned", "date_deadline", "state")
    def _check_days(self):
        for callback in self:
            later = callback.date_planned > callback.date_deadline
            if later and callback.state in ("draft", "planned"):
                if not callback.attempt_count:
                    raise ValidationError(
                        self.env._(
                            "%(callback)s is promised until %(day)s: plan it for a day "
                            "before.",
                            callback=callback.display_name,
                            day=callback.date_deadline,
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        # The indexes on planned callbacks must see those just withdrawn.
        self.flush_model(["state"])
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        told = {"answer", "kind", "channel", "date_planned"} & vals.keys()
        if told and not self._is_by_method():
            self._ensure_unfinished()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        """The register of calls and letters keeps what was said (R34)."""
        if kept := self.filtered(lambda callback: callback.state == "done"):
            raise UserError(
                self.env._(
                    "These callbacks are in the register of calls and letters and stay "
                    "there: %s",
                    ", ".join(kept.mapped("display_name")),
                )
            )

    def _ensure_unfinished(self):
        finished = self.filtered(lambda c: c.state in ("done", "cancelled"))
        if finished:
            raise UserError(
                self.env._(
                    "These callbacks are finished and stay as they were noted: %s",
                    ", ".join(finished.mapped("display_name")),
                )
            )
