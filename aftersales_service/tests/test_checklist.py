from datetime import timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_visit_phone import TODAY, VisitCommon, picture


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestChecklist(VisitCommon):
    """Points that must be answered on site, as they were when one was sent (R25)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["aftersales.checklist"].search([]).action_archive()
        cls.job_type = cls.env["aftersales.job.type"].create({"name": "Test Job"})
        cls.categ = cls.env["product.category"].create({"name": "Machines"})
        cls.harvester.categ_id = cls.env["product.category"].create(
            {"name": "Harvesters", "parent_id": cls.categ.id}
        )
        cls.checklist = cls._create_list(
            "Safety",
            {"name": "Harness", "section": "Roof"},
            {"name": "Pressure", "kind": "number", "number_min": 2, "number_max": 3},
            {"name": "Plate", "kind": "photo"},
            {"name": "Remark", "kind": "text", "required": False},
            job_type_ids=[Command.set(cls.job_type.ids)],
        )

    @classmethod
    def _create_list(cls, name, *points, **values):
        return cls.env["aftersales.checklist"].create(
            {
                "name": name,
                "point_ids": [
                    Command.create({"sequence": number, **point})
                    for number, point in enumerate(points)
                ],
                **values,
            }
        )

    def _checked(self, **values):
        """Return a visit with the list, its technician on site, and its points."""
        own = self._on_site(job_type_id=self.job_type.id, **values)
        return own, *own.checklist_ids

    def test_lists_that_apply(self):
        """By job and by unit; several at once; each visit gets a list once."""
        self._create_list("Machine", {"name": "M"}, categ_ids=self.categ.ids)
        self._create_list("Always", {"name": "A"})
        self.env["aftersales.checklist"].create(
            {"name": "Foreign", "company_id": self.env.ref("base.main_company").id}
        )
        unit = self._sold_unit("CHK-1")
        dispatch = self._dispatch(
            ticket=self._visit_ticket(equipment_id=unit.id),
            job_type_id=self.job_type.id,
        )
        self.assertFalse(dispatch.checklist_ids)
        dispatch.action_assign()
        self.assertEqual(
            dispatch.checklist_ids.mapped("name"),
            ["A", "M", "Harness", "Pressure", "Plate", "Remark"],
        )
        dispatch.action_assign()
        self.assertEqual(len(dispatch.checklist_ids), 6)
        plain = self._assigned(start=TODAY + timedelta(hours=5))
        self.assertEqual(plain.checklist_ids.mapped("name"), ["A"])

    def test_list_of_another_job_goes(self):
        """Another job before the visit: its list, unless the first was begun."""
        dispatch = self._assigned(job_type_id=self.job_type.id)
        dispatch.job_type_id = False
        dispatch.action_assign()
        self.assertFalse(dispatch.checklist_ids)

    def test_snapshot_in_every_language(self):
        """Later edits change no visit, and every reader has his own language."""
        self.env["res.lang"]._activate_lang("zh_CN")
        point = self.checklist.point_ids[0]
        point.with_context(lang="zh_CN").name = "安全带"
        own, harness, *_others = self._checked()
        point.name = "Something else"
        point.unlink()
        self.assertEqual(harness.name, "Harness")
        self.assertEqual(harness.with_context(lang="zh_CN").name, "安全带")

    def test_answers(self):
        own, harness, pressure, plate, remark = self._checked()
        self.assertEqual(own.check_label, "0 / 4")
        with self.assertRaisesRegex(UserError, "Harness") as caught:
            own.action_finish()
        self.assertIn("Plate", str(caught.exception))
        self.assertNotIn("Remark", str(caught.exception))
        harness.action_not_ok()
        self.assertTrue(harness.is_flagged)
        harness.action_ok()
        self.assertFalse(harness.is_flagged)
        self.assertEqual(
            (harness.answered_by_id, harness.answered_on), (self.technician, TODAY)
        )
        with self.assertRaisesRegex(UserError, "Pressure"):
            pressure.action_ok()
        pressure.action_note()
        self.assertTrue(pressure.is_answered and pressure.is_flagged)
        pressure.number = 2.5
        self.assertFalse(pressure.is_flagged)
        plate.image = picture()
        self.assertTrue(plate.is_answered)
        self.assertEqual((own.check_done_count, own.check_flag_count), (3, 0))
        own.action_finish()
        self.assertEqual(own.state, "done")

    @mute_logger("odoo.sql_db")
    def test_skipping_needs_a_reason(self):
        _own, harness, _pressure, plate, _remark = self._checked()
        with self.assertRaisesRegex(IntegrityError, "reason"):
            with self.env.cr.savepoint():
                harness.answer = "na"
                harness.flush_recordset()
        harness.invalidate_recordset()
        harness.write({"answer": "na", "reason": "On the ground"})
        self.assertTrue(harness.is_answered)
        with self.assertRaisesRegex(IntegrityError, "photo"):
            with self.env.cr.savepoint():
                plate.write({"answer": "na", "reason": "No camera"})
                plate.flush_recordset()

    def test_answer_taken_back(self):
        _own, harness, *_others = self._checked()
        harness.action_ok()
        harness.answer = False
        self.assertFalse(harness.is_answered or harness.answered_on)

    def test_who_answers_and_until_when(self):
        own, harness, pressure, plate, remark = self._checked()
        with self.assertRaisesRegex(UserError, "cannot be typed"):
            harness.required = False
        with self.assertRaises(AccessError):
            harness.unlink()
        stranger = self.env["res.users"].create(
            {
                "name": "Stranger",
                "login": "stranger",
                "group_ids": [Command.set(self.technician.group_ids.ids)],
                "company_id": self.company.id,
                "company_ids": [Command.set(self.company.ids)],
            }
        )
        with self.assertRaises(AccessError):
            harness.with_user(stranger).action_ok()
        harness.with_user(self.agent).action_ok()
        pressure.number = 2.2
        plate.image = picture()
        own.action_finish()
        for user in (self.technician, self.supervisor):
            with self.assertRaisesRegex(UserError, "until the visit is finished"):
                harness.with_user(user).action_not_ok()
        visit = own.with_user(self.supervisor)
        visit.action_correct("Belt was worn")
        harness.with_user(self.supervisor).action_not_ok()
        self.assertIn("OK → Not OK", " ".join(visit.message_ids.mapped("body")))

    def test_shipped_lists(self):
        """The installer's safety points are all there, the harness among them."""
        safety = self.env.ref("aftersales_service.aftersales_checklist_safety")
        self.assertEqual(len(safety.point_ids), 15)
        self.assertTrue(all(safety.point_ids.mapped("required")))
        self.assertIn("Safety harness above 2.5 m", safety.point_ids.mapped("name"))
        conduct = self.env.ref("aftersales_service.aftersales_checklist_conduct")
        self.assertEqual(len(conduct.point_ids.grouped("section")), 3)
        self.assertFalse(any(conduct.point_ids.mapped("required")))

    def test_assignment_costs_the_same_for_many(self):
        def assign(count, first_day):
            visits = self.env["aftersales.dispatch"].with_user(self.agent)
            for number in range(count):
                visits |= self._dispatch(
                    start=TODAY + timedelta(days=first_day + number),
                    job_type_id=self.job_type.id,
                )
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            visits._copy_checklists()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        assign(1, 1)
        self.assertLessEqual(assign(20, 10), assign(1, 40) + 2)
