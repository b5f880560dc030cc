from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import escape_psql


class AftersalesTicket(models.Model):
    """What a ticket knows about persons, and for how long (R66)."""

    _name = "aftersales.ticket"
    _inherit = ["aftersales.ticket", "aftersales.person.mixin"]

    finish_date = fields.Datetime(
        string="Finished on",
        compute="_compute_finish_date",
        store=True,
        help="Last closing or cancelling; the record is kept from then on.",
    )

    _person_links = ("partner_id", "site_id")
    _person_fields = frozenset(
        {
            "partner_id",
            "site_id",
            "partner_name",
            "partner_phone",
            "partner_email",
            "email_cc",
            "description",
            "delay_reason",
        }
    )

    @api.depends("state")
    def _compute_finish_date(self):
        unfinished = self.filtered_domain(self._get_unfinished_domain())
        for ticket in self:
            if ticket in unfinished:
                ticket.finish_date = False
            else:
                ticket.finish_date = ticket.finish_date or fields.Datetime.now()

    @api.model
    def _get_person_domain(self, persons):
        """Tickets of these contacts, and calls noted with their address or number only."""
        domain = super()._get_person_domain(persons)
        emails, phones = self._get_traces(persons)
        noted = Domain.FALSE
        for email in emails:
            noted |= Domain("partner_email", "=ilike", escape_psql(email))
        if phones:
            noted |= Domain("phone_sanitized", "in", list(phones))
        return domain | (Domain("partner_id", "=", False) & noted)

    @api.model
    def _get_unit_domain(self, units):
        return Domain("equipment_id", "in", units.ids)

    @api.model
    def _get_unfinished_domain(self):
        """Domain of the tickets that are neither closed nor cancelled."""
        return Domain("state", "not in", ("closed", "cancelled"))

    @api.model
    def _get_person_columns(self):
        return [
            "name",
            "date_open",
            "channel",
            "partner_name",
            "partner_phone",
            "partner_email",
            "product_id",
            "serial",
            "symptom",
            "description",
            "service_kind",
            "service_mode",
            "state",
            "promised_date",
            "solve_date",
            "close_date",
            "resolution",
            "cancel_reason",
        ]

    def _get_erased_label(self):
        self.ensure_one()
        product = self.product_id.display_name
        return " · ".join(part for part in (self.name, product) if part)

    def _get_needs(self):
        unfinished = self.filtered_domain(self._get_unfinished_domain())
        return dict.fromkeys(unfinished, "open_ticket")

    def _get_last_days(self):
        """Kept from its last closing or cancelling on."""
        return {
            ticket: fields.Date.context_today(
                ticket, ticket.finish_date or ticket.write_date
            )
            for ticket in self
        }

    def _prepare_erased_vals(self, persons):
        neutral = self._get_erased_text()
        vals = {
            **super()._prepare_erased_vals(persons),
            # Who called is a person, too; the register says that somebody did.
            "partner_name": neutral,
            "partner_phone": False,
            "partner_email": False,
            "email_cc": False,
            "access_token": False,
        }
        if self.description:
            vals["description"] = neutral
        if self.delay_reason:
            vals["delay_reason"] = neutral
        return vals
