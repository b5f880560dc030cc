from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .clock_common import local
from .dispatch_common import DispatchCommon

# A Tuesday, nine in the morning in Shanghai.
TODAY = local("2026-06-02 09:00")


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestDispatchDesk(DispatchCommon):
    """The dispatcher's screens: board, dialogs, lists (R06, R22, R24)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent.tz = "Asia/Shanghai"
        cls.supervisor.tz = "Asia/Shanghai"
        cls.Board = cls.env["aftersales.dispatch"].with_user(cls.agent)

    def _drop(self, record, technician, day, user=None, **kwargs):
        board = self.Board.with_user(user or self.agent)
        return board.board_drop(record._name, record.id, technician.id, day, **kwargs)

    def _step(self, dispatch, step, user=None, **values):
        wizard = self.env["aftersales.dispatch.step"].with_user(user or self.agent)
        wizard = wizard.with_context(default_dispatch_ids=dispatch.ids)
        return wizard.create({"step": step, **values})

    # ------------------------------------------------------------
    # BOARD
    # ------------------------------------------------------------

    def test_board_shows_day_and_load(self):
        """Rows are technicians, cells know working time and what is booked."""
        visit = self._assigned(start=local("2026-06-03 09:00"), hours=3)
        visit.crew_ids = [Command.link(self.zhou.id)]
        done = self._dispatch(start=local("2026-06-04 09:00"))
        board = self.Board.board_read("2026-06-01")
        self.assertEqual(len(board["days"]), 7)
        self.assertTrue(board["days"][1]["today"])
        rows = {row["id"]: row for row in board["technicians"]}
        cell = rows[self.chen.id]["cells"]["2026-06-03"]
        self.assertEqual((cell["work"], cell["booked"]), (9, 3))
        self.assertEqual(cell["hours"], "08:00–12:00, 13:00–18:00")
        self.assertEqual(cell["free"], 5.5, "12:30 to 18:00: after the way, over lunch")
        self.assertEqual(rows[self.zhou.id]["cells"]["2026-06-03"]["booked"], 3)
        self.assertTrue(rows[self.zhou.id]["no_user"])
        sunday = rows[self.chen.id]["cells"]["2026-06-07"]
        self.assertEqual((sunday["work"], sunday["free"]), (0, 0))
        card = next(card for card in board["cards"] if card["id"] == visit.id)
        self.assertEqual((card["day"], card["time"]), ("2026-06-03", "09:00–12:00"))
        self.assertEqual(card["crew_ids"], [self.zhou.id])
        waiting = [card["key"] for card in board["waiting"]]
        self.assertIn(f"dispatch-{done.id}", waiting)

    def test_board_tells_leave_but_not_why(self):
        """Away, and no word of the reason."""
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Hospital",
                "resource_id": self.chen.resource_id.id,
                "calendar_id": self.calendar.id,
                "date_from": local("2026-06-03 00:00"),
                "date_to": local("2026-06-03 23:59"),
            }
        )
        board = self.Board.board_read("2026-06-01")
        row = next(r for r in board["technicians"] if r["id"] == self.chen.id)
        self.assertTrue(row["cells"]["2026-06-03"]["away"])
        self.assertFalse(row["cells"]["2026-06-04"]["away"])
        self.assertNotIn("Hospital", str(board))

    def test_left_over_first(self):
        """What was not dispatched yesterday is offered first this morning (R06)."""
        fresh = self._visit_ticket(priority="2")
        with freeze_time(TODAY - timedelta(days=1)):
            old = self._visit_ticket(priority="0")
        own = [f"ticket-{fresh.id}", f"ticket-{old.id}"]
        keys = [card["key"] for card in self.Board.board_read()["waiting"]]
        self.assertEqual([key for key in keys if key in own], own[::-1])

    def test_drop_ticket_takes_first_free_time(self):
        """A ticket becomes a visit, after what he has already."""
        first = self._assigned(start=local("2026-06-03 08:00"), hours=3)
        ticket = self._visit_ticket()
        result = self._drop(ticket, self.chen, "2026-06-03")
        self.assertEqual(result["refusals"], [])
        visit = self.Board.browse(result["dispatch_id"])
        self.assertEqual(visit.ticket_id, ticket)
        self.assertEqual(visit.state, "assigned")
        self.assertEqual(visit.technician_id, self.chen)
        self.assertEqual(visit.date_start, first.date_end + timedelta(minutes=30))

    def test_drop_conflict_is_told_and_leaves_nothing(self):
        """Two visits at one time: the other one is named, no visit is made."""
        first = self._assigned(start=local("2026-06-03 09:00"))
        ticket = self._visit_ticket()
        result = self._drop(ticket, self.chen, "2026-06-03", start="09:30", hours=1)
        self.assertIn(first.name, " ".join(result["refusals"]))
        self.assertFalse(result["can_override"])
        self.assertFalse(ticket.dispatch_ids)
        with self.assertRaisesRegex(UserError, "Choose a technician"):
            self.Board.board_drop(ticket._name, ticket.id, -1, "2026-06-03")
        self.assertTrue(
            self._drop(ticket, self.chen, "2026-06-03", start="25:00")["refusals"]
        )
        gone = self._dispatch()
        gone.unlink()
        refusals = self._drop(gone, self.chen, "2026-06-03")["refusals"]
        self.assertIn("no longer there", refusals[0])

    def test_drop_moves_assigned_visit(self):
        """Moved to another day it keeps its hour, and the trace of it (R24)."""
        visit = self._assigned(start=local("2026-06-03 14:00"))
        self.assertFalse(self._drop(visit, self.zhou, "2026-06-04")["refusals"])
        self.assertEqual(visit.date_start, local("2026-06-04 14:00"))
        self.assertEqual(visit.date_end, local("2026-06-04 16:00"))
        self.assertEqual(visit.technician_id, self.zhou)
        trace = visit.reschedule_ids
        self.assertEqual(trace.old_start, local("2026-06-03 14:00"))
        self.assertEqual(trace.user_id, self.agent)

    def test_board_is_for_dispatchers(self):
        ticket = self._visit_ticket()
        for call in (
            lambda board: board.board_read(),
            lambda board: board.board_drop(
                ticket._name, ticket.id, self.chen.id, "2026-06-03"
            ),
        ):
            with self.assertRaisesRegex(UserError, "for those who dispatch"):
                call(self.Board.with_user(self.technician))

    def test_board_costs_the_same_for_fifty(self):
        """Reading takes a constant number of queries (speed)."""

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.Board.board_read("2026-06-01")
            return self.env.cr.sql_log_count - start

        self._assigned(start=local("2026-06-03 09:00"))
        self._visit_ticket()
        self._dispatch(self.zhou)
        count()
        few = count()
        people = [self._create_technician(f"Tech {n}") for n in range(50)]
        tickets = self.env["aftersales.ticket"].create(
            [
                {
                    "symptom": f"Fault {n}",
                    "partner_id": self.other_farmer.id,
                    "service_mode": "onsite",
                }
                for n in range(100)
            ]
        )
        visits = self.Board.create(
            [
                {
                    "ticket_id": ticket.id,
                    "technician_id": person.id,
                    "date_start": local("2026-06-03 09:00"),
                }
                for ticket, person in zip(tickets, people, strict=False)
            ]
        )
        visits.action_assign()
        self.assertLessEqual(count(), few + 3)

    # ------------------------------------------------------------
    # DIALOGS
    # ------------------------------------------------------------

    def test_postpone_in_dialog(self):
        """By us it keeps its length; by the customer it comes back open (R24)."""
        visit = self._assigned(start=local("2026-06-03 09:00"), hours=3)
        form = Form(self._step(visit, "reschedule", reason="The part is late"))
        form.date_start = local("2026-06-04 10:00")
        self.assertEqual(form.date_end, local("2026-06-04 13:00"))
        form.save().action_apply()
        self.assertEqual(visit.state, "assigned")
        self.assertEqual(visit.date_end, local("2026-06-04 13:00"))
        self._step(
            visit,
            "reschedule",
            reason="Harvests on",
            requested_by="customer",
            date_start=False,
        ).action_apply()
        self.assertEqual(visit.state, "draft")
        self.assertFalse(visit.date_start)
        last = visit.reschedule_ids.sorted("id")[-1]
        self.assertEqual((last.requested_by, last.reason), ("customer", "Harvests on"))

    def test_give_up_and_cancel_in_dialog(self):
        visit = self._assigned(start=local("2026-06-03 09:00"))
        self._step(visit, "fail", reason="Gate closed").action_apply()
        self.assertEqual((visit.state, visit.end_reason), ("failed", "Gate closed"))
        other = self._dispatch(start=local("2026-06-03 09:00"))
        self._step(other, "cancel", reason="Sold the machine").action_apply()
        self.assertEqual(other.state, "cancelled")

    def test_late(self):
        """Late is who should be there by now."""
        visit = self._assigned(start=TODAY + timedelta(hours=1))
        late = [("is_late", "=", True), ("id", "=", visit.id)]
        self.assertFalse(self.Board.search(late))
        with freeze_time(TODAY + timedelta(hours=2)):
            visit.invalidate_recordset(["is_late"])
            self.assertTrue(visit.is_late)
            self.assertEqual(self.Board.search(late), visit)
