from datetime import timedelta

from odoo import fields

from .common import AftersalesCommon


class DispatchCommon(AftersalesCommon):
    """A desk with two technicians, one of whom has a user, and a ticket on site.

    Its dispatcher is ``cls.agent``: no rights on employees, like every dispatcher.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls._create_calendar("Six Days", 6, ((8, 12), (13, 18)))
        cls.chen = cls._create_technician("Chen Gang", user_id=cls.technician.id)
        cls.zhou = cls._create_technician("Zhou Min")

    @classmethod
    def _create_technician(cls, name, **values):
        """Create an employee who can be sent, in working hours of Shanghai."""
        return cls.env["hr.employee"].create(
            {
                "name": name,
                "company_id": cls.company.id,
                "resource_calendar_id": cls.calendar.id,
                "tz": "Asia/Shanghai",
                "aftersales_technician": True,
                **values,
            }
        )

    def _visit_ticket(self, **values):
        """Return a ticket that is served on site, registered by the desk."""
        return self._ticket(service_mode="onsite", **values).with_user(self.agent)

    def _dispatch(self, technician=None, start=None, hours=2.0, ticket=None, **values):
        """Return a draft dispatch order, as its dispatcher sees it.

        :param datetime start: planned start in UTC, in an hour when empty
        """
        ticket = ticket or self._visit_ticket()
        start = start or fields.Datetime.now() + timedelta(hours=1)
        return (
            self.env["aftersales.dispatch"]
            .with_user(self.agent)
            .create(
                {
                    "ticket_id": ticket.id,
                    "technician_id": (technician or self.chen).id,
                    "date_start": start,
                    "date_end": start + timedelta(hours=hours),
                    **values,
                }
            )
        )

    def _assigned(self, *args, **kwargs):
        """Return an assigned dispatch order, see :meth:`_dispatch`."""
        dispatch = self._dispatch(*args, **kwargs)
        dispatch.action_assign()
        return dispatch
