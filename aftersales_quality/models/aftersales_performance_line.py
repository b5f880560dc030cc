from odoo import api, fields, models
from odoo.tools import formatLang

from ..tools import performance
from .aftersales_performance_criterion import MEASURES, UNITS
from .aftersales_performance_part_mixin import select_known_mean


class AftersalesPerformanceLine(models.Model):
    """One criterion of a month sheet: what was counted, and its points (R65)."""

    _name = "aftersales.performance.line"
    _description = "Criterion of a Month Sheet"
    _inherit = ["aftersales.performance.part.mixin"]
    _order = "performance_id, sequence, id"

    sequence = fields.Integer(readonly=True)
    name = fields.Char(string="Criterion", required=True, readonly=True)
    criterion_id = fields.Many2one(
        comodel_name="aftersales.performance.criterion",
        string="Criterion by Which",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    title = fields.Char(string="Criterion Measured", compute="_compute_title")
    measure = fields.Selection(selection=MEASURES, readonly=True)
    unit = fields.Selection(selection=UNITS, readonly=True)
    numerator = fields.Float(
        string="Counted",
        readonly=True,
        aggregator="sum",
        help="Of the marks of evaluations, their sum.",
    )
    denominator = fields.Float(string="Out Of", readonly=True, aggregator="sum")
    value = fields.Float(readonly=True, aggregator="avg", digits=(16, 2))
    floor = fields.Float(string="No Points At", readonly=True, aggregator=None)
    target = fields.Float(string="Full Points At", readonly=True, aggregator=None)
    weight = fields.Float(readonly=True, aggregator=None)
    share = fields.Float(
        string="Weight (%)",
        readonly=True,
        aggregator=None,
        digits=(5, 1),
        help="Its part of this score, after what was not measured is left out.",
    )
    score = fields.Float(
        string="Points", readonly=True, aggregator="avg", digits=(5, 1)
    )
    has_data = fields.Boolean(string="Measured", readonly=True)
    value_text = fields.Char(string="Result", compute="_compute_texts")
    counted_text = fields.Char(string="Counted / Out Of", compute="_compute_texts")
    target_text = fields.Char(string="Scale", compute="_compute_texts")
    note = fields.Char(string="Remark", compute="_compute_texts")

    @api.depends(
        "value", "unit", "has_data", "floor", "target", "numerator", "denominator"
    )
    @api.depends_context("lang")
    def _compute_texts(self):
        for line in self:
            line.target_text = self.env._(
                "%(floor)s → %(target)s",
                floor=line._say_value_in_unit(line.floor),
                target=line._say_value_in_unit(line.target),
            )
            line.counted_text = " / ".join(
                f"{round(number, 2):.10g}"
                for number in (line.numerator, line.denominator)
            )
            if line.has_data:
                line.value_text = line._say_value_in_unit(line.value)
                line.note = False
                continue
            line.value_text = "–"
            line.note = self.env._(
                "No records in this month: left out, the others count in full."
            )

    @api.depends("name", "criterion_id.name")
    @api.depends_context("lang")
    def _compute_title(self):
        for line in self:
            # In the reader's language while there is such a criterion; its name is
            # for whoever may read the sheet.
            line.title = line.criterion_id.sudo().name or line.name

    def _say_value_in_unit(self, value):
        """Return a value of this criterion in words of the reader."""
        self.ensure_one()
        if self.unit == performance.COUNT:
            return formatLang(self.env, value, digits=0)
        if self.unit == performance.MARK:
            return formatLang(self.env, value, digits=2)
        return f"{formatLang(self.env, value, digits=1)} %"

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Leave what was not measured out of the means."""
        if aggregate_spec in ("value:avg", "score:avg"):
            return select_known_mean(self, aggregate_spec, query, "has_data")
        return super()._read_group_select(aggregate_spec, query)

    def action_view_records(self):
        """Open the records that were counted: all that the figure is out of.

        What is shown is read now; after the month is locked it may be other than then.
        """
        return self._view(False)

    def action_view_counted(self):
        """Open those of the records that made the count: the punctual, the fixed…"""
        return self._view(True)

    def _view(self, hits):
        self.ensure_one()
        self.check_access("read")
        model, ids = self.performance_id._find_records(self.measure, hits)
        return self._open(
            model, ids, f"{self.name} · {self.performance_id._get_title()}"
        )
