from odoo.addons.aftersales_service.tests.clock_common import local
from odoo.addons.aftersales_service.tests.report_common import ReportCommon

from .common import QualityCommon

# Monday, the first day after the month that is measured, in Shanghai.
TODAY = local("2026-06-01 08:00")
MAY = "2026-05-01"
PNG = (
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    b"+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class PerformanceCommon(ReportCommon, QualityCommon):
    """A leader with two technicians, one of them without a user, and their visits."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.team.write(
            {"supervisor_id": cls.supervisor.id, "member_ids": [(4, cls.technician.id)]}
        )
        cls.leader = cls.env["hr.employee"].create(
            {
                "name": "Leader Ma",
                "company_id": cls.company.id,
                "user_id": cls.supervisor.id,
            }
        )

    def _sheet(self, employee=None, month=MAY):
        """Make the month sheet of an employee, Chen's when nobody is named."""
        return self.env["aftersales.performance"].create(
            {
                "employee_id": (employee or self.chen).id,
                "company_id": self.company.id,
                "month": month,
            }
        )

    def _line(self, sheet, measure):
        return sheet.line_ids.filtered(lambda line: line.measure == measure)

    def _counted(self, sheet):
        """Return {measure: (counted, out of)} of a sheet."""
        return {
            line.measure: (round(line.numerator, 3), round(line.denominator, 3))
            for line in sheet.line_ids
        }

    def _visit(self, arrive, late=0, **values):
        """Return a visit of one hour, agreed ``late`` hours before the arrival."""
        day, _blank, hour = arrive.partition(" ")
        number = int(hour[:2])
        opened = f"{day} {max(number - late - 1, 0):02}:00"
        planned = f"{day} {number - late:02}:{hour[3:]}"
        if opened >= planned:
            opened = f"{day} 00:00"
        finish = values.pop("finish", f"{day} {number + 1:02}:{hour[3:]}")
        return self._made(opened, planned, arrive, finish, **values)

    def _feedback(self, visit, opinion="All well"):
        """Complete the feedback form of a visit, as it is on paper."""
        visit._by_method().write(
            {
                "work_done": "Belt changed",
                "customer_opinion": opinion,
                "signature": PNG,
                "signed_by": "Wang",
                "signed_on": visit.finish_date,
            }
        )

    def _answer(self, visit, level, moment):
        """Let the customer give one level for all items of a visit."""
        card = self.env["rating.rating"].search(
            [("aftersales_dispatch_id", "=", visit.id)]
        )
        levels = dict.fromkeys(("attitude", "skill", "arrival", "promise"), level)
        if isinstance(level, tuple):
            levels = dict(zip(levels, level, strict=True))
        card._answer_card(levels, moment=local(moment))
        return card

    def _report(self, employee, day, confirmed=None, hours=(0, 0)):
        """Return a daily report, confirmed at a local time."""
        return (
            self.env["aftersales.daily.report"]
            ._by_method()
            .create(
                {
                    "kind": "technician",
                    "company_id": self.company.id,
                    "employee_id": employee.id,
                    "date": day,
                    "state": "confirmed" if confirmed else "draft",
                    "confirm_date": confirmed and local(confirmed),
                    "work_hours": hours[0],
                    "hours_available": hours[1],
                    "has_calendar": bool(hours[1]),
                }
            )
        )

    def _verified(self, employee, moment):
        """Return a complaint found valid at a local time, its person named."""
        complaint = self._complain(responsible_id=employee.id)
        complaint._by_method().write(
            {"valid": True, "state": "validated", "validation_date": local(moment)}
        )
        return complaint
