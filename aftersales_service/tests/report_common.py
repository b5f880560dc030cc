from datetime import timedelta

from .clock_common import local
from .dispatch_common import DispatchCommon


class ReportCommon(DispatchCommon):
    """Visits noted afterwards, with the times they had."""

    def _made(self, opened, planned, arrive, finish=None, **values):
        """Return a visit that was made, all times local.

        :param values: ``technician``, ``ticket``, ``fail``, ``result``, ``depart``,
            ``crew_ids``, and values of a new ticket
        """
        technician = values.pop("technician", self.chen)
        depart, fail = values.pop("depart", None), values.pop("fail", None)
        result, crew = values.pop("result", "solved"), values.pop("crew_ids", [])
        ticket = values.pop("ticket", None) or self._visit_ticket(
            date_open=local(opened), **values
        )
        start = local(planned)
        dispatch = self.env["aftersales.dispatch"].create(
            {
                "ticket_id": ticket.id,
                "technician_id": technician.id,
                "crew_ids": crew,
                "date_start": start,
                "date_end": start + timedelta(hours=2),
                "result": result,
            }
        )
        dispatch.action_assign(
            reason="Noted afterwards", moment=max(local(opened), ticket.date_open)
        )
        if depart:
            dispatch.action_depart(local(depart))
        if arrive:
            dispatch.action_arrive(local(arrive))
        if fail:
            dispatch.action_fail(fail)
        elif finish:
            dispatch.signed_by = "Wang"
            dispatch.action_finish(local(finish))
        return dispatch
