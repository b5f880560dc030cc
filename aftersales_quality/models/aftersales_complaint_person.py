from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import escape_psql


class AftersalesComplaint(models.Model):
    """What a complaint knows about persons, and for how long (R66)."""

    _name = "aftersales.complaint"
    _inherit = ["aftersales.complaint", "aftersales.person.mixin"]

    _person_links = ("partner_id",)
    _person_fields = frozenset(
        {
            "partner_id",
            "contact_name",
            "contact_phone",
            "contact_email",
            "email_cc",
            "description",
            "demand",
            "agreement_by",
            "agreement_text",
        }
    )

    @api.model
    def _get_person_domain(self, persons):
        """Complaints of these contacts, and those noted with their address only."""
        domain = super()._get_person_domain(persons)
        emails, _phones = self._get_traces(persons)
        noted = Domain.OR(
            Domain("contact_email", "=ilike", escape_psql(email)) for email in emails
        )
        return domain | (Domain("partner_id", "=", False) & noted)

    @api.model
    def _get_person_columns(self):
        return [
            "name",
            "date",
            "channel",
            "contact_name",
            "contact_phone",
            "contact_email",
            "product_id",
            "lot_id",
            "quantity",
            "bad_quantity",
            "description",
            "demand",
            "state",
            "promised_date",
            "rejection_reason",
            "solution",
            "agreement_by",
            "agreement_date",
            "agreement_text",
        ]

    def _get_erased_label(self):
        self.ensure_one()
        product = self.product_id.display_name
        return " · ".join(part for part in (self.name, product) if part)

    def _get_needs(self):
        unfinished = self.filtered_domain(self._get_open_domain())
        return dict.fromkeys(unfinished, "open_complaint")

    def _get_last_days(self):
        """Kept from its end on."""
        return {
            complaint: fields.Date.context_today(
                complaint, complaint.date_end or complaint.write_date
            )
            for complaint in self
        }

    def _prepare_erased_vals(self, persons):
        neutral = self._get_erased_text()
        vals = {
            **super()._prepare_erased_vals(persons),
            # Who complained is a person, too; the register says that somebody did.
            "contact_name": neutral,
            "contact_phone": False,
            "contact_email": False,
            "email_cc": False,
            "agreement_signature": False,
            "access_token": False,
        }
        for name in ("description", "demand", "agreement_by", "agreement_text"):
            if self[name]:
                vals[name] = neutral
        return vals
