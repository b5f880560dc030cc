from odoo import fields

from .clock_common import local
from .dispatch_common import DispatchCommon

# A Tuesday, eight in the morning in Shanghai; the visits begin at two.
TODAY = local("2026-06-02 08:00")
START = local("2026-06-02 14:00")


class SuggestionCommon(DispatchCommon):
    """A job, what it may ask, and helpers to keep people busy or away."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent.tz = "Asia/Shanghai"
        cls.zone = cls.env["aftersales.zone"].create(
            {"name": "North", "company_id": cls.company.id}
        )
        cls.unit = cls.env["aftersales.equipment"].create(
            {"product_id": cls.harvester.id, "partner_id": cls.farmer.id}
        )
        cls.grades = cls.env["aftersales.grade"].search([])
        cls.repair = cls.env.ref("aftersales_service.hr_skill_repair")
        cls.engine = cls.env.ref("aftersales_service.hr_skill_engine")
        cls.electrician = cls.env.ref("aftersales_service.hr_skill_electrician")
        cls.welder = cls.env.ref("aftersales_service.hr_skill_welder")
        cls.job = cls.env["aftersales.job.type"].create({"name": "Job"})

    def setUp(self):
        super().setUp()
        self.ticket = self._visit_ticket(equipment_id=self.unit.id)
        self.ticket.sudo().write({"job_type_id": self.job.id, "zone_id": self.zone.id})

    def _skill(self, skill, employee=None, level=100, **values):
        kind = skill.skill_type_id
        levels = kind.skill_level_ids
        return self.env["hr.employee.skill"].create(
            {
                "employee_id": (employee or self.chen).id,
                "skill_type_id": kind.id,
                "skill_id": skill.id,
                "skill_level_id": levels.filtered(
                    lambda row: row.level_progress == level
                ).id,
                "valid_from": "2026-01-01",
                **values,
            }
        )

    def _leave(self, begin, end, employee=None, **values):
        return self.env["resource.calendar.leaves"].create(
            {
                "name": "Wedding, do not tell anybody",
                "resource_id": employee.resource_id.id if employee else False,
                "calendar_id": self.calendar.id,
                "company_id": self.company.id,
                "date_from": local(begin),
                "date_to": local(end),
                **values,
            }
        )

    def _busy(self, begin, end, technician=None):
        begin, end = local(begin), local(end)
        return self._assigned(
            technician=technician, start=begin, hours=(end - begin).seconds / 3600
        )

    def _suggest(self, start=START, hours=2.0):
        """Return ``{technician: his row}`` as the dispatcher reads it."""
        rows = self.ticket.suggest_technicians(fields.Datetime.to_string(start), hours)
        self.rows = rows
        return {row["employee_id"]: row for row in rows}

    def _refusals(self, **kwargs):
        self.env.invalidate_all()
        return self._suggest(**kwargs)[self.chen.id]["refusals"]

    def _grade(self, employee, stars):
        employee.aftersales_grade_id = self.grades.filtered(lambda g: g.stars == stars)
