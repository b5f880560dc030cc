from odoo import fields, models

from ..tools.warranty import last_day

DURATION_UNITS = [("day", "Days"), ("month", "Months"), ("year", "Years")]
USAGE_UNITS = [("hour", "Hours"), ("km", "Kilometres")]


class AftersalesWarrantyTerm(models.Model):
    """How long a policy covers one component group, and what of the work (R14)."""

    _name = "aftersales.warranty.term"
    _description = "Warranty Term"
    _order = "policy_id, sequence, id"

    policy_id = fields.Many2one(
        comodel_name="aftersales.warranty.policy",
        required=True,
        index=True,
        ondelete="cascade",
    )
    sequence = fields.Integer(default=10)
    component_id = fields.Many2one(
        comodel_name="aftersales.component",
        string="Component Group",
        required=True,
        index=True,
        ondelete="restrict",
    )
    duration = fields.Integer(
        required=True,
        default=12,
        help="0: the group is not covered, although the whole unit is.",
    )
    duration_unit = fields.Selection(
        selection=DURATION_UNITS, string="Duration in", required=True, default="month"
    )
    covers_labour = fields.Boolean(string="Labour", default=True)
    covers_parts = fields.Boolean(string="Parts", default=True)
    covers_travel = fields.Boolean(string="Travel", default=True)
    usage_limit = fields.Float(
        help="Ends the cover when the unit has run more, whichever comes first; "
        "0 for no limit.",
    )
    usage_unit = fields.Selection(selection=USAGE_UNITS)

    _component_uniq = models.UniqueIndex(
        "(policy_id, component_id)",
        "A policy has one term per component group.",
    )
    _duration_sane = models.Constraint(
        "CHECK (duration >= 0 AND duration <= CASE duration_unit "
        "WHEN 'year' THEN 100 WHEN 'month' THEN 1200 ELSE 36500 END)",
        "A warranty term lasts between nothing and 100 years.",
    )
    _usage_sane = models.Constraint(
        "CHECK (usage_limit >= 0 AND (usage_limit = 0 OR usage_unit IS NOT NULL))",
        "A usage limit is positive and says whether it counts hours or kilometres.",
    )

    def _is_repair_guarantee(self):
        """Tell whether the term is for repaired items, not for the unit as sold."""
        self.ensure_one()
        repaired = self.env.ref(
            "aftersales_service.aftersales_component_repaired", raise_if_not_found=False
        )
        return bool(repaired) and self.component_id == repaired

    def _prepare_coverage_vals(self, unit, start, source="policy"):
        """Return the values of the cover that a unit gets from this term (hook)."""
        self.ensure_one()
        end = last_day(start, self.duration, self.duration_unit)
        return {
            "equipment_id": unit.id,
            "component_id": self.component_id.id,
            "source": source,
            "duration": self.duration,
            "duration_unit": self.duration_unit,
            "adds_repair_days": self.policy_id.adds_repair_days,
            "date_start": start,
            "date_end": end or start,
            "covers_labour": self.covers_labour and bool(end),
            "covers_parts": self.covers_parts and bool(end),
            "covers_travel": self.covers_travel and bool(end),
            "proof_required": self.policy_id.proof_required,
            "usage_limit": self.usage_limit,
            "usage_unit": self.usage_unit,
        }
