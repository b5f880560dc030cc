from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .clock_common import local
from .dispatch_common import DispatchCommon

# A Tuesday, nine in the morning in Shanghai.
TODAY = local("2026-06-02 09:00")


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestDispatch(DispatchCommon):
    """The dispatch order from the desk to the end of the visit (R22, R24, R25)."""

    def _as_technician(self, dispatch):
        return dispatch.with_user(self.technician)

    def test_from_ticket_to_solution(self):
        """The whole way: the ticket follows its visit."""
        ticket = self._visit_ticket()
        action = ticket.action_dispatch()
        dispatch = self.env["aftersales.dispatch"].browse(action["res_id"])
        dispatch = dispatch.with_user(self.agent)
        self.assertRegex(dispatch.name, r"^DO/2026/\d{5}$")
        self.assertEqual(dispatch.company_id, self.company)
        self.assertEqual(ticket.action_dispatch()["res_id"], dispatch.id)
        with self.assertRaisesRegex(UserError, "Name the technician"):
            dispatch.action_assign()
        dispatch.write({"technician_id": self.chen.id, "date_start": TODAY})
        self.assertEqual(dispatch.date_end, TODAY + timedelta(hours=2))
        with self.assertRaises(AccessError):
            self._as_technician(dispatch).read(["name"])
        dispatch.action_assign()
        self.assertEqual(ticket.state, "open")
        self.assertEqual(dispatch.assigned_by_id, self.agent)
        own = self._as_technician(dispatch)
        own.invalidate_recordset()
        self.assertEqual(own.ticket_id.symptom, "Does not start")
        own.action_accept()
        with freeze_time(TODAY + timedelta(hours=1)):
            own.action_arrive()
            own.action_arrive()
        self.assertEqual(ticket.arrive_date, TODAY + timedelta(hours=1))
        with freeze_time(TODAY + timedelta(hours=2)):
            own.action_finish()
        with freeze_time(TODAY + timedelta(hours=3)):
            own.action_finish()
        self.assertEqual(dispatch.finish_date, TODAY + timedelta(hours=2))
        self.assertEqual(dispatch.state, "done")
        self.assertEqual(ticket.state, "solved")
        self.assertFalse(dispatch.slot_ids)

    def test_technician_does_not_plan(self):
        """Nobody passes his job on without the dispatcher (R22)."""
        dispatch = self._assigned()
        own = self._as_technician(dispatch)
        for values in (
            {"technician_id": self.zhou.id},
            {"crew_ids": [Command.link(self.zhou.id)]},
            {"date_start": TODAY + timedelta(hours=3)},
        ):
            with self.assertRaisesRegex(UserError, "Only the dispatcher plans"):
                own.write(values)
        with self.assertRaisesRegex(UserError, "cannot be typed"):
            own.write({"state": "done"})
        with self.assertRaisesRegex(UserError, "Only the dispatcher assigns"):
            own.action_assign(self.zhou.id)

    def test_nobody_is_at_two_places(self):
        """A second visit at the same time names the first one."""
        first = self._assigned(start=TODAY)
        second = self._dispatch(start=TODAY + timedelta(hours=1))
        with self.assertRaisesRegex(UserError, f"Chen Gang is at {first.name}"):
            second.action_assign()
        second.write({"technician_id": self.zhou.id})
        with self.assertRaisesRegex(UserError, "Chen Gang"):
            second.write({"crew_ids": [Command.link(self.chen.id)]})
            second.action_assign()

    def test_moving_is_a_postponement(self):
        """Moved on the board: kept with old and new time, asked again (R24)."""
        dispatch = self._assigned(start=TODAY + timedelta(hours=2))
        self._as_technician(dispatch).action_accept()
        later = TODAY + timedelta(hours=4)
        dispatch.write({"date_start": later, "date_end": later + timedelta(hours=1)})
        self.assertEqual(dispatch.state, "assigned")
        trace = dispatch.reschedule_ids
        self.assertEqual(
            (trace.old_start, trace.new_start, trace.requested_by, trace.user_id),
            (TODAY + timedelta(hours=2), later, "company", self.agent),
        )
        self.assertEqual(dispatch.slot_ids.date_start, later)

    def test_postponed_by_the_customer(self):
        """It goes back to the dispatcher with the wished time (R24)."""
        dispatch = self._assigned(start=TODAY + timedelta(hours=2))
        own = self._as_technician(dispatch)
        with self.assertRaisesRegex(UserError, "Say why"):
            own.action_reschedule(requested_by="customer")
        own.action_reschedule(reason="At the market", requested_by="customer")
        self.assertEqual((dispatch.state, dispatch.date_start), ("draft", False))
        self.assertFalse(dispatch.slot_ids)
        self.assertEqual(dispatch.reschedule_ids.reason, "At the market")

    def test_times_that_cannot_be(self):
        """No arrival before the assignment, no end before the start."""
        dispatch = self._assigned()
        with self.assertRaisesRegex(UserError, "Nobody arrives before"):
            dispatch.action_arrive(TODAY - timedelta(minutes=1))
        dispatch.action_arrive()
        with self.assertRaisesRegex(UserError, "Nobody is done before"):
            dispatch.action_finish(TODAY - timedelta(minutes=1))

    def test_finished_ticket(self):
        """No visit for a finished ticket; finishing it calls the visits off."""
        dispatch = self._assigned()
        ticket = dispatch.ticket_id
        ticket.action_solve()
        self.assertEqual(dispatch.state, "cancelled")
        with self.assertRaisesRegex(UserError, "reopen or verify"):
            self._dispatch(ticket=ticket)
        with self.assertRaisesRegex(UserError, "Only the desk sends"):
            ticket.action_dispatch()

    def test_solving_with_somebody_on_site(self):
        dispatch = self._assigned()
        dispatch.action_arrive()
        with self.assertRaisesRegex(UserError, "Finish the visit"):
            dispatch.ticket_id.action_solve()

    def test_fifty_cost_as_many_queries_as_one(self):
        """Assigning and finishing work per batch."""
        # One after another without a way between them.
        self.company.aftersales_travel_minutes = 0
        counts = []
        for count, day in ((1, 1), (1, 2), (50, 3)):
            tickets = self.env["aftersales.ticket"].create(
                [
                    {
                        "symptom": "Belt torn",
                        "partner_id": self.farmer.id,
                        "service_mode": "onsite",
                    }
                    for _i in range(count)
                ]
            )
            start = TODAY + timedelta(days=day)
            visits = self.env["aftersales.dispatch"].create(
                [
                    {
                        "ticket_id": ticket.id,
                        "technician_id": self.zhou.id,
                        "date_start": start + timedelta(minutes=3 * i),
                        "date_end": start + timedelta(minutes=3 * i + 3),
                    }
                    for i, ticket in enumerate(tickets)
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            visits.action_assign()
            visits.action_arrive()
            visits.action_finish()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(set(tickets.mapped("state")), {"solved"})
        _warm, one, fifty = counts
        self.assertLessEqual(fifty, 3 * one)

    def test_to_dispatch(self):
        """What somebody is sent to leaves the morning list, and comes back (R06)."""
        dispatch = self._dispatch()
        Ticket = self.env["aftersales.ticket"].with_user(self.agent)
        domain = [*Ticket._get_to_dispatch_domain(), ("id", "=", dispatch.ticket_id.id)]
        self.assertTrue(Ticket.search_count(domain))
        dispatch.action_assign()
        self.assertFalse(Ticket.search_count(domain))
        dispatch.action_fail("Nobody at home")
        self.assertTrue(Ticket.search_count(domain))
