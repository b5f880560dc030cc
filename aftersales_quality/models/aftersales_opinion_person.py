from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import escape_psql

from .aftersales_opinion import OPEN_STATES


class AftersalesOpinion(models.Model):
    """What an opinion knows about persons, and for how long (R66)."""

    _name = "aftersales.opinion"
    _inherit = ["aftersales.opinion", "aftersales.person.mixin"]

    _person_links = ("partner_id",)
    _person_fields = frozenset(
        {
            "partner_id",
            "contact_name",
            "contact_phone",
            "contact_email",
            "description",
        }
    )

    def _get_person_domain(self, persons):
        """Opinions of these contacts, and those noted with their address only."""
        domain = super()._get_person_domain(persons)
        emails, _phones = self._get_traces(persons)
        noted = Domain.OR(
            Domain("contact_email", "=ilike", escape_psql(email)) for email in emails
        )
        return domain | (Domain("partner_id", "=", False) & noted)

    def _get_person_columns(self):
        return [
            "name",
            "date",
            "kind",
            "contact_name",
            "contact_phone",
            "contact_email",
            "description",
            "answer",
            "date_answered",
            "date_told",
            "state",
        ]

    def _get_needs(self):
        unfinished = self.filtered(lambda opinion: opinion.state in OPEN_STATES)
        return dict.fromkeys(unfinished, "open_complaint")

    def _get_last_days(self):
        return {
            opinion: fields.Date.context_today(
                opinion, opinion.date_told or opinion.date
            )
            for opinion in self
        }

    def _prepare_erased_vals(self, persons):
        neutral = self._get_erased_text()
        return {
            **super()._prepare_erased_vals(persons),
            "contact_name": False,
            "contact_phone": False,
            "contact_email": False,
            "description": neutral,
            "answer": self.answer and neutral,
        }
