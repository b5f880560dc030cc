from odoo import fields, models
from odoo.fields import Domain


class AftersalesGrade(models.Model):
    """Star level of technicians, defined by the skills it asks for (R32)."""

    _name = "aftersales.grade"
    _description = "Technician Grade"
    _order = "stars, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    stars = fields.Integer(required=True, default=1)
    description = fields.Text(
        translate=True, help="What a technician of this grade can do."
    )
    skill_ids = fields.Many2many(
        comodel_name="hr.skill",
        relation="aftersales_grade_hr_skill_rel",
        string="Skills",
        domain="[('skill_type_id.is_certification', '=', False)]",
        help="Skills to prove for this grade, besides those of the lower grades.",
    )

    _stars_range = models.Constraint(
        "CHECK (stars BETWEEN 1 AND 5)", "A grade has between one and five stars."
    )
    _stars_uniq = models.UniqueIndex(
        "(stars) WHERE active", "There is already a grade with that many stars."
    )

    def _compute_display_name(self):
        for grade in self:
            parts = ("★" * grade.stars, grade.name)
            grade.display_name = " ".join(part for part in parts if part)

    def _get_asked_skills(self):
        """Return ``{grade: skills}``, those of the lower grades included."""
        grades = self.search(
            Domain("stars", "<=", max(self.mapped("stars"), default=0))
        )
        return {
            grade: (
                grades.filtered(lambda g, top=grade: g.stars < top.stars) | grade
            ).skill_ids
            for grade in self
        }
