from contextlib import contextmanager
from datetime import datetime, timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import AftersalesCommon

# Monday morning.
NOW = datetime(2026, 7, 6, 9, 0)


@tagged("post_install", "-at_install")
class TestHotline(AftersalesCommon):
    """R10: who answers when, and whom nobody answered."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.env["resource.calendar"].create(
            {
                "name": "Hotline 9–22",
                "tz": "Asia/Shanghai",
                "company_id": cls.company.id,
                "attendance_ids": [
                    fields.Command.clear(),
                    *(
                        fields.Command.create(
                            {
                                "name": "Hotline",
                                "dayofweek": str(day),
                                "hour_from": 9,
                                "hour_to": 22,
                                "day_period": "morning",
                            }
                        )
                        for day in range(7)
                    ),
                ],
            }
        )
        cls.team.write(
            {
                "calendar_id": cls.calendar.id,
                "supervisor_id": cls.supervisor.id,
                "forward_phone": "+86 10 1111 1111",
            }
        )

    def _duty(self, user=None, start=NOW, hours=8, **values):
        return self.env["aftersales.duty"].create(
            {
                "team_id": self.team.id,
                "user_id": (user or self.agent).id,
                "date_from": start,
                "date_to": start + timedelta(hours=hours),
                **values,
            }
        )

    def _call(self, phone="138 0013 8000", **values):
        return self.env["aftersales.missed.call"].create(
            {"team_id": self.team.id, "phone": phone, **values}
        )

    def _notices(self, tickets):
        return tickets.activity_ids.filtered(
            lambda activity: activity.summary == "New request"
        )

    @contextmanager
    def _refused(self, error, reason):
        with self.assertRaisesRegex(error, reason), self.env.cr.savepoint():
            yield

    # ------------------------------------------------------------
    # ROSTER
    # ------------------------------------------------------------

    def test_a_line_has_one_person_and_a_person_one_line(self):
        self._duty()
        with self._refused(ValidationError, "overlaps"):
            self._duty(self.supervisor, NOW + timedelta(hours=7))
        with self._refused(ValidationError, "overlaps"):
            self._duty(start=NOW + timedelta(hours=1), sequence=2)
        # The hand-over at the same minute, and the second line.
        self._duty(self.supervisor, NOW + timedelta(hours=8))
        self._duty(self.manager, sequence=2)
        with self._refused(ValidationError, "no after-sales rights"):
            self._duty(self.employee, NOW - timedelta(days=1))
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._duty(self.technician, NOW - timedelta(days=9), hours=-1)

    def test_supervisors_make_the_roster(self):
        duty = self._duty()
        duty.with_user(self.supervisor).note = "Swapped"
        with self.assertRaises(AccessError):
            duty.with_user(self.agent).note = "Mine"
        self.assertEqual(duty.with_user(self.employee).user_id, self.agent)

    def test_on_duty_now_is_true_now(self):
        duty = self._duty()
        Duty = self.env["aftersales.duty"]
        for moment, expected in (
            (NOW - timedelta(minutes=1), Duty),
            (NOW, duty),
            (NOW + timedelta(hours=8), Duty),
        ):
            with freeze_time(moment):
                self.assertEqual(Duty.search([("is_now", "=", True)]), expected)
                duty.invalidate_recordset(["is_now"])
                self.assertEqual(duty.is_now, bool(expected))

    def test_hours_and_forwarding(self):
        """Where a telephone system puts calls through, by hour, holiday and roster."""
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Spring Festival",
                "calendar_id": self.calendar.id,
                "date_from": datetime(2026, 2, 17),
                "date_to": datetime(2026, 2, 18),
            }
        )
        self._duty(start=datetime(2026, 7, 7, 20), forward_phone="+86 139 0000 0000")
        cases = (
            # Shanghai is eight hours ahead.
            (datetime(2026, 7, 6, 1, 0), True, False),
            (datetime(2026, 7, 6, 0, 59), False, "+86 10 1111 1111"),
            (datetime(2026, 7, 6, 14, 0), False, "+86 10 1111 1111"),
            (datetime(2026, 2, 17, 5, 0), False, "+86 10 1111 1111"),
            (datetime(2026, 7, 7, 21, 0), False, "+86 139 0000 0000"),
        )
        team = self.team.with_user(self.agent)
        for moment, is_open, forward in cases:
            with self.subTest(moment=moment), freeze_time(moment):
                self.env.invalidate_all()
                answer = team.get_hotline()
                self.assertEqual(answer["open"], is_open)
                self.assertEqual(answer["forward_phone"], forward)
        with self.assertRaises(AccessError):
            self.team.with_user(self.employee).get_hotline()

    def test_a_calendar_without_hours_counts_as_open(self):
        self.calendar.attendance_ids.unlink()
        self.assertTrue(self.team.hotline_open)
        self.team.calendar_id = False
        self.company.resource_calendar_id.attendance_ids.unlink()
        self.assertEqual(self._call().in_hours, "inside")

    # ------------------------------------------------------------
    # MISSED CALLS
    # ------------------------------------------------------------

    def test_missed_call_knows_customer_duty_and_hours(self):
        self._duty()
        self._duty(self.manager, sequence=2)
        early = NOW.replace(hour=0)
        with freeze_time(NOW + timedelta(hours=2)):
            call = self._call("0086-138 00138000", date_call=NOW)
            night = self._call("02012345678", date_call=early)
            self.assertEqual(call.partner_id, self.farmer)
            self.assertEqual(call.duty_ids, self.agent | self.manager)
            self.assertEqual(call.in_hours, "inside")
            self.assertEqual(call.age_hours, 2)
            self.assertFalse(night.partner_id | night.duty_ids.partner_id)
            self.assertEqual(night.in_hours, "outside")
            with self._refused(ValidationError, "future"):
                self._call(date_call=NOW + timedelta(days=1))

    def test_number_of_two_customers_is_nobodys(self):
        self.other_farmer.phone = "138-0013-8000"
        self.assertFalse(self._call().partner_id)

    def test_one_call_back_answers_all_calls_of_the_number(self):
        calls = self._call() | self._call("+86 13800138000")
        other = self._call("139 1111 2222")
        calls[0].with_user(self.agent).action_called_back()
        self.assertEqual(set(calls.mapped("state")), {"called_back"})
        self.assertEqual(calls.done_by_id, self.agent)
        self.assertEqual(other.state, "open")
        self.assertEqual(self.team.missed_call_count, 1)
        with self._refused(UserError, "answered already"):
            calls.action_called_back()
        calls.action_reopen()
        self.assertEqual(set(calls.mapped("state")), {"open"})

    def test_facts_are_not_typed(self):
        call = self._call()
        for vals in ({"state": "called_back"}, {"done_by_id": self.env.uid}):
            with self.assertRaises(UserError):
                call.with_user(self.agent).write(vals)

    def test_register_ticket_from_missed_call(self):
        call = self._call("139 1111 2222").with_user(self.agent)
        action = call.action_register()
        form = (
            self.env["aftersales.ticket.call"]
            .with_user(self.agent)
            .with_context(**action["context"])
            .create({"symptom": "No start", "partner_name": "Sun"})
        )
        form.action_save()
        self.assertEqual(call.state, "registered")
        self.assertEqual(call.ticket_id.partner_phone, "139 1111 2222")
        self.assertFalse(call.ticket_id.partner_id)

    def test_telephone_system_reports_a_call_once(self):
        Call = self.env["aftersales.missed.call"].with_user(self.agent)
        first = Call.record_missed_call(
            "013800138000", "2026-07-06 09:00:00", self.team.id, "pbx-1"
        )
        again = Call.record_missed_call(
            "013800138000", "2026-07-06 09:00:00", self.team.id, "pbx-1"
        )
        self.assertEqual(first, again)
        hidden = Call.browse(Call.record_missed_call(""))
        self.assertEqual(hidden.team_id, self.team)
        self.assertEqual(hidden.phone, "Hidden number")
        hidden.action_called_back()
        with self.assertRaises(AccessError):
            Call.with_user(self.employee).record_missed_call("123456")

    def test_missed_calls_come_by_file_in_one_batch(self):
        self._duty()

        def record(count):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            calls = self.env["aftersales.missed.call"].create(
                [
                    {"phone": f"139{count:04}{index:04}", "team_id": self.team.id}
                    for index in range(count)
                ]
            )
            self.env.flush_all()
            self.assertEqual(len(calls), count)
            return self.env.cr.sql_log_count - before

        record(1)
        self.assertLessEqual(record(100), record(1) + 5)
        loaded = (
            self.env["aftersales.missed.call"]
            .with_user(self.agent)
            .load(
                ["phone", "date_call", "team_id", "call_ref"],
                [["13800138000", "2026-07-06 09:00:00", "Desk", "file-1"]],
            )
        )
        self.assertTrue(loaded["ids"], loaded["messages"])
        call = self.env["aftersales.missed.call"].browse(loaded["ids"])
        self.assertEqual(call.partner_id, self.farmer)

    def test_person_is_found_and_erased(self):
        call = self._call()
        calls = self.env["aftersales.missed.call"]
        domain = calls._get_person_domain(self.farmer)
        self.assertIn(call, calls.search(domain))
        call._erase_person(self.farmer)
        self.assertFalse(call.partner_id)
        self.assertNotIn("8000", call.phone)

    # ------------------------------------------------------------
    # NOTICES
    # ------------------------------------------------------------

    def test_new_requests_go_to_whoever_is_on_duty(self):
        self._duty(start=fields.Datetime.now() - timedelta(hours=1))
        ticket = self._ticket(channel="email")
        self.assertEqual(self._notices(ticket).user_id, self.agent)
        # Nobody on duty: the supervisor.
        self.env["aftersales.duty"].search([]).unlink()
        other = self._ticket(channel="portal")
        self.assertEqual(self._notices(other).user_id, self.supervisor)

    def test_the_desk_needs_no_notice_of_its_own_work(self):
        Ticket = self.env["aftersales.ticket"]
        for user in (self.agent, self.technician):
            ticket = Ticket.with_user(user).create(
                {"symptom": "S", "partner_id": self.farmer.id, "channel": "email"}
            )
            self.assertFalse(self._notices(ticket.sudo()))
        self.assertFalse(self._notices(self._ticket()))
        self.assertFalse(
            self._notices(self._ticket(channel="email", user_id=self.agent.id))
        )

    def test_salesman_in_the_store(self):
        """R01: two fields, and the desk knows of it."""
        unit = self._sold_unit("STORE-1")
        order = unit.sale_order_id.with_user(self.salesman)
        action = order.action_aftersales_request_service()
        form = (
            self.env["aftersales.ticket.request"]
            .with_user(self.salesman)
            .with_context(**action["context"])
            .create({"symptom": "Leaks"})
        )
        form.action_create_ticket()
        ticket = unit.ticket_ids
        self.assertEqual(ticket.channel, "store")
        self.assertEqual(ticket.partner_id, self.farmer)
        self.assertEqual(self._notices(ticket).user_id, self.supervisor)

    def test_notice_goes_when_somebody_takes_the_ticket(self):
        tickets = self.env["aftersales.ticket"]
        for _index in range(3):
            tickets |= self._ticket(channel="email")
        self.assertEqual(len(self._notices(tickets)), 3)
        tickets[0].with_user(self.agent).action_open()
        tickets[1].user_id = self.agent
        tickets[2].action_cancel("Spam")
        self.assertFalse(self._notices(tickets))

    def test_notices_in_a_batch(self):
        """A thousand requests at once cost a constant number of queries."""
        self._duty(start=fields.Datetime.now() - timedelta(hours=1))

        def create(count, **values):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            tickets = self.env["aftersales.ticket"].create(
                [
                    {"symptom": "S", "partner_id": self.farmer.id, **values}
                    for _index in range(count)
                ]
            )
            self.env.flush_all()
            return self.env.cr.sql_log_count - before, tickets

        create(1, channel="email")
        one, _ticket = create(1, channel="email")
        many, tickets = create(60, channel="email")
        plain, _tickets = create(60, channel="phone")
        self.assertEqual(len(self._notices(tickets)), 60)
        self.assertLessEqual(many, one + 6)
        self.assertLessEqual(many, plain + 25)
