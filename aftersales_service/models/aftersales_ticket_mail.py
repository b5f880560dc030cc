from markupsafe import Markup

from odoo import api, models
from odoo.fields import Domain
from odoo.tools.mail import (
    email_normalize,
    email_split,
    email_split_tuples,
    plaintext2html,
)

from ..tools import mail_text

MAX_SYMPTOM = 120
MAX_DESCRIPTION = 2000
# More than these and nobody sees which one is meant.
MAX_CANDIDATES = 10
# An answer to all of a mail with more recipients would be a circular.
MAX_COPIES = 5


class AftersalesTicket(models.Model):
    """Mails to the address of a team, and the answers to ours (R01).

    Who writes and whose unit it is are kept apart: naming a number makes nobody the
    customer of its holder's ticket, nor lets him follow it.
    """

    _inherit = "aftersales.ticket"

    def _mail_get_partner_fields(self, introspect_fields=False):
        return ["partner_id"]

    def _phone_get_number_fields(self):
        return ["partner_phone"]

    # ------------------------------------------------------------
    # WHERE A MAIL GOES
    # ------------------------------------------------------------

    @api.model
    def _mail_lead_routes(self, message_dict, routes, kind):
        """Lead mails to merged tickets on, and let automatic answers open none.

        :param str kind: as :func:`mail_text.kind_of`
        :return: the routes that are left
        """
        led = []
        for model, thread_id, values, user_id, alias in routes:
            if model == self._name:
                # The gateway knows the number of the ticket and nothing of its own.
                ticket_sudo = self.sudo().browse(thread_id or ())
                if not ticket_sudo:
                    ticket_sudo = self._mail_find_named(message_dict)
                while ticket_sudo.duplicate_of_id:
                    ticket_sudo = ticket_sudo.duplicate_of_id
                thread_id = ticket_sudo.id
                if not thread_id and kind == "reply":
                    continue
            led.append((model, thread_id, values, user_id, alias))
        return led

    @api.model
    def _mail_find_named(self, message_dict):
        """Return the ticket whose number the subject names, when it is the sender's.

        Mail programs that drop the references keep the subject.
        """
        words = mail_text.tokens(message_dict.get("subject") or "")
        address = email_normalize(message_dict.get("email_from") or "")
        tickets_sudo = self.sudo()  # compared with the sender just below
        if not (words and address):
            return tickets_sudo.browse()
        found = tickets_sudo.search([("name", "in", words)], limit=5)
        own = found.filtered(
            lambda ticket: (
                address
                in {email_normalize(ticket.partner_email or "")}
                | set(ticket.partner_id.mapped("email_normalized"))
                | set(ticket.message_partner_ids.mapped("email_normalized"))
            )
        )
        return own if len(own) == 1 else own.browse()

    # ------------------------------------------------------------
    # NEW TICKET
    # ------------------------------------------------------------

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Register a mail to the address of a team as a ticket.

        The whole mail is kept as a message; the ticket takes over its beginning as
        text. The unit is the one that the mail names, see :meth:`_mail_find_units`.
        """
        custom_values = dict(custom_values or {})
        values, remarks = self._prepare_mail_vals(msg_dict, custom_values)
        self = self.with_context(aftersales_mail_new=True)
        ticket = super().message_new(
            {
                **msg_dict,
                "email_from": values["partner_email"] or "",
                "cc": self._mail_get_copies(msg_dict),
            },
            custom_values={**values, **custom_values},
        )
        writer = self._mail_get_writer(msg_dict)
        if ticket._is_party(writer):
            ticket.message_subscribe(partner_ids=writer.ids)
        elif ticket.equipment_id:
            # What a stranger writes about a unit is for the desk, not for its holder.
            msg_dict["is_internal"] = True
            remarks.append(ticket._get_stranger_remark())
        if remarks:
            ticket._message_log(body=Markup("<br/>").join(remarks))
        ticket._acknowledge(writer)
        return ticket

    @api.model
    def _prepare_mail_vals(self, msg_dict, custom_values):
        """Return the values of a ticket from a mail, and remarks for the desk."""
        text = mail_text.plain_text(msg_dict.get("body"))
        subject = mail_text.subject_of(msg_dict.get("subject"))
        name, address = self._mail_get_sender(msg_dict)
        symptom = subject or text.split("\n", 1)[0]
        values = {
            # The subject is no number.
            "name": "/",
            "symptom": mail_text.shorten(symptom, MAX_SYMPTOM)
            or self.env._("(no subject)"),
            "description": plaintext2html(mail_text.shorten(text, MAX_DESCRIPTION))
            if text
            else False,
            "channel": "email",
            "partner_name": name or address or self.env._("(unknown sender)"),
            "partner_email": address,
        }
        company = self._mail_get_company(custom_values)
        writer = self._mail_get_writer(msg_dict)
        units, remarks = self._mail_find_units(f"{subject}\n{text}", writer, company)
        values["company_id"] = company.id
        if units:
            values["equipment_id"] = units.id
        elif writer and not self._is_own_staff(writer):
            values["partner_id"] = writer.id
        if writer.phone:
            values["partner_phone"] = writer.phone
        return values, remarks

    @api.model
    def _mail_get_company(self, custom_values):
        """Return the company of the address written to, also an unfinished alias's."""
        company = self.env["res.company"].browse(custom_values.get("company_id"))
        team = self.env["aftersales.team"].browse(custom_values.get("team_id"))
        return company or team.company_id or self.env.company

    @api.model
    def _mail_get_sender(self, msg_dict):
        """Return name and address of the sender, as far as they can be read."""
        written = msg_dict.get("email_from") or ""
        name, address = next(iter(email_split_tuples(written)), ("", ""))
        name = " ".join((name or "").split())[:MAX_SYMPTOM]
        return name, email_normalize(address) or address[:MAX_SYMPTOM]

    @api.model
    def _mail_get_writer(self, msg_dict):
        """Return the contact that wrote a mail, if he is known."""
        return self.env["res.partner"].browse(msg_dict.get("author_id") or ())

    @api.model
    def _is_own_staff(self, partner):
        return any(not user.share for user in partner.user_ids)

    def _is_party(self, partner):
        """Tell whether a contact belongs to the customer or the dealer of the ticket."""
        self.ensure_one()
        family = partner.commercial_partner_id
        if not family or self._is_own_staff(partner):
            return False
        # Whose unit it is, also for who may not read it.
        ticket_sudo = self.sudo()
        parties = ticket_sudo.partner_id | ticket_sudo.dealer_id
        return family in parties.commercial_partner_id

    def _get_stranger_remark(self):
        self.ensure_one()
        return self.env._(
            "The sender is not known as a customer of %s. Find out who he is before you "
            "tell him anything about its holder; his mail is an internal note.",
            self.equipment_id.display_name,
        )

    # ------------------------------------------------------------
    # WHICH UNIT
    # ------------------------------------------------------------

    @api.model
    def _mail_find_units(self, text, writer, company):
        """Return the one unit that a mail is about, and remarks for the desk.

        Its numbers say it in this order: serial or voucher, order, phone; at last the
        sender himself, when he has one unit only. Several units that a number may
        mean are narrowed to the sender's own; the rest the desk decides.

        :return: tuple of a unit or none, and a list of remarks
        """
        Equipment = self.env["aftersales.equipment"]
        in_use = Domain("state", "=", "active") & Domain("company_id", "=", company.id)
        remarks = []
        for domain in self._mail_get_lookups(text, writer, company):
            units = Equipment.search(in_use & domain, limit=MAX_CANDIDATES + 1)
            if len(units) > 1:
                family = writer.commercial_partner_id
                own = units.filtered(
                    lambda unit, family=family: (
                        family
                        and family
                        in (unit.partner_id | unit.dealer_id).commercial_partner_id
                    )
                )
                if len(own) != 1:
                    return Equipment, [self._get_candidates_remark(units)]
                units = own
            if units:
                return units, remarks
        return Equipment, remarks

    @api.model
    def _mail_get_lookups(self, text, writer, company):
        """Yield domains of units, the surest first; each is made when it is asked for."""
        words = mail_text.tokens(text)
        if words:
            yield Domain("serial", "in", words) | Domain("name", "in", words)
            yield Domain("order_ref", "in", words)
        numbers = mail_text.phones(text)
        known = self.env["res.partner"]._aftersales_find_by_phones(numbers, company)
        for callers in filter(None, known.values()):
            yield self._get_caller_units_domain(callers)
        if writer and not self._is_own_staff(writer):
            yield self._get_caller_units_domain(writer)

    @api.model
    def _get_caller_units_domain(self, callers):
        """Domain of the units these contacts or their companies hold, or stand with."""
        families = callers.commercial_partner_id
        return Domain("partner_id", "child_of", families.ids) | Domain(
            "site_id", "in", callers.ids
        )

    @api.model
    def _get_candidates_remark(self, units):
        names = units[:MAX_CANDIDATES].mapped("display_name")
        if len(units) > MAX_CANDIDATES:
            names.append("…")
        return self.env._("Several units may be meant: %s", ", ".join(names))

    # ------------------------------------------------------------
    # ANSWERS
    # ------------------------------------------------------------

    def message_update(self, msg_dict, update_vals=None):
        """Add a mail to its ticket."""
        return super().message_update(
            {**msg_dict, "cc": self._mail_get_copies(msg_dict)},
            update_vals=update_vals,
        )

    @api.model
    def _mail_get_copies(self, msg_dict):
        """Return who gets a copy of answers; of a circular they stay on the message."""
        copies = msg_dict.get("cc") or ""
        return copies if len(email_split(copies)) <= MAX_COPIES else ""

    def _message_post_after_hook(self, message, msg_values):
        result = super()._message_post_after_hook(message, msg_values)
        if self._is_customer_answer(message):
            self._take_answer(by_mail=message.message_type == "email")
        return result

    def _is_customer_answer(self, message):
        """Tell whether a message is what a customer (not staff, not a machine) says."""
        context = self.env.context
        return (
            message.message_type in ("email", "comment")
            and not message.is_internal
            and context.get("aftersales_mail_kind", "person") == "person"
            and not context.get("aftersales_no_answer")
            and message.author_id != self.env.ref("base.partner_root")
            and (not message.author_id or message.author_id.partner_share)
        )

    def _take_answer(self, by_mail=False):
        """Go on with what waited for the customer, and lose no word of him.

        A ticket that waits for him goes on. A solved one is taken up again when he
        answers by mail; on the portal he has a button for it. Whatever else is
        finished stays so, and somebody reads what he says.
        """
        for ticket in self:
            # The customer may not write tickets, his answer moves them.
            ticket_sudo = ticket.sudo()
            if ticket.state == "waiting" and ticket.waiting_reason == "customer":
                ticket_sudo.action_resume()
            elif ticket.state == "solved" and by_mail:
                ticket_sudo.action_reopen(self.env._("The customer answered."))
            if not ticket_sudo.user_id or ticket_sudo.state in (
                "solved",
                "closed",
                "cancelled",
            ):
                ticket_sudo._notice_answer()

    def _notify_get_reply_to_batch(self, defaults=None, author_ids=None):
        """Let answers come to the address of the team."""
        teams = self.sudo().team_id  # an address that every mail shows
        given = teams._notify_get_reply_to_batch() if teams else {}
        with_alias = self.filtered(
            lambda ticket: ticket.sudo().team_id.alias_email  # see above
        )
        result = {ticket.id: given[ticket.sudo().team_id.id] for ticket in with_alias}
        others = self - with_alias
        if others or not self:
            result.update(
                super(AftersalesTicket, others)._notify_get_reply_to_batch(
                    defaults=defaults
                    and {res_id: defaults[res_id] for res_id in others.ids or [False]},
                    author_ids=author_ids
                    and {
                        res_id: author_ids[res_id] for res_id in others.ids or [False]
                    },
                )
            )
        return result

    def _sort_suggested_messages(self, messages):
        """Propose an answer to all only where all are few."""
        return (
            super()
            ._sort_suggested_messages(messages)
            .filtered(
                lambda message: (
                    len(
                        email_split(
                            f"{message.incoming_email_to or ''},"
                            f"{message.incoming_email_cc or ''}"
                        )
                    )
                    <= MAX_COPIES
                )
            )
        )
