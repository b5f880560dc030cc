from datetime import datetime, time, timedelta
from urllib.parse import urlparse
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date, format_datetime, format_time

# What the customer chooses from, and when a visit then begins.
PARTS_OF_DAY = {"morning": 9, "afternoon": 14, "any": 9}
# Nobody wishes further ahead.
MAX_WISH_DAYS = 180
ACTIVITY = "aftersales_service.mail_activity_type_aftersales_reschedule"


class AftersalesDispatch(models.Model):
    """The appointment with the customer: announced, confirmed, postponed (R24)."""

    _inherit = "aftersales.dispatch"

    announced_start = fields.Datetime(
        string="Told the Customer",
        readonly=True,
        copy=False,
        help="The planned time of which the customer was last written to.",
    )
    confirmed_date = fields.Datetime(
        string="Confirmed on",
        readonly=True,
        copy=False,
        help="When the customer confirmed the appointment.",
    )
    confirmed_start = fields.Datetime(
        string="Confirmed Time", readonly=True, copy=False
    )
    is_confirmed = fields.Boolean(
        string="Confirmed",
        compute="_compute_is_confirmed",
        store=True,
        help="The customer confirmed the time as it is planned now.",
    )

    @api.depends("confirmed_start", "date_start")
    def _compute_is_confirmed(self):
        for dispatch in self:
            confirmed = dispatch.confirmed_start
            dispatch.is_confirmed = confirmed and confirmed == dispatch.date_start

    # ------------------------------------------------------------
    # MAILS
    # ------------------------------------------------------------

    def _after_assignment(self):
        result = super()._after_assignment()
        self._announce()
        return result

    def _after_reschedule(self):
        result = super()._after_reschedule()
        # A technician no longer sees what went back to the dispatcher.
        drafts_sudo = self.sudo().filtered(lambda visit: visit.state == "draft")
        drafts_sudo._hand_back()
        # Back to the rights of the user.
        (self - drafts_sudo.sudo(False))._announce()
        return result

    def _announce(self):
        """Write to the customers whose appointment is new or moved; mails wait in queue.

        A time that lies in the past is noted afterwards: nobody is written to.
        """
        now = fields.Datetime.now()
        news = self.filtered(
            lambda visit: (
                visit.date_start > now and visit.announced_start != visit.date_start
            )
        )
        # Whether customers are written to is no secret, but companies are.
        news = news.filtered(
            lambda visit: (
                visit.sudo().company_id.aftersales_visit_mail  # see above
                and visit._get_customer_address()
            )
        )
        moved = news.filtered(lambda visit: visit._is_moved_by_us())
        (news - moved)._send_appointment("mail_template_aftersales_appointment")
        moved._send_appointment("mail_template_aftersales_appointment_moved")
        for start, visits in news.grouped("date_start").items():
            visits._step({"announced_start": start})

    def _is_moved_by_us(self):
        """Tell whether the customer expects us at another time, by no wish of his."""
        self.ensure_one()
        last = self.reschedule_ids.sorted("id")[-1:]
        return bool(self.announced_start) and last.requested_by != "customer"

    def _send_appointment(self, name):
        """Send the mail of a template, in the customers' languages."""
        template = self.env.ref(f"aftersales_service.{name}", raise_if_not_found=False)
        if template and self:
            # What the customer is told is said by the template, whoever assigns.
            template.sudo().send_mail_batch(
                self.ids,
                force_send=False,
                email_layout_xmlid="mail.mail_notification_light",
            )

    def _get_customer_address(self):
        """Return where the customer is written to, empty when nowhere."""
        self.ensure_one()
        ticket = self.ticket_id
        return ticket.partner_id.email_formatted or ticket.partner_email or ""

    def _get_customer_lang(self):
        """Return the language of the customer."""
        self.ensure_one()
        # The language of a company is no secret.
        company_sudo = self.sudo().company_id
        return self.partner_id.lang or company_sudo.partner_id.lang or "en_US"

    def _get_customer_tz(self):
        """Return the time zone in which the customer reads the time."""
        self.ensure_one()
        company_sudo = self.sudo().company_id  # as above
        return self.partner_id.tz or company_sudo.partner_id.tz or "UTC"

    def _get_appointment_text(self, start=None):
        """Say the planned time in the customer's time zone and the present language.

        :param datetime start: another time, said without its end
        """
        self.ensure_one()
        zone = self._get_customer_tz()
        if start:
            return format_datetime(self.env, start, tz=zone, dt_format="short")
        if not self.date_start:
            return ""
        begin, end = (
            moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone))
            for moment in (self.date_start, self.date_end)
        )
        day = format_date(self.env, begin.date(), date_format="full")
        hours = "–".join(
            format_time(self.env, moment.time(), time_format="short")
            for moment in (begin, end)
        )
        return f"{day}, {hours}"

    def _get_technician_first_name(self):
        """Return what the customer may call the technician; of him nothing else."""
        self.ensure_one()
        # A first name, for the customer who opens the door.
        return next(iter((self.sudo().technician_id.name or "").split()), "")

    # ------------------------------------------------------------
    # THE CUSTOMER'S ANSWER
    # ------------------------------------------------------------

    def _is_portal_visible(self):
        """Tell whether the customer knows of the visit."""
        self.ensure_one()
        return bool(self.assign_date)

    def _can_portal_answer(self):
        """Tell whether the customer may confirm or ask for another time."""
        self.ensure_one()
        return (
            self.state in ("assigned", "accepted")
            and self.date_start > fields.Datetime.now()
        )

    def _ensure_can_portal_answer(self):
        """Refuse answers that come too late.

        :raise UserError: telling where the visit stands
        """
        if not self._can_portal_answer():
            self._refuse(
                self.env._(
                    "The appointment can no longer be changed here. Please call us."
                )
            )

    def _portal_confirm(self):
        """Note that the customer confirms the appointment; twice does no harm.

        The caller has checked that he may see it.

        :raise UserError: when the visit is not to come any more
        """
        self.ensure_one()
        if self.is_confirmed and self.state in ("assigned", "accepted"):
            return
        self._ensure_can_portal_answer()
        # Customers have no right to write visits; of these facts they decide.
        self.sudo()._step(
            {
                "confirmed_date": fields.Datetime.now(),
                "confirmed_start": self.date_start,
            }
        )

    def _portal_postpone(self, day, part, reason):
        """Give the visit back to the dispatcher with the time the customer wishes.

        :param date day: wished day, may be empty
        :param str part: morning, afternoon or any
        :param str reason: mandatory
        :raise UserError: without a reason, for a day that cannot be, or when the visit
            is not to come any more
        """
        self.ensure_one()
        self._ensure_can_portal_answer()
        if not reason:
            self._refuse(self.env._("Please tell us why you need another time."))
        begin = False
        if day:
            zone = ZoneInfo(self._get_customer_tz())
            hour = time(PARTS_OF_DAY.get(part, PARTS_OF_DAY["any"]))
            begin = datetime.combine(day, hour, tzinfo=zone)
            begin = begin.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
            now = fields.Datetime.now()
            if not now < begin < now + timedelta(days=MAX_WISH_DAYS):
                self._refuse(self.env._("Please choose a day to come."))
            # More than one word is lost when only the hour is kept.
            reason = f"{self._get_part_text(part)}: {reason}"
        # Customers have no right to write visits; the step checks the state.
        self.sudo().action_reschedule(
            begin or None, None, reason, requested_by="customer"
        )

    def _get_part_text(self, part):
        return {
            "morning": self.env._("In the morning"),
            "afternoon": self.env._("In the afternoon"),
        }.get(part, self.env._("Any time of the day"))

    def _hand_back(self):
        """Give the dispatchers a to-do: the customer asks for another time (R24)."""
        activity_type = self.env.ref(ACTIVITY, raise_if_not_found=False)
        if not activity_type:
            return
        values = []
        model_id = self.env["ir.model"]._get_id(self._name)
        # Who planned it, or leads the team: no secrets of theirs are told.
        for visit in self.sudo():
            user = visit.assigned_by_id or visit.team_id.supervisor_id
            if not user.active:
                user = visit.team_id.supervisor_id
            if user and user != self.env.user:
                values.append(
                    {
                        "activity_type_id": activity_type.id,
                        "summary": self.env._("The customer asks for another time"),
                        "user_id": user.id,
                        "res_model_id": model_id,
                        "res_id": visit.id,
                        "date_deadline": visit.company_id._aftersales_today(),
                    }
                )
        # To-dos of the desk, also when it is the customer who asks.
        Activity = self.env["mail.activity"].sudo()
        Activity.with_context(mail_activity_quick_update=True).create(values)

    def _drop_hand_backs(self):
        """Take these to-dos away: somebody planned the visits anew."""
        activity_type = self.env.ref(ACTIVITY, raise_if_not_found=False)
        if activity_type and self:
            # They were somebody else's to-dos.
            self.env["mail.activity"].sudo().search(
                Domain("res_model", "=", self._name)
                & Domain("res_id", "in", self.ids)
                & Domain("activity_type_id", "=", activity_type.id)
            ).unlink()

    # ------------------------------------------------------------
    # CALENDAR
    # ------------------------------------------------------------

    def _get_calendar_file(self):
        """Return the appointment as a file for the customer's own calendar (RFC 5545)."""
        self.ensure_one()
        site = self.site_id._display_address(without_company=True) or ""
        lines = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//After-Sales//Visit//EN",
            "BEGIN:VEVENT",
            f"UID:aftersales-visit-{self.id}@{urlparse(self.get_base_url()).hostname}",
            f"DTSTAMP:{fields.Datetime.now():%Y%m%dT%H%M%SZ}",
            f"DTSTART:{self.date_start:%Y%m%dT%H%M%SZ}",
            f"DTEND:{self.date_end:%Y%m%dT%H%M%SZ}",
            f"SUMMARY:{_escape(f'{self.company_id.name}: {self.symptom or self.name}')}",
            f"LOCATION:{_escape(' '.join(site.split()))}",
            "END:VEVENT",
            "END:VCALENDAR",
        ]
        return "\r\n".join([*lines, ""])


def _escape(text):
    """Return a text as a value of a calendar file."""
    for mark in ("\\", ",", ";"):
        text = text.replace(mark, "\\" + mark)
    return text.replace("\r", "").replace("\n", "\\n")
