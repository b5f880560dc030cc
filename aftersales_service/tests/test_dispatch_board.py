from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo import fields
from odoo.tests import HttpCase, tagged

from .dispatch_common import DispatchCommon


@tagged("post_install", "-at_install")
class TestDispatchBoard(DispatchCommon, HttpCase):
    """The board in the browser, by the dispatcher who has no HR rights (R06, R22)."""

    def test_drag_and_conflict(self):
        zone = ZoneInfo("Asia/Shanghai")
        self.agent.tz = zone.key
        # Somebody works every day, whatever day the test runs.
        for day in "0123456":
            known = self.calendar.attendance_ids.filtered(
                lambda line, day=day: line.dayofweek == day
            )
            if not known:
                self.calendar.attendance_ids.create(
                    {
                        "calendar_id": self.calendar.id,
                        "name": "Work",
                        "dayofweek": day,
                        "hour_from": 8,
                        "hour_to": 18,
                    }
                )
        today = datetime.now(zone).date()
        morning = datetime.combine(today + timedelta(days=1), time(9), tzinfo=zone)
        morning = morning.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
        belt = self._visit_ticket(symptom="Belt torn", arrive_wish=morning)
        draft = self._dispatch(
            technician=self.zhou,
            start=morning,
            ticket=self._visit_ticket(symptom="Pump leaks"),
        )
        self.start_tour(
            "/odoo/aftersales-board", "aftersales_dispatch_board", login="agent"
        )
        visit = belt.dispatch_ids
        self.assertEqual(visit.technician_id, self.chen)
        self.assertEqual(visit.state, "assigned")
        self.assertEqual(visit.assigned_by_id, self.agent)
        self.assertEqual(visit.date_start, morning)
        self.assertEqual(draft.technician_id, self.zhou)
        self.assertEqual(draft.state, "assigned")
        self.assertEqual(draft.date_start, morning + timedelta(minutes=30))
        self.assertLess(draft.assign_date, fields.Datetime.now() + timedelta(hours=1))
