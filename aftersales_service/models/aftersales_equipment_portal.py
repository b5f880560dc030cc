from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import email_normalize
from odoo.tools.image import image_data_uri


class AftersalesEquipment(models.Model):
    """What customers and dealers see of a unit and do with it (R13)."""

    _inherit = "aftersales.equipment"

    # Notes of the desk about a customer are not his to read, on no way in, and the
    # phone number of a holder is not for the dealer who once sold the unit.
    note = fields.Html(groups="base.group_user")
    partner_phone = fields.Char(groups="base.group_user")
    proof = fields.Text(groups="base.group_user")
    proof_accepted = fields.Boolean(groups="base.group_user")

    @api.model
    def _get_portal_domain(self):
        """Domain of the units a customer holds or sold on as a dealer."""
        customer = self.env.user.commercial_partner_id
        return Domain("partner_id", "child_of", customer.id) | Domain(
            "dealer_id", "child_of", customer.id
        )

    def _get_report_base_filename(self):
        if self.env.context.get("aftersales_paper") == "certificate":
            return self._get_certificate_filename()
        return f"{self.env._('Service Voucher')} {self.name}"

    # ------------------------------------------------------------
    # PUBLIC PAGE
    # ------------------------------------------------------------

    def _get_public_url(self):
        """Return the address that the QR code carries."""
        self.ensure_one()
        # Whoever may print the voucher prints its code, without reading the field.
        return f"{self.get_base_url()}/aftersales/unit/{self.sudo().public_code}"

    def _get_masked_serial(self):
        """Return the last digits of the serial number, enough to compare a plate."""
        self.ensure_one()
        serial = self.serial or ""
        shown = min(4, len(serial) // 2)
        return "•" * 4 + serial[len(serial) - shown :] if serial else ""

    def _get_public_values(self):
        """Return everything the public page may show, as plain values.

        Whoever finds the label reads it: no name, no address, no price, no date but
        the end of a running warranty, and no record that a template could follow to
        one (hook).
        """
        self.ensure_one()
        open_ticket = self._get_open_ticket()
        return {
            "voucher": self.name,
            "product": self.product_id.with_context(
                display_default_code=False
            ).display_name,
            "picture": self.product_id.image_256
            and image_data_uri(self.product_id.image_256),
            "serial": self._get_masked_serial(),
            "in_use": self.state == "active" and self.active,
            "warranty_until": self._get_promised_until() if self.active else "",
            "company": self.company_id.name,
            "company_id": self.company_id.id,
            "company_phone": self.company_id.phone,
            "open_ticket": open_ticket.name,
        }

    def _get_open_ticket(self):
        """Return the newest open ticket of the unit."""
        self.ensure_one()
        Ticket = self.env["aftersales.ticket"]
        return Ticket.search(
            Domain("equipment_id", "=", self.id) & Ticket._get_open_domain(),
            order="id desc",
            limit=1,
        )

    # ------------------------------------------------------------
    # PRINTED VOUCHER
    # ------------------------------------------------------------

    def _get_voucher_lang(self):
        """Return the language of the printed voucher.

        A customer prints in the language he reads the portal in, staff print for
        the holder.
        """
        self.ensure_one()
        if self.env.user.share:
            return self.env.lang
        # sudo: the holder's language alone is read.
        return self.sudo().partner_id.lang or self.env.lang

    def _get_voucher_tickets(self, limit=10):
        """Return the service history for the printed voucher, newest first (R13).

        Staff print the whole history of the unit; a customer or a dealer prints
        what he sees on the portal.
        """
        self.ensure_one()
        # sudo: a technician sees his own jobs only, the voucher carries all of them.
        Ticket = self.env["aftersales.ticket"].sudo(not self.env.user.share)
        if not Ticket.has_access("read"):
            return Ticket
        return Ticket.search(
            [("equipment_id", "=", self.id), ("state", "!=", "cancelled")],
            order="date_open desc",
            limit=limit,
        )

    # ------------------------------------------------------------
    # RESALE BY THE DEALER
    # ------------------------------------------------------------

    def _can_portal_resell(self):
        """Tell whether the portal user is the dealer who still holds the unit."""
        self.ensure_one()
        dealer = self.env.user.commercial_partner_id
        if not dealer.aftersales_dealer or not self.has_access("read"):
            return False
        # sudo: the holder may be somebody else's contact, only compared here.
        holder = self.sudo().partner_id.commercial_partner_id
        return self.state == "active" and holder == dealer

    def _portal_register_resale(self, holder, date=None):
        """Hand a unit from its dealer to the customer he names (R13).

        :param dict holder: name, phone, email, street and city as typed
        :param date: day of the resale, today when empty
        :raise AccessError: when the portal user may not see the unit
        :raise UserError: when he does not hold it (any more)
        """
        self.ensure_one()
        self.check_access("read")
        # Dealers have no right to write; what they may do is checked just here.
        unit_sudo = self.sudo()
        unit_sudo.lock_for_update()
        if not self._can_portal_resell():
            raise UserError(
                self.env._(
                    "The resale of %s is registered already. Call us to correct it.",
                    self.name,
                )
            )
        partner_sudo, namesake_sudo = unit_sudo._portal_get_holder(holder)
        unit_sudo.action_register_resale(partner_sudo.id, date=date)
        if namesake_sudo:
            # A note for the desk: dealers do not read internal notes.
            unit_sudo._message_log(
                body=self.env._(
                    "The dealer typed an email or phone number that another contact "
                    "has too, merge them if it is the same person: %s",
                    ", ".join(namesake_sudo.mapped("display_name")),
                )
            )

    def _portal_get_holder(self, holder):
        """Return the contact of the new holder, and others with his email or phone.

        A dealer's own earlier customer – same name, and same email or phone, holding
        a unit this dealer sold – is taken as he is. Anybody else becomes a new
        contact, even when his email is known: otherwise a dealer could find out who
        our customers are, and put units into their accounts. Nothing is ever
        written to a known contact.
        """
        Partner = self.env["res.partner"]
        known = self._portal_find_contacts(holder)
        dealer = self.env.user.commercial_partner_id
        name = " ".join(holder["name"].split())
        customers = known.filtered(
            lambda partner: (partner.name or "").casefold() == name.casefold()
        )
        own_units = self.search(
            [
                ("partner_id", "in", customers.ids),
                ("dealer_id", "child_of", dealer.id),
            ],
            order="id",
            limit=1,
        )
        if own_units:
            return own_units.partner_id, Partner
        partner = Partner.create(
            {
                "name": name,
                "lang": self.env.lang,
                **{
                    field: (holder.get(field) or "").strip() or False
                    for field in ("phone", "email", "street", "city")
                },
            }
        )
        return partner, known

    @api.model
    def _portal_find_contacts(self, holder):
        """Return the contacts that have the typed email address or phone number."""
        Partner = self.env["res.partner"]
        domain = Domain.FALSE
        if email := email_normalize(holder.get("email") or ""):
            domain |= Domain("email_normalized", "=", email)
        phone = self.env.company.partner_id._phone_format(
            number=holder.get("phone") or "", force_format="E164"
        )
        if phone:
            domain |= Domain("phone_sanitized", "=", phone)
        return Partner.search(domain, limit=20)
