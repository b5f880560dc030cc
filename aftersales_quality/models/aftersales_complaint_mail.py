from markupsafe import Markup

from odoo import api, models
from odoo.tools.mail import email_normalize

from odoo.addons.aftersales_service.tools import mail_text

from .aftersales_complaint import ENDED_STATES

MAX_DESCRIPTION = 4000


class AftersalesComplaint(models.Model):
    """Mails to the address for complaints, and the answers to ours (R58).

    Who writes and whose unit it is are kept apart, as with tickets: naming a number
    makes nobody the customer of its holder's complaint.
    """

    _inherit = "aftersales.complaint"

    def _mail_get_partner_fields(self, introspect_fields=False):
        return ["partner_id"]

    # ------------------------------------------------------------
    # WHERE A MAIL GOES
    # ------------------------------------------------------------

    @api.model
    def _mail_lead_routes(self, message_dict, routes, kind):
        """Lead mails to the complaint they name; automatic answers open none.

        :param str kind: as :func:`mail_text.kind_of`
        :return: the routes that are left
        """
        led = []
        for model, thread_id, values, user_id, alias in routes:
            if model == self._name and not thread_id:
                thread_id = self._mail_find_named(message_dict).id
                if not thread_id and kind == "reply":
                    continue
            led.append((model, thread_id, values, user_id, alias))
        return led

    @api.model
    def _mail_find_named(self, message_dict):
        """Return the complaint whose number the subject names, when it is the sender's."""
        words = mail_text.tokens(message_dict.get("subject") or "")
        address = email_normalize(message_dict.get("email_from") or "")
        complaints_sudo = self.sudo()  # compared with the sender just below
        if not (words and address):
            return complaints_sudo.browse()
        found = complaints_sudo.search([("name", "in", words)], limit=5)
        own = found.filtered(
            lambda complaint: (
                address
                in {email_normalize(complaint.contact_email or "")}
                | set(complaint.partner_id.mapped("email_normalized"))
                | set(complaint.message_partner_ids.mapped("email_normalized"))
            )
        )
        return own if len(own) == 1 else own.browse()

    # ------------------------------------------------------------
    # NEW COMPLAINT
    # ------------------------------------------------------------

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Record a mail to the address for complaints.

        The whole mail is kept as a message; the complaint takes over its text. The
        unit is the one that the mail names, as with tickets.
        """
        custom_values = dict(custom_values or {})
        Ticket = self.env["aftersales.ticket"]
        writer = Ticket._mail_get_writer(msg_dict)
        values, remarks = self._prepare_mail_vals(msg_dict, custom_values, writer)
        complaint = super(
            AftersalesComplaint, self.with_context(aftersales_mail_new=True)
        ).message_new(
            {**msg_dict, "cc": Ticket._mail_get_copies(msg_dict)},
            custom_values={**values, **custom_values},
        )
        if complaint._is_party(writer):
            complaint.message_subscribe(partner_ids=writer.ids)
        elif complaint.partner_id:
            # What a stranger writes about a unit is for us, not for its holder.
            msg_dict["is_internal"] = True
            remarks.append(
                self.env._(
                    "The sender is not known as the customer. Find out who he is before "
                    "you tell him anything; his mail is an internal note."
                )
            )
        if remarks:
            complaint._message_log(body=Markup("<br/>").join(remarks))
        complaint._acknowledge()
        return complaint

    @api.model
    def _prepare_mail_vals(self, msg_dict, custom_values, writer):
        """Return the values of a complaint from a mail, and remarks for us."""
        Ticket = self.env["aftersales.ticket"]
        text = mail_text.plain_text(msg_dict.get("body"))
        subject = mail_text.subject_of(msg_dict.get("subject"))
        name, address = Ticket._mail_get_sender(msg_dict)
        company = self.env["res.company"].browse(custom_values.get("company_id"))
        company = company or self.env.company
        whole = "\n".join(part for part in (subject, text) if part)
        values = {
            # The subject is no number.
            "name": "/",
            "company_id": company.id,
            "channel": "mail",
            "description": mail_text.shorten(whole, MAX_DESCRIPTION)
            or self.env._("(no subject)"),
            "contact_name": name or address or self.env._("(unknown sender)"),
            "contact_email": address,
        }
        units, remarks = Ticket._mail_find_units(whole, writer, company)
        if units:
            values["equipment_id"] = units.id
        if writer and not Ticket._is_own_staff(writer):
            values["contact_phone"] = writer.phone
            family = writer.commercial_partner_id
            holder = (units.partner_id | units.dealer_id).commercial_partner_id
            if not units or family in holder:
                values["partner_id"] = writer.id
        return values, remarks

    def _is_party(self, partner):
        """Tell whether a contact belongs to the customer of the complaint."""
        self.ensure_one()
        Ticket = self.env["aftersales.ticket"]
        family = partner.commercial_partner_id
        # Whose complaint it is, also for who may not read it.
        customer_sudo = self.sudo().partner_id.commercial_partner_id
        return bool(
            family and not Ticket._is_own_staff(partner) and family == customer_sudo
        )

    # ------------------------------------------------------------
    # ANSWERS
    # ------------------------------------------------------------

    def message_update(self, msg_dict, update_vals=None):
        """Add a mail to its complaint; a finished one stays as it is."""
        copies = self.env["aftersales.ticket"]._mail_get_copies(msg_dict)
        if any(complaint.state in ENDED_STATES for complaint in self):
            copies = ""
        return super().message_update(
            {**msg_dict, "cc": copies}, update_vals=update_vals
        )

    def _message_post_after_hook(self, message, msg_values):
        result = super()._message_post_after_hook(message, msg_values)
        if self._is_customer_answer(message):
            self._notice(self.env._("The customer answered"))
        return result

    def _is_customer_answer(self, message):
        """Tell whether a message is what a customer (not staff, not a machine) says."""
        context = self.env.context
        return (
            message.message_type in ("email", "comment")
            and not message.is_internal
            and context.get("aftersales_mail_kind", "person") == "person"
            and not context.get("aftersales_no_answer")
            # The first mail is the complaint itself.
            and not context.get("aftersales_mail_new")
            and message.author_id != self.env.ref("base.partner_root")
            and (not message.author_id or message.author_id.partner_share)
        )

    def _notify_get_reply_to_batch(self, defaults=None, author_ids=None):
        """Let answers come to the address for complaints of the company."""
        result = super()._notify_get_reply_to_batch(
            defaults=defaults, author_ids=author_ids
        )
        for complaint in self:
            # An address that every mail shows.
            alias_sudo = complaint.sudo().company_id.aftersales_complaint_alias_id
            if alias_sudo.alias_full_name and alias_sudo.alias_domain_id:
                result[complaint.id] = self._notify_get_reply_to_formatted_email(
                    alias_sudo.alias_full_name,
                    author_id=(author_ids or {}).get(complaint.id, False),
                )
        return result
