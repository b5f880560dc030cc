from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .clock_common import local
from .dispatch_common import DispatchCommon

TODAY = local("2026-06-02 09:00")


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestGrade(DispatchCommon):
    """Grades by proven skills, licences with an end, the technician's file."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        ref = cls.env.ref
        cls.grades = {
            stars: ref(f"aftersales_service.aftersales_grade_{stars}")
            for stars in range(1, 6)
        }
        cls.skills = {
            name: ref(f"aftersales_service.hr_skill_{name}")
            for name in ("repair", "operate", "diagnose", "electrician", "welder")
        }

    def _assess(self, stars, *skills, user=None, **values):
        names = [self.skills[name].id for name in skills]
        return (
            self.env["aftersales.assessment"]
            .with_user(user or self.supervisor)
            .create(
                {
                    "employee_id": self.chen.id,
                    "grade_id": self.grades[stars].id,
                    "skill_ids": [Command.set(names)],
                    **values,
                }
            )
        )

    def _licence(self, user=None, **values):
        kind = self.skills["welder"].skill_type_id
        return (
            self.env["hr.employee.skill"]
            .with_user(user or self.supervisor)
            .create(
                {
                    "employee_id": self.chen.id,
                    "skill_type_id": kind.id,
                    "skill_id": self.skills["welder"].id,
                    "skill_level_id": kind.skill_level_ids.id,
                    "aftersales_number": "W-77",
                    "valid_from": "2025-07-01",
                    "valid_to": "2026-06-30",
                    **values,
                }
            )
        )

    # ------------------------------------------------------------
    # GRADES
    # ------------------------------------------------------------

    def test_grade_by_proven_skills(self):
        """A grade asks for its skills and those below; what is proven stays (R32)."""
        with (
            self.assertRaisesRegex(UserError, "Still to prove: Operate and Drive"),
            self.cr.savepoint(),
        ):
            self._assess(2, "repair")
        self._assess(1, "repair", date="2026-05-01")
        self.assertEqual(self.chen.aftersales_grade_id, self.grades[1])
        self.assertEqual(self.chen.employee_skill_ids.skill_id, self.skills["repair"])
        with (
            self.assertRaisesRegex(UserError, "Operate and Drive"),
            self.cr.savepoint(),
        ):
            self._assess(3, "diagnose")
        self._assess(3, "operate", "diagnose")
        self.assertEqual(self.chen.aftersales_grade_id, self.grades[3])
        self.assertEqual(len(self.chen.employee_skill_ids), 3)
        self._assess(2, "operate", date="2026-05-15")
        self.assertEqual(
            self.chen.aftersales_grade_id, self.grades[3], "the latest day counts"
        )
        self.assertEqual(len(self.chen.aftersales_assessment_ids), 3)

    def test_what_is_missing_shows_before(self):
        form = Form(self.env["aftersales.assessment"].with_user(self.supervisor))
        form.employee_id = self.chen
        form.grade_id = self.grades[2]
        self.assertEqual(len(form.missing_skill_ids), 2)
        form.skill_ids.add(self.skills["repair"])
        self.assertEqual(form.missing_skill_ids[:], self.skills["operate"])
        form.skill_ids.add(self.skills["operate"])
        form.save()
        self.assertEqual(self.chen.aftersales_grade_id.stars, 2)

    def test_record_of_its_day(self):
        """Not in the future, never changed, deleted by managers alone."""
        with self.assertRaisesRegex(ValidationError, "not before"), self.cr.savepoint():
            self._assess(1, "repair", date="2026-06-03")
        done = self._assess(1, "repair")
        for user in (self.supervisor, self.manager):
            with (
                self.assertRaisesRegex(UserError, "stays as it is"),
                self.cr.savepoint(),
            ):
                done.with_user(user).write({"grade_id": self.grades[5].id})
        with self.assertRaises(AccessError), self.cr.savepoint():
            done.unlink()
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._assess(1, "repair", user=self.agent)
        with (
            self.assertRaisesRegex(ValidationError, "no service technician"),
            self.cr.savepoint(),
        ):
            clerk = self._create_technician("Clerk", aftersales_technician=False)
            self._assess(1, "repair", employee_id=clerk.id)
        done.with_user(self.manager).unlink()
        self.assertFalse(self.chen.aftersales_grade_id)

    def test_whose_assessments_are_seen(self):
        own = self._assess(1, "repair")
        other = self._assess(1, "repair", employee_id=self.zhou.id)
        Assessment = self.env["aftersales.assessment"]
        self.assertEqual(Assessment.with_user(self.technician).search([]), own)
        self.assertLessEqual(own | other, Assessment.with_user(self.agent).search([]))

    def test_file_for_people_without_rights(self):
        """An employee stays readable for everybody, and the file for the desk."""
        self._assess(1, "repair")
        self._licence()
        self.env.invalidate_all()
        for user in (self.employee, self.technician, self.agent):
            person = self.chen.with_user(user)
            self.assertEqual(person.name, "Chen Gang")
            self.assertEqual(person.aftersales_grade_id.stars, 1)
        file = self.env["hr.employee.public"].with_user(self.agent).browse(self.chen.id)
        self.assertEqual(file.aftersales_licence_ids.aftersales_number, "W-77")
        self.assertEqual(file.aftersales_visit_count, 0)
        self._assigned()
        file.invalidate_recordset()
        self.assertEqual(
            (file.aftersales_visit_count, file.aftersales_open_visit_count), (1, 1)
        )
        # Odoo reads any field that both faces share for everybody: it is empty.
        names = ["aftersales_visit_count", "aftersales_assessment_ids"]
        (shown,) = self.chen.with_user(self.employee).read(names)
        self.assertFalse([name for name in names if shown[name]])
        action = file.action_view_aftersales_visits()
        self.assertEqual(
            self.env["aftersales.dispatch"].search_count(action["domain"]), 1
        )
        views = self.env["hr.employee.public"].with_user(self.agent)
        self.assertIn("aftersales_licence_ids", views.get_view(None, "form")["arch"])

    def test_tools(self):
        """A supervisor without rights on employees says who has which tool."""
        public = self.env["hr.employee.public"].with_user(self.supervisor)
        action = public.browse(self.chen.id).action_aftersales_tools()
        wizard = self.env[action["res_model"]].with_user(self.supervisor)
        wizard = wizard.with_context(**action["context"]).create({})
        wizard.tool_ids = self.oil
        wizard.action_apply()
        self.assertEqual(self.chen.aftersales_tool_ids, self.oil)
        with self.assertRaises(AccessError), self.cr.savepoint():
            wizard.with_user(self.agent).action_apply()

    # ------------------------------------------------------------
    # LICENCES
    # ------------------------------------------------------------

    def test_nobody_certifies_himself(self):
        """Technicians may edit their own skills, not those that jobs depend on (R70)."""
        with (
            self.assertRaisesRegex(UserError, "Nobody certifies himself"),
            self.cr.savepoint(),
        ):
            self._licence(user=self.technician)
        row = self._licence()
        own = row.with_user(self.technician)
        with (
            self.assertRaisesRegex(UserError, "Nobody certifies himself"),
            self.cr.savepoint(),
        ):
            own.write({"valid_to": "2030-01-01"})
        with (
            self.assertRaisesRegex(UserError, "Nobody certifies himself"),
            self.cr.savepoint(),
        ):
            own.unlink()
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._licence(user=self.agent, valid_to="2031-01-01")

    def test_reminder(self):
        """Thirty days before the end, once, and not when it is renewed (R70)."""
        self.team.supervisor_id = self.supervisor
        row = self._licence()
        Row = self.env["hr.employee.skill"]

        def due():
            self.env.flush_all()
            return Row.search(Row._get_ending_domain(self.company))

        with freeze_time(TODAY - timedelta(days=5)):
            self.assertFalse(due(), "too early")
        self.assertEqual(due(), row)
        methods = [job[2] for job in self.env["aftersales.contract"]._get_date_jobs()]
        self.assertIn("_remind", methods)
        row.sudo()._remind()
        todo = self.env["mail.activity"].search([("user_id", "=", self.supervisor.id)])
        self.assertIn("Chen Gang: Welder ends on", todo.summary)
        self.assertEqual(todo.date_deadline, fields.Date.to_date("2026-06-30"))
        self.assertFalse(due(), "once")
        other = self._licence(employee_id=self.zhou.id)
        self._licence(
            employee_id=self.zhou.id, valid_from="2026-07-01", valid_to="2027-06-30"
        )
        self.assertEqual(due(), other)
        other.sudo()._remind()
        self.assertEqual(
            self.env["mail.activity"].search_count(
                [("user_id", "=", self.supervisor.id)]
            ),
            1,
            "renewed already",
        )

    # ------------------------------------------------------------
    # GUARDS
    # ------------------------------------------------------------

    def test_leaving_with_open_visits(self):
        """Nobody leaves while somebody waits for him; the visits are named."""
        lead = self._assigned()
        crew = self._dispatch(
            technician=self.zhou,
            start=TODAY + timedelta(days=1),
            crew_ids=[Command.link(self.chen.id)],
        )
        for vals in ({"active": False}, {"aftersales_technician": False}):
            with (
                self.assertRaisesRegex(UserError, f"{lead.name}, {crew.name}"),
                self.cr.savepoint(),
            ):
                self.chen.write(vals)
        lead.action_cancel("No need")
        with self.assertRaisesRegex(UserError, crew.name), self.cr.savepoint():
            self.chen.action_archive()
        crew.write({"crew_ids": [Command.clear()]})
        self.chen.action_archive()
        self.assertFalse(self.chen.active)
