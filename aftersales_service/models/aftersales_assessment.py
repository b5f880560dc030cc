from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

SUPERVISOR = "aftersales_service.aftersales_service_group_supervisor"


class AftersalesAssessment(models.Model):
    """The day on which a technician proved the skills of a grade (R32).

    A record of what was seen: never changed afterwards, a new one corrects it.
    """

    _name = "aftersales.assessment"
    _description = "Technician Assessment"
    _order = "date desc, id desc"
    _rec_name = "employee_id"

    employee_id = fields.Many2one(
        comodel_name="hr.employee",
        string="Technician",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('aftersales_technician', '=', True)]",
    )
    company_id = fields.Many2one(
        related="employee_id.company_id", store=True, index=True, precompute=True
    )
    grade_id = fields.Many2one(
        comodel_name="aftersales.grade", required=True, ondelete="restrict"
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    assessor_id = fields.Many2one(
        comodel_name="res.users",
        string="Assessed by",
        required=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    skill_ids = fields.Many2many(
        comodel_name="hr.skill",
        relation="aftersales_assessment_hr_skill_rel",
        string="Skills Proven",
        domain="[('skill_type_id.is_certification', '=', False)]",
        help="What he showed that day. Skills on his file need not be shown again.",
    )
    missing_skill_ids = fields.Many2many(
        comodel_name="hr.skill",
        string="Still to Prove",
        compute="_compute_missing_skill_ids",
        compute_sudo=True,
        help="Skills of this and the lower grades that are neither on his file nor "
        "shown that day.",
    )
    note = fields.Text(help="What was done and seen at the assessment.")

    _employee_idx = models.Index("(employee_id, date)")

    @api.depends("employee_id", "grade_id", "skill_ids", "date")
    def _compute_missing_skill_ids(self):
        asked = self.grade_id._get_asked_skills()
        held = self._get_held_skills()
        for assessment in self:
            assessment.missing_skill_ids = (
                asked.get(assessment.grade_id, assessment.skill_ids)
                - assessment.skill_ids._origin
                - held[assessment.id]
            )

    def _compute_display_name(self):
        for assessment in self:
            assessment.display_name = " · ".join(
                [assessment.employee_id.name or "", assessment.grade_id.name or ""]
            )

    def _get_held_skills(self):
        """Return ``{assessment id: skills on the file on its day}``."""
        rows = self.env["hr.employee.skill"].search(
            [("employee_id", "in", self.employee_id.ids)]
        )
        by_person = rows.grouped("employee_id")
        return {
            assessment.id: by_person.get(assessment.employee_id._origin, rows.browse())
            .filtered(
                lambda row, day=assessment.date: (
                    day
                    and row.valid_from <= day
                    and (not row.valid_to or row.valid_to >= day)
                )
            )
            .skill_id
            for assessment in self
        }

    # ------------------------------------------------------------
    # CONSTRAINS
    # ------------------------------------------------------------

    @api.constrains("date")
    def _check_date(self):
        """Nobody is assessed in the future."""
        for assessment in self:
            if assessment.date > assessment.company_id._aftersales_today():
                raise ValidationError(
                    self.env._(
                        "%(technician)s: an assessment is noted on its day or later, "
                        "not before.",
                        technician=assessment.employee_id.name,
                    )
                )

    @api.constrains("employee_id")
    def _check_technician(self):
        """Only technicians have a grade."""
        for assessment in self:
            if not assessment.employee_id.aftersales_technician:
                raise ValidationError(
                    self.env._(
                        "%(person)s is no service technician; the tick is on the "
                        "employee.",
                        person=assessment.employee_id.name,
                    )
                )

    def _ensure_proven(self):
        """Refuse a grade whose skills were not shown (R32).

        :raise UserError: naming the skills
        """
        for assessment in self:
            if assessment.missing_skill_ids:
                raise UserError(
                    self.env._(
                        "%(technician)s cannot get “%(grade)s” yet. Still to prove: "
                        "%(skills)s. Add what he showed, or choose a lower grade.",
                        technician=assessment.employee_id.name,
                        grade=assessment.grade_id.name,
                        skills=", ".join(assessment.missing_skill_ids.mapped("name")),
                    )
                )

    # ------------------------------------------------------------
    # CREATE, WRITE
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        assessments = super().create(vals_list)
        assessments._ensure_proven()
        assessments._note_skills()
        return assessments

    def write(self, vals):
        if not self.env.su:
            self._ensure_unchanged(vals)
        return super().write(vals)

    def _ensure_unchanged(self, vals):
        """Refuse to change what was assessed.

        :raise UserError: always, unless nothing is written
        """
        if vals:
            raise UserError(
                self.env._(
                    "An assessment is a record of its day and stays as it is: "
                    "%(assessments)s. Note a new assessment to correct it.",
                    assessments=", ".join(self.mapped("display_name")),
                )
            )

    def _note_skills(self):
        """Put the skills shown on the files of the technicians."""
        # Employees' skills are for human resources to write; an assessment adds what
        # was shown on its day, and nothing else.
        Row = self.env["hr.employee.skill"].sudo()
        noted = {
            (row.employee_id, row.skill_id)
            for row in Row.search(
                Domain("employee_id", "in", self.employee_id.ids)
                & Domain("skill_id", "in", self.skill_ids.ids)
                & (Domain("valid_to", "=", False) | Domain("valid_to", ">=", "today"))
            )
        }
        rows = {}
        for assessment in self.sorted("date"):
            for skill in assessment.skill_ids:
                key = (assessment.employee_id, skill)
                if key not in noted:
                    rows.setdefault(key, assessment._prepare_skill(skill))
        Row.create(list(rows.values()))

    def _prepare_skill(self, skill):
        """Return the values of a skill on the file, at the level usually reached."""
        self.ensure_one()
        levels = skill.skill_type_id.skill_level_ids
        level = levels.filtered("default_level") or levels
        return {
            "employee_id": self.employee_id.id,
            "skill_type_id": skill.skill_type_id.id,
            "skill_id": skill.id,
            "skill_level_id": level[:1].id,
            "valid_from": self.date,
        }
