from datetime import datetime
from zoneinfo import ZoneInfo

from .common import AftersalesCommon

SHANGHAI = ZoneInfo("Asia/Shanghai")


def local(text, zone=SHANGHAI):
    """Return ``"2026-05-04 09:00"`` of a place as naive UTC."""
    moment = datetime.fromisoformat(text).replace(tzinfo=zone)
    return moment.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)


class ClockCommon(AftersalesCommon):
    """A desk in Shanghai, Monday to Friday, 8–12 and 13–17, with its promises."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls._create_calendar("Desk", 5, ((8, 12), (13, 17)))
        # The rows of these tests alone.
        cls.env["aftersales.sla"].search([]).active = False
        cls.env["aftersales.zone"].search([]).active = False
        cls.promise = cls.env["aftersales.sla"].create(
            {
                "name": "Everybody",
                "respond_minutes": 30,
                "arrive_hours": 6,
                "solve_hours": 16,
            }
        )

    def _call(self, **vals):
        return self.env["aftersales.ticket"].create(
            {"symptom": "Leaks", "partner_id": self.farmer.id, **vals}
        )

    def _close_on(self, day, calendar=None):
        """Close the company for a day."""
        return self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": (calendar or self.calendar).id,
                "company_id": self.company.id,
                "date_from": local(f"{day} 00:00"),
                "date_to": local(f"{day} 23:59"),
            }
        )
