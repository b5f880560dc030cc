from odoo import api, models
from odoo.fields import Domain


class AftersalesTraining(models.Model):
    """What a training knows about persons, and for how long (R66)."""

    _name = "aftersales.training"
    _inherit = ["aftersales.training", "aftersales.person.mixin"]

    _person_links = ("partner_id",)
    _person_fields = frozenset({"partner_id", "signed_by"})

    @api.model
    def _get_person_domain(self, persons):
        """Trainings of these contacts, and those at which they took part."""
        domain = super()._get_person_domain(persons)
        if phones := [phone for phone in persons.mapped("phone") if phone]:
            domain |= Domain("participant_ids.phone", "in", phones)
        return domain

    @api.model
    def _get_person_columns(self):
        return [
            "name",
            "date",
            "hours",
            "topics",
            "opinion_before",
            "opinion_after",
            "signed_by",
            "state",
        ]

    def _get_needs(self):
        """A training of an open ticket belongs to it."""
        tickets = self.sudo().ticket_id  # only its state
        open_tickets = tickets.filtered_domain(tickets._get_unfinished_domain())
        return dict.fromkeys(
            self.filtered(lambda training: training.ticket_id in open_tickets),
            "open_ticket",
        )

    def _get_last_days(self):
        return {training: training.date for training in self}

    def _prepare_erased_vals(self, persons):
        neutral = self._get_erased_text()
        vals = {"signature": False, "signed_by": False}
        if self.partner_id in persons:
            # The register goes on without the name: it says which company it was.
            vals["partner_id"] = self.partner_id.commercial_partner_id.id
            if vals["partner_id"] in persons.ids:
                vals |= {"partner_id": False}
        for field in ("opinion_before", "opinion_after", "result"):
            if self[field]:
                vals[field] = neutral
        return vals

    def _erase_person(self, persons):
        result = super()._erase_person(persons)
        neutral = self._get_erased_text()
        phones = set(persons.mapped("phone")) - {False}
        names = set(persons.mapped("name"))
        # Managers decide; of the participants only those that are meant.
        participants_sudo = self.sudo().participant_ids
        participants_sudo.filtered(
            lambda one: one.phone in phones
            or one.name in names
            or not one.training_id.partner_id
        ).write({"name": neutral, "phone": False, "role": False})
        return result
