"""What tickets of one batch share while their promised times are counted."""

from datetime import datetime

from .clock import due


class Reckoning:
    """Rows, calendars and results of a batch: each is read or counted once."""

    def __init__(self, tickets, now: datetime):
        """
        :param tickets: the batch, as records
        :param now: the moment that counts as now, naive UTC
        """
        self.now = now
        self._rows = tickets.env["aftersales.sla"]._get_rows(tickets.company_id)
        self._calendars = tickets.env["resource.calendar"].browse()
        self._chosen = {}
        self._timetables = {}
        self._dues = {}

    def choose(self, key, zone):
        """Return the terms that the rows in force give to a kind of ticket."""
        index = tuple(key.values())
        if index not in self._chosen:
            self._chosen[index] = self._rows._choose(key, zone)
        return self._chosen[index]

    def due(self, ticket, terms, start, pauses):
        """Return (at risk from, broken from) of a promise to a ticket."""
        timetable = self._get_timetable(ticket, terms["calendar"])
        key = (
            id(timetable),
            start,
            terms["seconds"],
            terms["clock"],
            terms["warning"],
            tuple(pauses),
        )
        if key not in self._dues:
            self._dues[key] = due(
                start,
                terms["seconds"],
                terms["clock"],
                timetable,
                pauses,
                terms["warning"],
            )
        return self._dues[key]

    def _get_timetable(self, ticket, calendar_id):
        """Return the working time a promise counts by: the first that has hours."""
        company = ticket.company_id
        candidates = (
            self._calendars.browse(calendar_id) if calendar_id else self._calendars,
            ticket.zone_id.calendar_id,
            ticket.team_id.calendar_id,
            company.resource_calendar_id,
        )
        key = (company, *candidates)
        if key not in self._timetables:
            # The terms keep an id; the calendar may be gone.
            there = (candidates[0].exists(), *candidates[1:])
            with_hours = (
                self._calendars.env["resource.calendar.attendance"]
                .search_fetch(
                    [("calendar_id", "in", [found.id for found in there if found])]
                )
                .calendar_id
            )
            calendar = next(
                (found for found in there if found & with_hours), self._calendars
            )
            self._timetables[key] = calendar._aftersales_get_timetable(company)
        return self._timetables[key]
