from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.figures import text_of
from ..tools.measures import MEASURES


class AftersalesReportFigure(models.Model):
    """One figure of a report as it was sent, with what it was counted from."""

    _name = "aftersales.report.figure"
    _description = "Figure of a Report"
    _order = "run_id, sequence, id"

    run_id = fields.Many2one(
        comodel_name="aftersales.report.run",
        string="Report",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="run_id.company_id", store=True, index=True, precompute=True
    )
    sequence = fields.Integer(readonly=True)
    measure = fields.Char(string="Measure's Code", required=True, readonly=True)
    title = fields.Char(string="Measure", compute="_compute_title")
    numerator = fields.Float(string="Counted", readonly=True)
    denominator = fields.Float(string="Out of", readonly=True)
    value = fields.Float(string="Plain Value", readonly=True)
    has_value = fields.Boolean(readonly=True, help="There was something to divide by.")
    text = fields.Char(string="Value", compute="_compute_title")
    basis = fields.Char(string="Counted from", compute="_compute_title")
    definition = fields.Char(string="How It Is Counted", compute="_compute_title")

    @api.depends("measure", "value", "has_value", "numerator", "denominator")
    @api.depends_context("lang")
    def _compute_title(self):
        Measures = self.env["aftersales.measure"]
        for figure in self:
            name = figure.measure
            figure.basis = figure._say_basis()
            if name not in MEASURES:
                figure.title, figure.definition, figure.text = name, False, False
                continue
            figure.title = Measures._get_title(name)
            figure.definition = Measures._get_definition(name)
            figure.text = text_of(
                MEASURES[name].unit, figure.value if figure.has_value else None
            )

    def _say_basis(self):
        """Return what the figure was counted from, in words."""
        self.ensure_one()
        if self.measure not in MEASURES:
            return ""
        return self.env["aftersales.dashboard"]._say_basis(
            MEASURES[self.measure], self.numerator, self.denominator
        )

    def action_open(self):
        """List the rows of the period that are counted now.

        :raise UserError: for figures that are no longer counted
        """
        self.ensure_one()
        if self.measure not in MEASURES:
            raise UserError(
                self.env._("%s is no longer counted.", self.title or self.measure)
            )
        measure = MEASURES[self.measure]
        Dashboard = self.env["aftersales.dashboard"]
        source = Dashboard._get_source(measure, False)
        run = self.run_id
        domain = self.env["aftersales.measure"]._get_rows_domain(
            source, run.company_id, run.period_start, run.period_end
        )
        return Dashboard._get_list(source.model, domain, self.title)
