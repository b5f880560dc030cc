from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .clock_common import local
from .dispatch_common import DispatchCommon

# A Tuesday, nine in the morning in Shanghai.
TODAY = local("2026-06-02 09:00")


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestFit(DispatchCommon):
    """Assigning somebody who is refused, crews, and the list to choose from."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        ref = cls.env.ref
        cls.lifting = ref("aftersales_service.aftersales_job_type_lifting")
        cls.electrical = ref("aftersales_service.aftersales_job_type_electrical")
        cls.electrician = ref("aftersales_service.hr_skill_electrician")
        for job in (cls.lifting, cls.electrical):
            job.grade_id = False
        cls.third = cls._create_technician("Wu Lei")
        cls.job = cls.env["aftersales.job.type"].create(
            {
                "name": "Hard Work",
                "grade_id": ref("aftersales_service.aftersales_grade_3").id,
            }
        )

    def _as_supervisor(self, dispatch):
        return dispatch.with_user(self.supervisor)

    def _license(self, employee):
        kind = self.electrician.skill_type_id
        self.env["hr.employee.skill"].create(
            {
                "employee_id": employee.id,
                "skill_type_id": kind.id,
                "skill_id": self.electrician.id,
                "skill_level_id": kind.skill_level_ids.id,
                "valid_from": "2026-01-01",
            }
        )

    # ------------------------------------------------------------
    # OVERRIDE
    # ------------------------------------------------------------

    def test_sent_all_the_same(self):
        """A supervisor and a reason; the reason stays till it is not needed (R32)."""
        dispatch = self._dispatch(job_type_id=self.job.id)
        with (
            self.assertRaisesRegex(
                UserError, "no grade yet, job asks 3[^§]*A supervisor"
            ),
            self.cr.savepoint(),
        ):
            dispatch.action_assign()
        with (
            self.assertRaisesRegex(UserError, "A supervisor may send"),
            self.cr.savepoint(),
        ):
            dispatch.action_assign(reason="I think so")
        boss = self._as_supervisor(dispatch)
        with (
            self.assertRaisesRegex(UserError, "press Find a Technician and say why"),
            self.cr.savepoint(),
        ):
            boss.action_assign()
        boss.action_assign(reason=" He knows the machine ")
        self.assertEqual(dispatch.state, "assigned")
        self.assertEqual(
            (dispatch.override_reason, dispatch.override_by_id, dispatch.override_text),
            (
                "He knows the machine",
                self.supervisor,
                "Chen Gang: no grade yet, job asks 3",
            ),
        )
        dispatch.write(
            {
                "date_start": TODAY + timedelta(hours=4),
                "date_end": TODAY + timedelta(hours=5),
            }
        )
        self.assertEqual(dispatch.override_reason, "He knows the machine")
        with (
            self.assertRaisesRegex(UserError, "Zhou Min: no grade yet"),
            self.cr.savepoint(),
        ):
            dispatch.write({"technician_id": self.zhou.id})
        self.zhou.aftersales_grade_id = self.job.grade_id
        dispatch.write({"technician_id": self.zhou.id})
        self.assertFalse(dispatch.override_reason or dispatch.override_text)
        self.assertFalse(dispatch.override_by_id)

    def test_facts_of_the_decision(self):
        dispatch = self._dispatch()
        with self.assertRaisesRegex(UserError, "cannot be typed"), self.cr.savepoint():
            self._as_supervisor(dispatch).write({"override_reason": "Because"})

    def test_moved_on_the_board_into_a_leave(self):
        """Dragged to a day off: refused, for supervisors with the way out (R22)."""
        dispatch = self._assigned(start=TODAY + timedelta(hours=1))
        self.env["resource.calendar.leaves"].create(
            {
                "resource_id": self.chen.resource_id.id,
                "calendar_id": self.calendar.id,
                "company_id": self.company.id,
                "date_from": local("2026-06-03 00:00"),
                "date_to": local("2026-06-03 23:59"),
            }
        )
        vals = {
            "date_start": local("2026-06-03 10:00"),
            "date_end": local("2026-06-03 12:00"),
        }
        with (
            self.assertRaisesRegex(UserError, "Chen Gang: on leave until"),
            self.cr.savepoint(),
        ):
            dispatch.write(vals)
        with (
            self.assertRaisesRegex(UserError, "Find a Technician"),
            self.cr.savepoint(),
        ):
            self._as_supervisor(dispatch).write(vals)
        with self.assertRaisesRegex(UserError, "on leave until"), self.cr.savepoint():
            dispatch.with_user(self.technician).action_reschedule(
                date_start=vals["date_start"], reason="Parts late"
            )
        self.assertEqual(dispatch.date_start, TODAY + timedelta(hours=1))

    def test_never_overruled(self):
        """Nobody is at two places, and nobody works without working hours."""
        boss = self._as_supervisor(self._dispatch(start=TODAY + timedelta(hours=1)))
        self._assigned(start=TODAY + timedelta(hours=2))
        with self.assertRaisesRegex(UserError, "Chen Gang is at"), self.cr.savepoint():
            boss.action_assign(reason="I say so")
        self.third.resource_calendar_id = False
        free = self._as_supervisor(self._dispatch(technician=self.third))
        with (
            self.assertRaisesRegex(UserError, "Wu Lei: no working hours"),
            self.cr.savepoint(),
        ):
            free.action_assign(reason="I say so")

    def test_noted_afterwards(self):
        """What has happened at night has happened; the grade still counts."""
        start = local("2026-06-01 21:00")
        ticket = self._visit_ticket(date_open=local("2026-06-01 20:00"))
        visit = self._dispatch(start=start, ticket=ticket)
        visit.action_assign(moment=start)
        self.assertEqual(visit.state, "assigned")
        other = self._dispatch(
            technician=self.zhou, start=start, job_type_id=self.job.id, ticket=ticket
        )
        with self.assertRaisesRegex(UserError, "no grade yet"), self.cr.savepoint():
            other.action_assign(moment=start)

    # ------------------------------------------------------------
    # CREW
    # ------------------------------------------------------------

    def test_minimum_crew_and_watcher(self):
        """Two go, one answers for it, one watches (R31)."""
        dispatch = self._dispatch(job_type_id=self.lifting.id)
        with (
            self.assertRaisesRegex(UserError, "crew of at least 2.*name 1 more"),
            self.cr.savepoint(),
        ):
            self._as_supervisor(dispatch).action_assign(reason="Alone is fine")
        dispatch.crew_ids = self.zhou
        with self.assertRaisesRegex(UserError, "needs a watcher"), self.cr.savepoint():
            dispatch.action_assign()
        with (
            self.assertRaisesRegex(ValidationError, "watches only as one of the crew"),
            self.cr.savepoint(),
        ):
            dispatch.watcher_id = self.third
        with (
            self.assertRaisesRegex(ValidationError, "watches only as one of the crew"),
            self.cr.savepoint(),
        ):
            dispatch.watcher_id = self.chen
        dispatch.watcher_id = self.zhou
        dispatch.action_assign()
        self.assertEqual(dispatch.slot_ids.employee_id, self.chen | self.zhou)
        with (
            self.assertRaisesRegex(UserError, "Only the dispatcher plans"),
            self.cr.savepoint(),
        ):
            dispatch.with_user(self.technician).write({"watcher_id": False})

    def test_whole_crew_is_asked(self):
        """Leave and licence of everybody, the grade of the responsible alone (R70)."""
        self._license(self.chen)
        dispatch = self._dispatch(
            job_type_id=self.electrical.id, crew_ids=[Command.link(self.zhou.id)]
        )
        with (
            self.assertRaisesRegex(UserError, "Zhou Min: no licence: Electrician"),
            self.cr.savepoint(),
        ):
            dispatch.action_assign()
        self._license(self.zhou)
        self.chen.aftersales_grade_id = self.job.grade_id
        self.electrical.grade_id = self.job.grade_id
        dispatch.action_assign()
        self.assertEqual(dispatch.state, "assigned")

    # ------------------------------------------------------------
    # LIST TO CHOOSE FROM
    # ------------------------------------------------------------

    def _pick(self, dispatch):
        action = dispatch.action_find_technician()
        return (
            self.env[action["res_model"]]
            .with_user(dispatch.env.user)
            .browse(action["res_id"])
        )

    def _line(self, pick, employee):
        return pick.line_ids.filtered(lambda line: line.employee_id.id == employee.id)

    def test_one_click(self):
        """The dispatcher reads why, chooses, and sends."""
        dispatch = self._visit_ticket().action_dispatch()["res_id"]
        dispatch = (
            self.env["aftersales.dispatch"].with_user(self.agent).browse(dispatch)
        )
        self.farmer.aftersales_refused_technician_id = self.chen
        pick = self._pick(dispatch)
        self.assertEqual(pick.date_start, TODAY + timedelta(hours=1))
        self.assertEqual(pick.line_ids[-1].refusals, "the customer does not want him")
        self.assertIn("Free day", pick.line_ids[0].parts)
        self._line(pick, self.zhou).action_lead()
        self.assertEqual(pick.summary, "Zhou Min (Responsible)")
        self._line(pick, self.third).action_lead()
        self.assertEqual(pick.line_ids.filtered("role").employee_id, self.third)
        pick.hours = 3.0
        self.assertTrue(pick.is_stale)
        pick.action_refresh()
        self.assertEqual(pick.summary, "Wu Lei (Responsible)")
        pick.action_assign()
        self.assertEqual(dispatch.technician_id, self.third)
        self.assertEqual((dispatch.state, dispatch.planned_hours), ("assigned", 3.0))

    def test_reassigned_from_the_list(self):
        """Somebody else goes; a refused one with the supervisor's reason."""
        dispatch = self._assigned(job_type_id=False)
        dispatch.ticket_id.sudo().job_type_id = False
        self.farmer.aftersales_refused_technician_id = self.zhou
        pick = self._pick(dispatch)
        self.assertEqual(self._line(pick, self.chen).role, "lead")
        self.assertFalse(self._line(pick, self.chen).refusals, "his own visit")
        self._line(pick, self.zhou).action_lead()
        with (
            self.assertRaisesRegex(UserError, "the customer does not want him"),
            self.cr.savepoint(),
        ):
            pick.action_assign()
        boss = self._pick(self._as_supervisor(dispatch))
        self._line(boss, self.zhou).action_lead()
        self._line(boss, self.third).action_watch()
        self.assertTrue(boss.is_refused and boss.is_supervisor)
        boss.reason = "Nobody else is near"
        boss.action_assign()
        self.assertEqual(dispatch.technician_id, self.zhou)
        self.assertEqual(dispatch.watcher_id, self.third)
        self.assertEqual(dispatch.override_reason, "Nobody else is near")

    # ------------------------------------------------------------
    # COST
    # ------------------------------------------------------------

    def test_constant_cost(self):
        """Asking costs the same for one visit as for fifty, two people each."""
        self.company.aftersales_travel_minutes = 0
        ticket = self._visit_ticket()

        def plan(count, day):
            start = local(f"2026-06-{day:02} 08:00")
            return (
                self.env["aftersales.dispatch"]
                .with_user(self.agent)
                .create(
                    [
                        {
                            "ticket_id": ticket.id,
                            "technician_id": self.chen.id,
                            "crew_ids": [Command.link(self.zhou.id)],
                            "job_type_id": self.job.id,
                            "date_start": start + timedelta(minutes=3 * number),
                            "date_end": start + timedelta(minutes=3 * number + 3),
                        }
                        for number in range(count)
                    ]
                )
            )

        def count(visits):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            visits._get_refused()
            return self.env.cr.sql_log_count - before

        count(plan(1, 3))
        one, fifty = count(plan(1, 4)), count(plan(50, 5))
        self.assertEqual(one, fifty)
        self.assertLessEqual(one, 35)
