from odoo import api, fields, models

from ..tools import performance

ROLES = [("technician", "Technician"), ("leader", "Team Leader")]
MEASURES = [
    ("card", "Evaluation: Mean of the Four Items"),
    ("card_attitude", "Evaluation: Attitude"),
    ("card_skill", "Evaluation: Skill"),
    ("card_arrival", "Evaluation: Arrival Time"),
    ("card_promise", "Evaluation: Promises Kept"),
    ("punctuality", "Punctuality"),
    ("promise", "Arrival Promise Kept"),
    ("first_fix", "First-Time Fix Rate"),
    ("repeat", "Repeat Rate"),
    ("complaint", "Verified Complaints"),
    ("report", "Daily Reports on Time"),
    ("utilisation", "Utilisation"),
    ("handled", "Complaints Handled in Time"),
]
UNITS = [
    (performance.PERCENT, "%"),
    (performance.MARK, "Mark (1–4)"),
    (performance.COUNT, "Cases"),
]
UNIT_OF = {"complaint": performance.COUNT} | {
    name: performance.MARK for name, _title in MEASURES if name.startswith("card")
}


class AftersalesPerformanceCriterion(models.Model):
    """Weight, floor and target of one measure in the month sheets of a role (R65)."""

    _name = "aftersales.performance.criterion"
    _description = "Criterion of Month Sheets"
    _order = "role desc, sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        index=True,
        default=lambda self: self.env.company,
        help="Empty: for every company that has no criteria of its own for the role.",
    )
    role = fields.Selection(
        selection=ROLES,
        string="For",
        required=True,
        default="technician",
        help="Team leaders are measured by the work of their whole team.",
    )
    measure = fields.Selection(
        selection=MEASURES,
        required=True,
        default="card",
        help="Evaluation: marks of the cards answered in the month.\n"
        "Punctuality: arrivals not later than the agreed time and the minutes of "
        "grace.\n"
        "Arrival Promise Kept: first arrivals within the promise given with the call.\n"
        "First-Time Fix and Repeat Rate: visits whose days to look back ended in the "
        "month, so that each is judged once and none too early.\n"
        "Verified Complaints: found valid in the month, with him as responsible "
        "person.\n"
        "Daily Reports on Time: confirmed before seven o'clock of the next morning.\n"
        "Utilisation: work and travel by working time.\n"
        "Complaints Handled in Time: those promised for the month that he handles, "
        "agreed or finished by the promised time.",
    )
    unit = fields.Selection(selection=UNITS, compute="_compute_unit")
    weight = fields.Float(
        default=10.0,
        help="Its part of the score. What was not measured in a month is left out, and "
        "the weights of the others count in full.",
    )
    floor = fields.Float(
        string="No Points At",
        aggregator=None,
        help="Value that is worth no points, and all beyond it.",
    )
    target = fields.Float(
        string="Full Points At",
        aggregator=None,
        default=100.0,
        help="Value that is worth 100 points; between the two they are linear. Below "
        "the other value where less is better.",
    )

    _weight_positive = models.Constraint(
        "CHECK (COALESCE(weight, 0) >= 0)", "A weight is not negative."
    )
    _scale_whole = models.Constraint(
        "CHECK (COALESCE(floor, 0) <> COALESCE(target, 0))",
        "The values for no points and for full points are different ones.",
    )
    _measure_uniq = models.UniqueIndex(
        "(role, measure, COALESCE(company_id, 0)) WHERE active",
        "A measure counts once in the sheets of a role.",
    )

    @api.depends("measure")
    def _compute_unit(self):
        for criterion in self:
            criterion.unit = UNIT_OF.get(criterion.measure, performance.PERCENT)

    @api.model
    def _get_criteria(self, company):
        """Return ``{role: criteria}`` of a company: its own, else the shared ones."""
        found = self.search([("company_id", "in", (company.id, False))])
        criteria = {}
        for role, _title in ROLES:
            rows = found.filtered(lambda row, role=role: row.role == role)
            criteria[role] = rows.filtered("company_id") or rows
        return criteria
