from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .clock_common import local
from .dispatch_common import DispatchCommon

TODAY = local("2026-06-02 09:00")


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestTraining(DispatchCommon):
    """The register of trainings: the customer's operators and our staff (R37, R70)."""

    def _training(self, user=None, **values):
        return (
            self.env["aftersales.training"]
            .with_user(user or self.agent)
            .create({"topics": "Daily care", **values})
        )

    def _staff(self, kind, day, held=True, **values):
        training = self._training(
            kind="staff",
            staff_kind=kind,
            date=day,
            employee_ids=[Command.set((self.chen | self.zhou).ids)],
            **values,
        )
        if held:
            training.action_hold()
        return training

    # ------------------------------------------------------------
    # CUSTOMER
    # ------------------------------------------------------------

    def test_at_a_visit(self):
        """A technician trains the operators; unit and customer follow the visit."""
        unit = self._sold_unit()
        dispatch = self._assigned(ticket=self._visit_ticket(equipment_id=unit.id))
        training = self._training(self.technician, dispatch_id=dispatch.id)
        self.assertRegex(training.name, r"^TR/2026/\d{5}$")
        self.assertEqual(training.trainer_id, self.chen)
        self.assertEqual(training.ticket_id, dispatch.ticket_id)
        self.assertEqual(training.equipment_id, unit)
        self.assertEqual(training.partner_id, self.farmer)
        with self.assertRaisesRegex(UserError, "Name those who took part"):
            training.action_hold()
        training.write(
            {
                "participant_ids": [
                    Command.create(
                        {"name": "Wang Er", "role": "Driver", "certificate": True}
                    )
                ],
                "level_before": "2",
                "opinion_before": "Too many levers",
                "level_after": "4",
            }
        )
        training.action_hold()
        self.assertEqual(training.state, "done")
        with self.assertRaisesRegex(UserError, "cannot be typed"):
            training.write({"state": "planned"})
        with self.assertRaisesRegex(UserError, "Only the desk"):
            training.action_reopen()
        for record in unit, dispatch, self.farmer:
            self.assertEqual(record.with_user(self.agent).aftersales_training_count, 1)
        self.assertEqual(self.chen.aftersales_training_count, 1)

    def test_whose_operators(self):
        with self.assertRaisesRegex(ValidationError, "whose operators"):
            self._training()

    def test_not_before_its_day(self):
        training = self._training(
            partner_id=self.farmer.id,
            date="2026-06-03",
            participant_ids=[Command.create({"name": "Wang Er"})],
        )
        with self.assertRaisesRegex(UserError, "day has not come"):
            training.action_hold()
        with self.assertRaises(AccessError):
            training.unlink()

    def test_own_only(self):
        """A technician sees what he trained or took part in, nobody else's."""
        foreign = self._training(partner_id=self.farmer.id, trainer_id=self.zhou.id)
        drill = self._staff("drill", "2026-06-01")
        mine = self.env["aftersales.training"].with_user(self.technician).search([])
        self.assertEqual(mine, drill)
        with self.assertRaises(AccessError):
            foreign.with_user(self.technician).read(["topics"])
        with self.assertRaises(AccessError):
            drill.with_user(self.employee).read(["topics"])

    def test_attendance_sheet(self):
        """In the customer's language, with empty rows for whoever comes, too."""
        training = self._training(
            partner_id=self.farmer.id,
            participant_ids=[Command.create({"name": "Wang Er"})],
        )
        staff = self._staff("drill", "2026-06-01")
        Report = self.env["ir.actions.report"].with_user(self.agent)
        for one, text in ((training, "Wang Er"), (staff, "Zhou Min")):
            content, _kind = Report._render_qweb_html(
                "aftersales_service.action_report_aftersales_training", one.ids
            )
            self.assertIn(text, content.decode())
        self.assertEqual(len(training._get_sheet_rows()), 12)
        self.assertEqual(len(staff._get_sheet_rows()), 2)
        self.farmer.lang = "zh_CN"
        self.assertEqual(training._get_print_lang(), "zh_CN")

    def test_person_is_erased(self):
        """The register goes on without the person (R66)."""
        training = self._training(
            partner_id=self.farmer.id,
            signed_by="Wang",
            participant_ids=[
                Command.create({"name": "Farmer Wang", "phone": "1"}),
                Command.create({"name": "Somebody", "phone": self.farmer.phone}),
            ],
        ).with_user(self.manager)
        found = training.search(training._get_person_domain(self.farmer))
        self.assertEqual(found, training)
        training._erase_person(self.farmer)
        self.assertFalse(training.partner_id)
        self.assertFalse(training.signed_by)
        self.assertFalse(any(training.participant_ids.mapped("phone")))
        self.assertNotIn("Farmer Wang", training.participant_ids.mapped("name"))

    # ------------------------------------------------------------
    # THE YEAR'S DUTY
    # ------------------------------------------------------------

    def _watch(self, moment):
        job = self.env.ref("aftersales_service.ir_cron_aftersales_training")
        with freeze_time(moment), self.enter_registry_test_mode():
            job.method_direct_trigger()
        self.env.invalidate_all()
        return self.env["aftersales.training"].search(
            [("company_id", "=", self.company.id), ("state", "=", "planned")],
            order="staff_kind, id",
        )

    def test_half_a_year_without(self):
        """The manager is told once when half of the year is gone without."""
        self._staff("emergency", "2026-03-01")
        self._staff("drill", "2025-12-01")
        self.assertFalse(self._watch("2026-06-30 10:00:00"), "June")
        missing = self._watch("2026-06-30 16:30:00")
        self.assertEqual(missing.staff_kind, "drill", "July where the company is")
        self.assertEqual(missing.date, date(2026, 12, 31))
        self.assertEqual(missing.activity_ids.user_id, self.manager)
        self.assertEqual(self._watch("2026-07-02 10:00:00"), missing)
        planned = self._watch("2026-11-01 10:00:00")
        self.assertEqual(planned.mapped("staff_kind"), ["drill", "drill", "emergency"])
        self.assertEqual(self._watch("2026-11-02 10:00:00"), planned)
        with freeze_time("2027-01-01 10:00:00"):
            overdue = self.env["aftersales.training"].search(
                [("is_overdue", "=", True)]
            )
            self.assertEqual(overdue & planned, planned)

    def test_what_was_held_or_planned_counts(self):
        self._staff("emergency", "2026-03-01")
        planned = self._staff("drill", "2026-08-01", held=False)
        self.assertEqual(self._watch("2026-07-02 10:00:00"), planned)
        self.company.write(
            {"aftersales_drills_per_year": 0, "aftersales_emergencies_per_year": 1}
        )
        planned.action_cancel()
        self.assertFalse(self._watch("2026-11-02 10:00:00"))

    def test_counted_on_the_page_of_the_manager(self):
        self._staff("drill", "2026-03-01")
        self._staff("drill", "2025-03-01")
        setup = self.env["aftersales.setup"].with_user(self.manager)
        setup = setup.browse(self.company.id)
        self.assertEqual((setup.drill_count, setup.emergency_count), (1, 0))
        setup.drills_per_year = 4
        self.assertEqual(self.company.aftersales_drills_per_year, 4)
