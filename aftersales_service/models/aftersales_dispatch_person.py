from odoo import api, fields, models
from odoo.fields import Domain

from .rating_rating import ITEMS


class AftersalesDispatch(models.Model):
    """What a visit and its evaluation card know about persons (R66).

    A visit belongs to its ticket: it is needed, kept and erased together with it.
    """

    _name = "aftersales.dispatch"
    _inherit = ["aftersales.dispatch", "aftersales.person.mixin"]

    card_words = fields.Text(
        string="Words on the Card",
        compute="_compute_card_words",
        groups="aftersales_service.aftersales_service_group_technician",
    )
    card_marks = fields.Char(
        string="Marks on the Card",
        compute="_compute_card_words",
        groups="aftersales_service.aftersales_service_group_technician",
    )

    _person_links = ("partner_id",)
    _person_fields = frozenset({"partner_id", "signed_by", "customer_opinion"})

    @api.depends("card_ids.feedback", "card_ids.consumed")
    @api.depends_context("uid", "su", "lang")
    def _compute_card_words(self):
        titles = self.env["rating.rating"]._get_item_titles()
        for dispatch in self:
            card = dispatch.card_ids.filtered("consumed")
            dispatch.card_words = card.feedback
            dispatch.card_marks = card and ", ".join(
                f"{titles[item]} {card[field]}" for item, field in ITEMS.items()
            )

    @api.model
    def _get_person_domain(self, persons):
        """Visits of the tickets that concern these contacts, whatever they are by."""
        # Tickets are erased first: the visit keeps its link until its own turn.
        tickets_sudo = self.env["aftersales.ticket"].sudo()
        tickets_sudo = tickets_sudo.with_context(active_test=False)
        tickets_sudo = tickets_sudo.search(tickets_sudo._get_person_domain(persons))
        return super()._get_person_domain(persons) | Domain(
            "ticket_id", "in", tickets_sudo.ids
        )

    @api.model
    def _get_person_columns(self):
        return [
            "name",
            "date_start",
            "technician_id",
            "arrive_date",
            "finish_date",
            "state",
            "work_done",
            "customer_opinion",
            "signed_by",
            "card_marks",
            "card_words",
        ]

    def _get_needs(self):
        tickets = self.sudo().ticket_id  # only its state
        unfinished = tickets.filtered_domain(tickets._get_unfinished_domain())
        return dict.fromkeys(
            self.filtered(lambda dispatch: dispatch.ticket_id in unfinished),
            "open_ticket",
        )

    def _get_last_days(self):
        """Kept as long as the ticket."""
        days = self.sudo().ticket_id._get_last_days()  # only the days
        by_id = {ticket.id: day for ticket, day in days.items()}
        return {dispatch: by_id.get(dispatch.ticket_id.id) for dispatch in self}

    def _prepare_erased_vals(self, persons):
        vals = {"access_token": False, "signature": False, "signed_by": False}
        if self.customer_opinion:
            vals["customer_opinion"] = self._get_erased_text()
        return vals

    def _erase_person(self, persons):
        result = super()._erase_person(persons)
        # As in the mixin: managers decided, the cards belong to nobody.
        cards_sudo = self.sudo().card_ids._by_method()
        cards_sudo.write({"partner_id": False})
        for card_sudo in cards_sudo.filtered("feedback"):
            answered = card_sudo.rated_on
            card_sudo.write({"feedback": self._get_erased_text()})
            # Odoo takes every change of the words for an answer of today.
            card_sudo.rated_on = answered
        return result
