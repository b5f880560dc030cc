from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .clock_common import local
from .report_common import ReportCommon

TODAY = local("2026-06-30 09:00")


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestVisitFigures(ReportCommon):
    """Punctuality, first-time fix and repeats, checked by figures made by hand."""

    def setUp(self):
        super().setUp()
        self.unit = self._sold_unit()
        self.Report = self.env["aftersales.dispatch.report"]

    def _row(self, dispatch):
        self.env.flush_all()
        self.Report.invalidate_model()
        return self.Report.browse(dispatch.id)

    def _rates(self, *fields, groupby=()):
        self.env.flush_all()
        return self.Report._read_group(
            [("company_id", "=", self.company.id)], groupby, list(fields)
        )

    def _may(self, **values):
        """Return a visit of the second of May, whose days to look back are over."""
        return self._made(
            "2026-05-01 10:00",
            "2026-05-02 09:00",
            "2026-05-02 09:00",
            "2026-05-02 11:30",
            equipment_id=self.unit.id,
            **values,
        )

    def _again(self, opened, **values):
        return self._visit_ticket(
            date_open=local(opened), equipment_id=self.unit.id, **values
        )

    def test_fixed_first_time(self):
        row = self._row(self._may())
        self.assertEqual((row.fix_state, row.is_first), ("fixed", True))
        self.assertEqual(
            self._rates("first_fix:avg", "first_fix_open:sum", "came_again:avg"),
            [(1.0, 0, 0.0)],
        )
        self.assertEqual(row.work_hours, 2.5)
        self.assertEqual(row.hours_to_arrive, 23.0)
        self.assertEqual(row.hours_to_finish, 25.5)

    def test_too_early_to_say(self):
        """Before the days are over nothing is a fix, nor a failure."""
        visit = self._made(
            "2026-06-19 10:00", "2026-06-20 09:00", "2026-06-20 09:00",
            "2026-06-20 10:00", equipment_id=self.unit.id,
        )  # fmt: skip
        self.assertEqual(self._row(visit).fix_state, "open")
        self.assertEqual(
            self._rates("first_fix:avg", "first_fix_open:sum", "came_again:count"),
            [(False, 1, 0)],
        )
        self._again("2026-06-25 10:00")
        row = self._row(visit)
        self.assertEqual((row.fix_state, row.again_count), ("open", 1))
        with freeze_time(local("2026-07-20 10:01")):
            self.assertEqual(self._row(visit).fix_state, "not_fixed")

    def test_what_spoils_a_fix(self):
        """A table of traps: what came after, and whether it spoils the fix."""
        other = self._sold_unit("S-2")
        cases = [
            ("another unit", {"equipment_id": other.id}, "2026-05-10 10:00", "fixed"),
            ("same unit", {}, "2026-05-10 10:00", "not_fixed"),
            ("last minute", {}, "2026-06-01 11:29", "not_fixed"),
            ("a month later", {}, "2026-06-01 11:31", "fixed"),
            ("before the end", {}, "2026-05-02 11:00", "fixed"),
            ("by phone", {"service_mode": "phone"}, "2026-05-10 10:00", "fixed"),
            ("workshop", {"service_mode": "workshop"}, "2026-05-10 10:00", "not_fixed"),
            ("internal", {"service_kind": "internal"}, "2026-05-10 10:00", "fixed"),
        ]
        visit = self._may()
        for name, values, opened, state in cases:
            with self.subTest(name):
                later = self._ticket(
                    **{
                        "date_open": local(opened),
                        "equipment_id": self.unit.id,
                        "service_mode": "onsite",
                        **values,
                    }
                )
                row = self._row(visit)
                self.assertEqual(row.fix_state, state)
                self.assertEqual(row.came_again, state == "not_fixed")
                later.action_cancel("A case of the table")
                self.assertEqual(self._row(visit).fix_state, "fixed", "cancelled")

    def test_repeat_without_unit(self):
        """A ticket that repeats the first one counts, also by phone."""
        visit = self._may()
        self._ticket(
            date_open=local("2026-05-05 10:00"),
            repeat_of_id=visit.ticket_id.id,
            equipment_id=self.unit.id,
            service_mode="phone",
        )
        self.assertEqual(self._row(visit).fix_state, "not_fixed")

    def test_reopened(self):
        visit = self._may()
        visit.ticket_id.with_user(self.agent).action_reopen("Leaks again")
        self.assertEqual(self._row(visit).fix_state, "not_fixed")
        visit.ticket_id.with_user(self.agent).action_solve()
        self.assertEqual(self._row(visit).fix_state, "not_fixed")

    def test_second_visit(self):
        """The ticket is judged once, by its first visit; the repeat by its last."""
        first = self._may(result="follow_up")
        second = self._made(
            "2026-05-01 10:00", "2026-05-03 09:00", "2026-05-03 09:00",
            "2026-05-03 10:00", ticket=first.ticket_id, technician=self.zhou,
        )  # fmt: skip
        self.assertEqual(self._row(first).fix_state, "not_fixed")
        self.assertFalse(self._row(second).fix_state)
        self._again("2026-05-20 10:00")
        self.assertEqual(
            self._rates(
                "visit_count:sum", "first_fix:avg", "came_again:avg",
                groupby=["technician_id"],
            ),
            [(self.chen, 1, 0.0, False), (self.zhou, 1, False, 1.0)],
        )  # fmt: skip

    def test_failed_visit(self):
        """Who was there in vain has not fixed it; who never got there is no visit."""
        tried = self._made(
            "2026-05-01 10:00", "2026-05-02 09:00", "2026-05-02 09:00",
            fail="Nobody at home", equipment_id=self.unit.id,
        )  # fmt: skip
        self.assertEqual(self._row(tried).fix_state, "not_fixed")
        self.assertEqual(self._row(tried).failed_count, 1)
        never = self._made(
            "2026-05-01 10:00", "2026-05-04 09:00", None, fail="Van broke down"
        )
        self.assertFalse(self._row(never).fix_state)
        self.assertEqual(self._rates("on_time:count"), [(1,)])

    def test_punctual(self):
        """Against the agreed time with its grace, and against the promise."""
        for minute, on_time in (("08:50", 1), ("09:15", 1), ("09:16", 0)):
            visit = self._made(
                "2026-05-01 10:00", "2026-05-02 09:00", f"2026-05-02 {minute}"
            )
            self.assertEqual(self._row(visit).on_time, on_time, minute)
            visit.action_fail("A case of the table")
        self.assertAlmostEqual(self._rates("on_time:avg")[0][0], 2 / 3)
        self.company.aftersales_punctual_minutes = 0
        self.assertAlmostEqual(self._rates("on_time:avg")[0][0], 1 / 3)

    def test_promise_moved_while_running(self):
        """A later promise does not mend the one that was broken."""
        visit = self._may()
        ticket = visit.ticket_id
        self.env.flush_all()
        for deadline, missed, kept in (
            ("2026-05-02 09:00", None, 1),
            ("2026-05-02 08:59", None, 0),
            ("2026-05-03 09:00", "2026-05-01 18:00", 0),
        ):
            self.env.cr.execute(
                "UPDATE aftersales_ticket SET arrive_deadline = %s, "
                "arrive_missed = %s WHERE id = %s",
                (local(deadline), missed and local(missed), ticket.id),
            )
            self.Report.invalidate_model()
            self.assertEqual(self.Report.browse(visit.id).in_promise, kept)

    def test_rights(self):
        """Supervisors have the figures, technicians and the desk not."""
        self._may()
        Report = self.Report.with_user(self.supervisor)
        self.assertTrue(Report.search([]))
        for user in (self.technician, self.agent):
            with self.assertRaises(AccessError):
                self.Report.with_user(user).search([])

    def test_on_the_file_of_the_technician(self):
        """Dispatchers see the figures on the file, colleagues do not."""
        self._may(crew_ids=[Command.link(self.zhou.id)])
        self.env.flush_all()
        self.env.invalidate_all()
        person = self.env["hr.employee.public"].with_user(self.agent)
        person = person.browse(self.chen.id)
        self.assertEqual(person.aftersales_punctuality, 1.0)
        self.assertEqual(person.aftersales_first_fix_rate, 1.0)
        self.assertEqual(person.aftersales_repeat_rate, 0.0)
        self.assertEqual(person.aftersales_fix_count, 1)
        names = ["aftersales_punctuality", "aftersales_fix_count"]
        (shown,) = person.with_user(self.employee).read(names)
        self.assertFalse([name for name in names if shown[name]])

    def test_queries(self):
        """Fifty files cost what one does."""
        people = self.chen
        self._may()
        many = self.env["hr.employee"].create(
            [
                {"name": f"T{number}", "company_id": self.company.id}
                for number in range(50)
            ]
        )
        counts = []
        for group in (people, people | many):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            group.mapped("aftersales_first_fix_rate")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
