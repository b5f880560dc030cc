from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from odoo import models

from ..tools.clock import Timetable


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
        # Read when it is first asked: most questions never come to days.
        read = cache(self._aftersales_get_week)

        def works(day):
            hours, closed = read()
            return day.weekday() in hours and day not in closed

        return works

    def _aftersales_get_week(self):
        """Return ``({weekday: (first hour, last hour)}, {days that are closed})``."""
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
        return hours, closed

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

    def _aftersales_get_timetable(self, company):
        """Return the working time of a calendar for the arithmetic of promises.

        Without a calendar it is Monday to Friday, nine to five, where the company is.

        :param company: whose time zone counts when there is no calendar
        """
        zone = ZoneInfo(self.tz or company.partner_id.tz or "UTC")
        utc = ZoneInfo("UTC")

        def fetch(begin, end):
            if not self:
                return _get_office_hours(begin, end, zone)
            spans = self._work_intervals_batch(
                begin.replace(tzinfo=utc), end.replace(tzinfo=utc)
            )[False]
            return [
                tuple(
                    moment.astimezone(utc).replace(tzinfo=None)
                    for moment in (start, stop)
                )
                for start, stop, _attendance in spans
            ]

        return Timetable(
            fetch, lambda moment: moment.replace(tzinfo=utc).astimezone(zone).date()
        )


def _get_office_hours(begin, end, zone):
    """Return nine to five, Monday to Friday, as naive UTC."""
    utc, spans = ZoneInfo("UTC"), []
    day = begin.date() - timedelta(days=1)
    while day <= end.date():
        if day.weekday() < 5:
            start, stop = (
                datetime(day.year, day.month, day.day, hour, tzinfo=zone)
                .astimezone(utc)
                .replace(tzinfo=None)
                for hour in (9, 17)
            )
            if stop > begin and start < end:
                spans.append((max(start, begin), min(stop, end)))
        day += timedelta(days=1)
    return spans
