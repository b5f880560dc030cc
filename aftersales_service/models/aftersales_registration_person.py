from odoo import api, fields, models


class AftersalesRegistration(models.Model):
    """What a registration knows about persons, and for how long (R66)."""

    _name = "aftersales.registration"
    _inherit = ["aftersales.registration", "aftersales.person.mixin"]

    _person_links = ("partner_id",)
    _person_fields = frozenset({"partner_id", "note", "invoice_ref"})

    @api.model
    def _get_person_columns(self):
        return [
            "name",
            "create_date",
            "serial",
            "product_id",
            "product_text",
            "invoice_ref",
            "purchase_date",
            "note",
            "state",
            "refuse_reason",
            "decide_date",
        ]

    def _get_erased_label(self):
        self.ensure_one()
        return " · ".join(part for part in (self.name, self.serial) if part)

    def _get_needs(self):
        pending = self.filtered(lambda registration: registration.state == "pending")
        return dict.fromkeys(pending, "pending")

    def _get_last_days(self):
        return {
            registration: fields.Date.context_today(
                registration, registration.decide_date or registration.create_date
            )
            for registration in self
        }

    def _prepare_erased_vals(self, persons):
        vals = super()._prepare_erased_vals(persons)
        # A registration always has a customer; the company itself stands in for him.
        vals["partner_id"] = self.company_id.partner_id.id
        vals["invoice_ref"] = False
        if self.note:
            vals["note"] = self._get_erased_text()
        return vals
