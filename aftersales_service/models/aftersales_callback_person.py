from odoo import api, fields, models
from odoo.fields import Domain


class AftersalesCallback(models.Model):
    """What a callback knows about persons, and for how long (R66)."""

    _name = "aftersales.callback"
    _inherit = ["aftersales.callback", "aftersales.person.mixin"]

    _person_links = ("partner_id",)
    _person_fields = frozenset(
        {"partner_id", "partner_name", "phone", "answer", "solution"}
    )

    @api.model
    def _get_person_domain(self, persons):
        """Callbacks of these contacts, and calls noted with their number only."""
        domain = super()._get_person_domain(persons)
        _emails, phones = self._get_traces(persons)
        if phones:
            noted = Domain("phone_sanitized", "in", list(phones))
            domain |= Domain("partner_id", "=", False) & noted
        return domain

    @api.model
    def _get_person_columns(self):
        return [
            "name",
            "date_planned",
            "date_done",
            "channel",
            "partner_name",
            "phone",
            "result",
            "answer",
            "solution",
            "told_date",
            "state",
        ]

    def _get_needs(self):
        """A call of an open ticket belongs to it; one still to come is not history."""
        tickets = self.sudo().ticket_id  # only its state
        open_tickets = tickets.filtered_domain(tickets._get_unfinished_domain())
        return dict.fromkeys(
            self.filtered(lambda callback: callback.ticket_id in open_tickets),
            "open_ticket",
        )

    def _get_last_days(self):
        """Kept from the day it was done on, or was to be done."""
        return {
            callback: fields.Date.context_today(callback, callback.date_done)
            if callback.date_done
            else callback.date_planned
            for callback in self
        }

    def _prepare_erased_vals(self, persons):
        neutral = self._get_erased_text()
        vals = {
            **super()._prepare_erased_vals(persons),
            "partner_name": neutral,
            "phone": False,
        }
        for field in ("answer", "solution"):
            if self[field]:
                vals[field] = neutral
        if self.state in ("draft", "planned"):
            vals |= {"state": "cancelled", "cancel_reason": neutral}
        return vals

    def _erase_person(self, persons):
        result = super()._erase_person(persons)
        # The lists of campaigns name whoever these callbacks were for.
        recipients_sudo = self.sudo().recipient_id
        recipients_sudo.filtered(lambda r: r.partner_id in persons).partner_id = False
        return result
