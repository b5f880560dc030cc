from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.warranty import last_day, prolong
from .aftersales_warranty_term import DURATION_UNITS, USAGE_UNITS

FACTS = frozenset(
    {
        "equipment_id",
        "component_id",
        "source",
        "source_line_id",
        "contract_id",
        "ticket_id",
        "days_added",
        "adds_repair_days",
    }
)


class AftersalesCoverage(models.Model):
    """What one unit is promised for one component group: a snapshot (R14).

    Terms of the policy, extensions, guarantees of repairs, replacements and contract
    cover stand side by side here, each with its source.
    """

    _name = "aftersales.coverage"
    _description = "Coverage of a Unit"
    _inherit = ["aftersales.fact.mixin"]
    _facts = FACTS
    _given_at_creation = frozenset({"equipment_id", "component_id", "source"})
    _order = "equipment_id, date_start, id"
    _check_company_auto = True

    equipment_id = fields.Many2one(
        comodel_name="aftersales.equipment",
        string="Unit",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="equipment_id.company_id", store=True, index=True, precompute=True
    )
    partner_id = fields.Many2one(related="equipment_id.partner_id", string="Holder")
    unit_product_id = fields.Many2one(
        related="equipment_id.product_id", string="Product"
    )
    component_id = fields.Many2one(
        comodel_name="aftersales.component",
        string="Component Group",
        index="btree_not_null",
        ondelete="restrict",
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        string="Part",
        index="btree_not_null",
        check_company=True,
        help="The very part that was repaired, when the guarantee is for it alone.",
    )
    source = fields.Selection(
        selection=[
            ("policy", "Warranty"),
            ("extension", "Extension"),
            ("repair", "Guarantee of a Repair"),
            ("contract", "Contract"),
            ("replacement", "Replacement"),
        ],
        required=True,
        default="extension",
    )
    source_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Sold with",
        index="btree_not_null",
        readonly=True,
        help="Order line that sold the extension or the contract.",
    )
    contract_id = fields.Many2one(
        comodel_name="aftersales.contract",
        index="btree_not_null",
        readonly=True,
        check_company=True,
    )
    ticket_id = fields.Many2one(
        comodel_name="aftersales.ticket",
        string="Repair",
        index="btree_not_null",
        readonly=True,
        check_company=True,
    )
    duration = fields.Integer(help="Copied from the term when the unit was sold.")
    duration_unit = fields.Selection(selection=DURATION_UNITS)
    days_added = fields.Integer(
        readonly=True,
        help="Days in repair that were added back to the term.",
    )
    adds_repair_days = fields.Boolean(readonly=True)
    date_start = fields.Date(string="Begins", required=True)
    date_end = fields.Date(
        string="Until",
        required=True,
        help="Last covered day; the cover ends when this day ends where the unit "
        "stands.",
    )
    covers_labour = fields.Boolean(string="Labour", default=True)
    covers_parts = fields.Boolean(string="Parts", default=True)
    covers_travel = fields.Boolean(string="Travel", default=True)
    proof_required = fields.Boolean()
    usage_limit = fields.Float()
    usage_unit = fields.Selection(selection=USAGE_UNITS)
    reason = fields.Char(help="Why it was given, when it does not follow the policy.")
    covers_label = fields.Char(string="Covers", compute="_compute_covers_label")
    covers_anything = fields.Boolean(compute="_compute_covers_anything")
    days_left = fields.Integer(compute="_compute_days_left")
    used_percent = fields.Integer(
        string="Elapsed",
        compute="_compute_days_left",
        help="Share of the period that has passed, in percent.",
    )

    _dates_in_order = models.Constraint(
        "CHECK (date_start <= date_end)", "A cover cannot end before it begins."
    )
    _names_something = models.Constraint(
        "CHECK (component_id IS NOT NULL OR product_id IS NOT NULL)",
        "A cover names the component group or the part it is for.",
    )
    _duration_sane = models.Constraint(
        "CHECK (duration >= 0 AND days_added >= 0)",
        "A cover cannot last or be prolonged by less than nothing.",
    )
    _usage_sane = models.Constraint(
        "CHECK (usage_limit >= 0 AND (usage_limit = 0 OR usage_unit IS NOT NULL))",
        "A usage limit is positive and says whether it counts hours or kilometres.",
    )
    _policy_term_uniq = models.UniqueIndex(
        "(equipment_id, component_id) WHERE source IN ('policy', 'replacement')",
        "A unit has one warranty term per component group.",
    )
    _expiry_idx = models.Index("(date_end, equipment_id)")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("covers_labour", "covers_parts", "covers_travel")
    def _compute_covers_anything(self):
        for cover in self:
            cover.covers_anything = (
                cover.covers_labour or cover.covers_parts or cover.covers_travel
            )

    @api.depends("covers_labour", "covers_parts", "covers_travel")
    @api.depends_context("lang")
    def _compute_covers_label(self):
        names = ("covers_labour", "covers_parts", "covers_travel")
        labels = self.fields_get(names, ["string"])
        for cover in self:
            covered = [labels[name]["string"] for name in names if cover[name]]
            cover.covers_label = ", ".join(covered) or self.env._("Not covered")

    @api.depends("date_start", "date_end")
    def _compute_days_left(self):
        today = fields.Date.context_today(self)
        for cover in self:
            cover.days_left = cover.used_percent = 0
            if not (cover.date_start and cover.date_end):
                continue
            day = cover.equipment_id._get_local_day() or today
            length = (cover.date_end - cover.date_start).days + 1
            passed = min(max((day - cover.date_start).days, 0), length)
            cover.days_left = max((cover.date_end - day).days + 1, 0)
            cover.used_percent = round(100 * passed / length)

    @api.depends("component_id", "product_id", "source", "date_end")
    @api.depends_context("lang")
    def _compute_display_name(self):
        sources = dict(self._fields["source"]._description_selection(self.env))
        for cover in self:
            cover.display_name = self.env._(
                "%(origin)s: %(component)s",
                origin=sources.get(cover.source, ""),
                component=cover.component_id.display_name
                or cover.product_id.display_name
                or "",
            )

    # ------------------------------------------------------------
    # GUARDS
    # ------------------------------------------------------------

    @api.constrains("equipment_id", "component_id", "source", "date_start", "date_end")
    def _check_overlap(self):
        """Two extensions of one component group do not run at the same time.

        Those that were sold are put one after the other by :meth:`_chain_extensions`.
        """
        if self._is_by_method():
            return
        sold = self.filtered(lambda cover: cover.source == "extension")
        for cover in sold:
            others = cover.equipment_id.coverage_ids.filtered(
                lambda other, cover=cover: other != cover
                and other.source == "extension"
                and other.component_id == cover.component_id
                and not other.revoked_date
                and other.date_start <= cover.date_end
                and cover.date_start <= other.date_end
            )
            if others:
                raise ValidationError(
                    self.env._(
                        "%(unit)s: %(component)s is already extended from %(start)s "
                        "to %(end)s; begin after it.",
                        unit=cover.equipment_id.display_name,
                        component=cover.component_id.display_name,
                        start=others[0].date_start,
                        end=others[0].date_end,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
            self._ensure_given_by_hand(vals)
        covers = super().create(vals_list)
        if not self._is_by_method():
            covers.equipment_id._decide_open_lines()
        return covers

    def write(self, vals):
        self._ensure_no_facts(vals)
        if self._is_by_method():
            return super().write(vals)
        self._ensure_reason(vals)
        result = super().write(vals)
        self.equipment_id._decide_open_lines()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_by_method(self):
        """A promise once given is history: it ends, it is not deleted (R66)."""
        if not self._is_by_method():
            raise UserError(
                self.env._(
                    "A cover is not deleted; set its last day instead: %s",
                    ", ".join(self.mapped("display_name")),
                )
            )

    def _ensure_given_by_hand(self, vals):
        """By hand only extensions are given, with a reason."""
        if self._is_by_method():
            return
        if vals.get("source", "extension") != "extension" or not vals.get("reason"):
            raise UserError(
                self.env._(
                    "By hand only an extension is given, with its reason. Everything "
                    "else follows the policy, the repair or the contract."
                )
            )

    def _ensure_reason(self, vals):
        if vals and not vals.get("reason"):
            raise UserError(
                self.env._(
                    "Say why the promise of %s changes.",
                    ", ".join(self.equipment_id.mapped("display_name")),
                )
            )

    # ------------------------------------------------------------
    # DATES
    # ------------------------------------------------------------

    def _move_to(self, start):
        """Let terms begin on a day; they keep their length and their added days."""
        for covers in self.grouped(
            lambda cover: (
                cover.duration,
                cover.duration_unit,
                cover.days_added,
                cover.source,
                cover.date_sold,
            )
        ).values():
            end = covers[0]._get_end_from(start)
            covers._by_method().write({"date_start": start, "date_end": end})

    def _get_end_from(self, start):
        """Return the last day when the term begins on a day.

        An extension goes on where the term before it ended, and is counted from there:
        twelve months and twelve more are twenty-four.
        """
        self.ensure_one()
        if self.source == "extension" and start != self.date_sold:
            end = last_day(
                prolong(start, -1), self.duration, self.duration_unit or "day"
            )
        else:
            end = last_day(start, self.duration, self.duration_unit or "day")
        return prolong(end, self.days_added) if end else start

    def _get_first_day(self):
        """Return the first covered day.

        A term counted from a later invoice or installation already covers the unit
        from its delivery on.
        """
        self.ensure_one()
        delivered = self.equipment_id.delivery_date
        if self.source in ("policy", "replacement") and delivered:
            return min(delivered, self.date_start)
        return self.date_start

    def _get_kinds(self):
        """Return what the cover pays for, as the decision names it."""
        self.ensure_one()
        kinds = {
            "labour": self.covers_labour,
            "part": self.covers_parts,
            "travel": self.covers_travel,
        }
        return frozenset(kind for kind, covered in kinds.items() if covered)

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    def _get_usage_text(self):
        """Return the usage limit as the user reads it, empty without one."""
        self.ensure_one()
        if not self.usage_limit:
            return ""
        units = dict(self._fields["usage_unit"]._description_selection(self.env))
        return f"{self.usage_limit:g} {units.get(self.usage_unit, '')}"

    def _get_promise_state(self):
        """Tell whether the cover pays for nothing, is to come, is running or ended."""
        self.ensure_one()
        day = self.equipment_id._get_local_day()
        if not self.covers_anything:
            return "none"
        if self.date_end < day:
            return "ended"
        return "coming" if self.date_start > day else "running"

    def action_view_equipment(self):
        """Open the unit of the cover."""
        self.ensure_one()
        return self.equipment_id._get_form_action(self.equipment_id)

    def _end_on(self, day, reason):
        """Let covers end early: the last covered day is ``day``.

        A cover that had not begun by then is taken away altogether.

        :param date day: last covered day
        :param str reason: kept on the cover
        """
        future = self.filtered(lambda cover: cover.date_start > day)
        for cover in self - future:
            if cover.date_end > day:
                cover._by_method().write({"date_end": day, "reason": reason})
        future._by_method().unlink()
