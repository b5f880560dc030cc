from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .aftersales_dispatch import BOOKED_STATES


class AftersalesDispatch(models.Model):
    """The time of its people that a visit takes: see ``aftersales.dispatch.slot``."""

    _inherit = "aftersales.dispatch"

    def _get_people(self):
        """Return who goes, the responsible technician first."""
        self.ensure_one()
        return self.technician_id | self.crew_ids

    def _book(self):
        """Bring the booked time of the crew in line with the visits.

        :raise UserError: naming the other visit of whoever has one at that time
        """
        # Booked time is for the visit alone to write.
        Slot = self.env["aftersales.dispatch.slot"].sudo()
        wanted = {}
        for dispatch in self:
            if dispatch.state in BOOKED_STATES:
                for person in dispatch._get_people():
                    wanted[dispatch.id, person.id] = (
                        dispatch.date_start,
                        dispatch.date_end,
                    )
        former = Slot.search([("dispatch_id", "in", self.ids)])
        kept = former.filtered(
            lambda slot: wanted.get((slot.dispatch_id.id, slot.employee_id.id))
            == (slot.date_start, slot.date_end)
        )
        (former - kept).unlink()
        known = {(slot.dispatch_id.id, slot.employee_id.id) for slot in kept}
        missing = {key: span for key, span in wanted.items() if key not in known}
        self._ensure_free(missing)
        Slot.create(
            [
                {
                    "dispatch_id": dispatch_id,
                    "employee_id": employee_id,
                    "date_start": begin,
                    "date_end": end,
                }
                for (dispatch_id, employee_id), (begin, end) in missing.items()
            ]
        )
        # Here, and not with whatever is written later, the database says no.
        Slot.flush_model()

    @api.model
    def _ensure_free(self, wanted):
        """Refuse a time at which somebody has another visit.

        :param wanted: dict ``{(dispatch id, employee id): (start, end)}``
        :raise UserError: naming person and visit
        """
        if not wanted:
            return
        # Colleagues' visits count, also those the user does not see.
        Slot = self.env["aftersales.dispatch.slot"].sudo()
        taken_sudo = Slot.search(
            Domain.OR(
                Domain("employee_id", "=", employee_id)
                & Domain("date_start", "<", end)
                & Domain("date_end", ">", begin)
                for (_dispatch_id, employee_id), (begin, end) in wanted.items()
            )
        )
        by_person = taken_sudo.grouped("employee_id")
        texts = [
            self.env._(
                "%(person)s is at %(visit)s from %(start)s to %(end)s.",
                person=person.name,
                visit=slot.dispatch_id.name,
                start=self._get_local_text(slot.date_start),
                end=self._get_local_text(slot.date_end),
            )
            for person, slots in by_person.items()
            for slot in slots
        ]
        if not texts:
            return
        raise UserError(
            "\n".join([*texts, self.env._("Choose another time or another person.")])
        )

    @api.model
    def _get_local_text(self, moment):
        """Say a moment in the time zone and language of the reader."""
        return self.env["ir.qweb.field.datetime"].value_to_html(
            moment, {"hide_seconds": True}
        )
