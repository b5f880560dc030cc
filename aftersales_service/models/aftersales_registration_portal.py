from odoo import api, models
from odoo.fields import Domain


class AftersalesRegistration(models.Model):
    """The customer's own hand in his registrations."""

    _inherit = "aftersales.registration"

    @api.model
    def _get_portal_domain(self):
        """Domain of the registrations a customer follows on the portal."""
        customer = self.env.user.commercial_partner_id
        return Domain("partner_id", "child_of", customer.id)

    @api.model
    def _portal_register(self, values, files=()):
        """Take the registration of the present portal user.

        The answer says nothing about the serial number: whether it is known, and to
        whom, is found by a person. The same number sent again while the first one
        waits adds to it.

        :param dict values: serial, product_text, invoice_ref, purchase_date, note
        :param files: accepted files as (name, content)
        :return: the registration, as the portal user sees it
        """
        user = self.env.user
        waiting = self.search(
            [("partner_id", "=", user.partner_id.id), ("state", "=", "pending")]
        ).filtered(
            lambda registration: self._clean_serial(registration.serial)
            == self._clean_serial(values["serial"])
        )[:1]
        # Customers have no right to write; it is his own claim, field by field, and
        # the creator stays the customer himself.
        registration_sudo = waiting.sudo() or self.sudo().create(
            self._prepare_portal_vals(values)
        )
        if waiting or files:
            registration_sudo.message_post(
                body=values.get("note") or "" if waiting else "",
                attachments=list(files),
                author_id=user.partner_id.id,
                message_type="comment",
                subtype_xmlid="mail.mt_note",
            )
        return registration_sudo.with_env(self.env)

    @api.model
    def _prepare_portal_vals(self, values):
        """Return the values of a customer's own registration (hook)."""
        return {
            "partner_id": self.env.user.partner_id.id,
            "company_id": self.env.company.id,
            "serial": " ".join(values["serial"].split()),
            **{
                field: values.get(field) or False
                for field in ("product_text", "invoice_ref", "purchase_date", "note")
            },
        }
