from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import email_normalize, format_date, html2plaintext


class AftersalesPersonMixin(models.AbstractModel):
    """Records that concern a person: his file, and what is erased of it on request.

    A record is kept as long as it is needed – the ticket open, the unit in use – and
    then as many years as the company says (R66). After that the person is taken out
    of it; number, product, dates and money stay.
    """

    _name = "aftersales.person.mixin"
    _description = "Record About a Person"

    # Fields that point to a person, and all that say something about him.
    _person_links = ()
    _person_fields = frozenset()

    # ------------------------------------------------------------
    # HOOKS
    # ------------------------------------------------------------

    @api.model
    def _get_person_domain(self, persons):
        """Domain of the records that concern these contacts (hook)."""
        return Domain.OR(
            Domain(field, "in", persons.ids) for field in self._person_links
        )

    def _get_needs(self):
        """Return ``{record: reason}`` of those still needed, whatever their age (hook).

        Reasons are those of ``aftersales.erasure.line``.
        """
        return {}

    def _get_last_days(self):
        """Return ``{record: the day from which on it is kept}`` (hook)."""
        return {record: fields.Date.to_date(record.create_date) for record in self}

    def _prepare_erased_vals(self, persons):
        """Return the values that take these contacts out of one record (hook)."""
        self.ensure_one()
        return {field: False for field in self._person_links if self[field] in persons}

    @api.model
    def _get_person_columns(self):
        """Return the fields shown in the file of a person (hook)."""
        return ["name"]

    def _get_erased_label(self):
        """Return what identifies one record without naming anybody (hook)."""
        self.ensure_one()
        return self.name

    # ------------------------------------------------------------
    # RETENTION
    # ------------------------------------------------------------

    def _get_erasure_verdicts(self):
        """Tell of each record whether the person may be erased from it today.

        :return: dict ``{record: (verdict, last day, kept until)}`` with the verdicts
            of ``aftersales.erasure.line``
        """
        needs, last_days = self._get_needs(), self._get_last_days()
        today = fields.Date.context_today(self)
        verdicts = {}
        for record in self:
            last_day = last_days.get(record)
            if record in needs:
                verdicts[record] = (needs[record], last_day, False)
                continue
            years = record.company_id.aftersales_retention_years
            until = last_day and last_day + relativedelta(years=years)
            verdict = "past" if not until or until <= today else "retention"
            verdicts[record] = (verdict, last_day, until)
        return verdicts

    # ------------------------------------------------------------
    # ERASURE
    # ------------------------------------------------------------

    def _erase_person(self, persons):
        """Take contacts out of these records for good; the caller checked the verdicts.

        :param persons: contacts to be forgotten
        """
        if not self:
            return
        # Managers decide, but files, mails and traces belong to nobody: all of these
        # records alone are touched.
        records = (
            self.sudo()
            ._by_method()
            .with_context(tracking_disable=True, mail_notrack=True)
        )
        alike = {}
        for record in records:
            key = tuple(sorted(record._prepare_erased_vals(persons).items()))
            alike[key] = alike.get(key, records.browse()) | record
        for key, group in alike.items():
            group.write(dict(key))
        records._erase_talk(persons)
        records.message_unsubscribe(partner_ids=persons.ids)
        self._message_log_batch(
            bodies=dict.fromkeys(
                self.ids, self.env._("Personal data were erased on request.")
            )
        )

    @api.model
    def _get_erased_text(self):
        """Return what stands where a personal text was."""
        today = fields.Date.context_today(self)
        return self.env._("Erased on request on %s", format_date(self.env, today))

    def _erase_talk(self, persons):
        """Erase messages, their traces, files and to-dos of these records."""
        neutral = Markup("<p>%s</p>") % self._get_erased_text()
        # See _erase_person: self is allowed to see all of it.
        env = self.sudo().with_context(active_test=False).env
        messages = env["mail.message"].search(
            [("model", "=", self._name), ("res_id", "in", self.ids)]
        )
        files = env["ir.attachment"].search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids)]
        )
        (files | messages.attachment_ids).unlink()
        mails = env["mail.mail"].search([("mail_message_id", "in", messages.ids)])
        mails.write(
            {
                "state": "cancel",
                "body_html": neutral,
                "email_to": False,
                "email_cc": False,
                "recipient_ids": [Command.clear()],
            }
        )
        env["mail.notification"].search(
            [
                ("mail_message_id", "in", messages.ids),
                "|",
                ("res_partner_id", "in", persons.ids),
                ("mail_email_address", "!=", False),
            ]
        ).unlink()
        env["mail.tracking.value"].search(
            [
                ("mail_message_id", "in", messages.ids),
                ("field_id.name", "in", list(self._person_fields)),
            ]
        ).unlink()
        messages.write(
            {
                "subject": False,
                "reply_to": False,
                "incoming_email_to": False,
                "incoming_email_cc": False,
                "outgoing_email_to": False,
                "partner_ids": [Command.unlink(person.id) for person in persons],
            }
        )
        messages.filtered(lambda message: html2plaintext(message.body or "")).write(
            {"body": neutral}
        )
        staff = messages.author_id.filtered(
            lambda author: any(not user.share for user in author.user_ids)
        )
        messages.filtered(
            lambda message: message.author_id not in staff - persons
        ).write({"author_id": False, "email_from": self.env._("Erased")})
        env["mail.activity"].search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids)]
        ).unlink()

    @api.model
    def _get_traces(self, persons):
        """Return the email addresses and phone numbers of contacts, as compared."""
        emails = {email_normalize(person.email) for person in persons}
        phones = set(persons.mapped("phone_sanitized"))
        return emails - {False, None}, phones - {False}
