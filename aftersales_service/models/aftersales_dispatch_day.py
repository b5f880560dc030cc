from odoo import models


class AftersalesDispatch(models.Model):
    """What a visit took of one day (R30)."""

    _inherit = "aftersales.dispatch"

    # Visits of a day are looked for by their arrival.
    _arrived_idx = models.Index("(arrive_date) WHERE arrive_date IS NOT NULL")

    def _prepare_day_line(self, begin, end, grace):
        """Return the values of the line of this visit in the report of a day.

        Of a visit over midnight each day has its share.

        :param datetime begin: begin of the day, naive UTC
        :param datetime end: end of the day, naive UTC
        :param timedelta grace: how late still is punctual
        """
        self.ensure_one()
        late = (
            self.arrive_date
            and self.date_start
            and self.arrive_date > self.date_start + grace
        )
        return {
            "section": "visit",
            "dispatch_id": self.id,
            "ticket_id": self.ticket_id.id,
            "date_planned": self.date_start,
            "date_begin": self.arrive_date,
            "date_end": self.finish_date,
            "travel_hours": self.travel_hours
            * _get_share(self.depart_date, self.arrive_date, begin, end),
            "work_hours": self.work_hours
            * _get_share(self.arrive_date, self.finish_date, begin, end),
            "visit_state": self.state,
            "result": self.result if self.state == "done" else False,
            "is_late": bool(late),
        }

    def _is_first_fix(self):
        """Tell whether this visit, the first one, solved its ticket, as of now."""
        self.ensure_one()
        ticket = self.ticket_id
        others = ticket.dispatch_ids - self
        return (
            self.state == "done"
            and self.result == "solved"
            and ticket.state in ("solved", "closed")
            and not ticket.reopen_count
            and not any(others.mapped("arrive_date"))
        )


def _get_share(start, stop, begin, end):
    """Return which share of a span lies between two moments."""
    if not (start and stop) or stop <= start:
        return 0.0
    inside = min(stop, end) - max(start, begin)
    return max(inside / (stop - start), 0.0)
