from datetime import timedelta
from zoneinfo import ZoneInfo

from odoo import models


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    def _aftersales_get_working_days(self):
        """Return a function that tells whether a day is a working day.

        A day is one when the calendar has hours on it and no closing of the company
        takes all of them. Without a calendar Monday to Friday are.
        """
        if not self:
            return lambda day: day.weekday() < 5
        self.ensure_one()
        hours = {}
        for attendance in self.attendance_ids:
            weekday = int(attendance.dayofweek)
            first, last = hours.get(weekday, (24.0, 0.0))
            hours[weekday] = (
                min(first, attendance.hour_from),
                max(last, attendance.hour_to),
            )
        closed = set()
        zone = ZoneInfo(self.tz or "UTC")
        for leave in self.global_leave_ids:
            if leave.time_type == "leave":
                begin, end = (
                    moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone)
                    for moment in (leave.date_from, leave.date_to)
                )
                closed |= self._aftersales_get_closed_days(begin, end, hours)
        return lambda day: day.weekday() in hours and day not in closed

    def _aftersales_get_closed_days(self, begin, end, hours):
        """Return the days whose working hours a closing takes altogether."""
        closed = set()
        day = begin.date()
        while day <= end.date():
            first, last = hours.get(day.weekday(), (0.0, 0.0))
            since = begin.hour + begin.minute / 60 if day == begin.date() else 0.0
            until = end.hour + end.minute / 60 if day == end.date() else 24.0
            if since <= first and until >= last - 1 / 60:
                closed.add(day)
            day += timedelta(days=1)
        return closed
