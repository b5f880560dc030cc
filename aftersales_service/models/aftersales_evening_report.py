import base64
import io
import logging

import xlsxwriter
from markupsafe import Markup
from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Command, Domain
from odoo.tools import format_date, format_datetime

_logger = logging.getLogger(__name__)

SUPERVISOR = "aftersales_service.aftersales_service_group_supervisor"
MANAGER = "aftersales_service.aftersales_service_group_manager"
# Explanations are asked for before the report, so that it can tell them.
ASK_AHEAD = 1.0
# Rows in the mail itself; all of them are in the file.
ROWS_IN_MAIL = 15
# Tickets between two commits.
BATCH_SIZE = 200


class AftersalesEveningReport(models.AbstractModel):
    """What was not solved on the day of the call, told to the sales director (R05)."""

    _name = "aftersales.evening.report"
    _description = "Evening Report"

    # ------------------------------------------------------------
    # SCHEDULED
    # ------------------------------------------------------------

    @api.model
    def _cron_report(self):
        """Ask for explanations and send the report, once a day in each company.

        Runs often and does something only in the evening of a company, on the days it
        works. Safe in two processes at once, when killed, and when run twice.
        """
        progress = self.env["ir.cron"]
        companies = self.env["res.company"].search([("active", "=", True)])
        left = progress._commit_progress(remaining=len(companies))
        for company in companies:
            if not left:
                break
            try:
                self._end_day(company)
            except OperationalError:
                # Another process is at it.
                self.env.cr.rollback()
            except Exception:
                # The other companies have their report all the same.
                self.env.cr.rollback()
                _logger.exception("No evening report of company %s", company.id)
            left = progress._commit_progress(1)

    @api.model
    def _end_day(self, company):
        now = company._aftersales_now()
        today = now.date()
        hour = now.hour + now.minute / 60
        ask = (
            company.aftersales_asked_day != today
            and hour >= company.aftersales_evening_hour - ASK_AHEAD
        )
        report = (
            company.aftersales_evening_day != today
            and hour >= company.aftersales_evening_hour
        )
        if not (ask or report) or not company._aftersales_works_on(today):
            return
        if ask and self._ask_for_explanations(company):
            company.aftersales_asked_day = today
            self.env["ir.cron"]._commit_progress()
        if report and company.try_lock_for_update(allow_referencing=True):
            company.aftersales_evening_day = today
            # Another process finds the day noted, or is told to look again.
            company.flush_recordset(["aftersales_evening_day"])
            self._send(company)

    @api.model
    def _ask_for_explanations(self, company):
        """Ask those who answer for unresolved tickets, in batches.

        :return: whether all were asked
        """
        Ticket = self.env["aftersales.ticket"]
        seen = set()
        while True:
            found = Ticket.search(
                Ticket._get_unexplained_domain(company)
                & Domain("id", "not in", list(seen)),
                limit=BATCH_SIZE,
                order="id",
            )
            if not found:
                return True
            seen.update(found.ids)
            found.try_lock_for_update(allow_referencing=True)._ask_for_explanation()
            if not self.env["ir.cron"]._commit_progress():
                return False

    # ------------------------------------------------------------
    # MAIL
    # ------------------------------------------------------------

    @api.model
    def _get_readers(self, company):
        """Return who gets the report: the sales director, else the managers."""
        director = company.aftersales_sales_director_id
        managers = self.env.ref(MANAGER).all_user_ids
        return self._get_able(director, company) or self._get_able(managers, company)

    @api.model
    def _get_able(self, users, company):
        return users.filtered(
            lambda user: user.active
            and not user.share
            and user.email
            and company in user.company_ids
        )

    @api.model
    def _send(self, company):
        """Queue the report for each reader, in his language, with the list attached."""
        vals_list = []
        readers = self._get_readers(company)
        for (lang, zone), users in readers.grouped(
            lambda user: (user.lang, user.tz)
        ).items():
            report = self.with_context(
                lang=lang or self.env.lang,
                tz=zone or company.partner_id.tz or "UTC",
                allowed_company_ids=company.ids,
            )
            tickets = report._get_tickets(company)
            vals_list.append(
                {
                    "subject": report._get_title(company),
                    "body_html": report._make_body(company, tickets),
                    "recipient_ids": [Command.set(users.partner_id.ids)],
                    "email_from": company.email_formatted
                    or self.env.user.email_formatted,
                    "author_id": company.partner_id.id,
                    "auto_delete": True,
                    "attachment_ids": [
                        Command.create(
                            {
                                "name": report._get_file_name(company),
                                "datas": base64.b64encode(
                                    report._make_workbook(tickets)
                                ),
                            }
                        )
                    ],
                }
            )
        return self.env["mail.mail"].create(vals_list)

    @api.model
    def _get_tickets(self, company):
        """Return the unresolved tickets of a company, the most pressing first."""
        Ticket = self.env["aftersales.ticket"]
        return Ticket.search(
            Ticket._get_unresolved_domain(company), order="priority DESC, open_day, id"
        )

    @api.model
    def _get_title(self, company):
        return self.env._(
            "Unresolved service tickets of %(company)s, %(day)s",
            company=company.name,
            day=format_date(self.env, company._aftersales_today()),
        )

    @api.model
    def _get_file_name(self, company):
        day = company._aftersales_today()
        return f"{self.env._('Unresolved tickets')} {day}.xlsx"

    @api.model
    def _make_body(self, company, tickets):
        """Return figures and the first rows as HTML."""
        if not tickets:
            return Markup("<p>%s</p>") % self.env._("Every ticket is solved.")
        now = fields.Datetime.now()
        today = company._aftersales_today()
        figures = (
            (self.env._("Unresolved"), len(tickets)),
            (
                self.env._("of these registered today"),
                len(tickets.filtered(lambda ticket: ticket.open_day == today)),
            ),
            (
                self.env._("without a promised time"),
                len(tickets.filtered(lambda ticket: not ticket.promised_date)),
            ),
            (
                self.env._("promised time is over"),
                len(
                    tickets.filtered(
                        lambda ticket: ticket.promised_date
                        and ticket.promised_date < now
                    )
                ),
            ),
        )
        shown = tickets[:ROWS_IN_MAIL]
        cell = Markup(
            "<td style='padding:4px 8px;border-bottom:1px solid #ddd'>%s</td>"
        )
        rows = Markup().join(
            Markup("<tr>%s</tr>")
            % Markup().join(
                cell % part
                for part in (
                    Markup("<a href='%s'>%s</a>")
                    % (ticket._notify_get_action_link("view"), ticket.name),
                    ticket.symptom,
                    ticket.customer_label or "",
                    ticket.user_id.name or "–",
                    format_datetime(
                        self.env,
                        ticket.promised_date,
                        tz=self.env.context.get("tz"),
                        dt_format="short",
                    )
                    or "–",
                    ticket.delay_reason or "–",
                )
            )
            for ticket in shown
        )
        heads = Markup().join(
            Markup("<th style='padding:4px 8px;text-align:left'>%s</th>") % title
            for title in (
                self.env._("Ticket"),
                self.env._("Symptom"),
                self.env._("Customer"),
                self.env._("Responsible"),
                self.env._("Promised for"),
                self.env._("Explanation"),
            )
        )
        more = len(tickets) - len(shown)
        return Markup(
            "<p>%s</p><table style='border-collapse:collapse'><thead><tr>%s</tr>"
            "</thead><tbody>%s</tbody></table>%s"
        ) % (
            Markup(", ").join(
                Markup("%s: <b>%s</b>") % (label, figure) for label, figure in figures
            ),
            heads,
            rows,
            Markup("<p>%s</p>")
            % self.env._("… and %s more: all of them are in the file attached.", more)
            if more
            else "",
        )

    # ------------------------------------------------------------
    # FILE
    # ------------------------------------------------------------

    @api.model
    def _make_workbook(self, tickets):
        """Return the list as a spreadsheet, in the reader's language and time zone."""
        stream = io.BytesIO()
        workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
        sheet = workbook.add_worksheet(self.env._("Unresolved tickets")[:31])
        bold = workbook.add_format({"bold": True, "bottom": 1})
        moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        late = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm", "color": "red"})
        columns = self._get_columns()
        now = fields.Datetime.now()
        for number, (title, width, _value) in enumerate(columns):
            sheet.write_string(0, number, title, bold)
            sheet.set_column(number, number, width)
        for row, ticket in enumerate(tickets, start=1):
            for number, (_title, _width, value) in enumerate(columns):
                content = value(ticket)
                if hasattr(content, "hour"):
                    local = fields.Datetime.context_timestamp(ticket, content)
                    broken = value is columns[-2][2] and content < now
                    sheet.write_datetime(
                        row,
                        number,
                        local.replace(tzinfo=None),
                        late if broken else moment,
                    )
                elif isinstance(content, int) and not isinstance(content, bool):
                    sheet.write_number(row, number, content)
                else:
                    # As text: what a customer wrote must not become a formula.
                    sheet.write_string(row, number, content or "")
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(len(tickets), 1), len(columns) - 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        workbook.close()
        return stream.getvalue()

    @api.model
    def _get_columns(self):
        """Return (title, width, value of a ticket) of each column (hook).

        The last but one is the promised time.
        """
        Ticket = self.env["aftersales.ticket"]

        def label(field):
            words = dict(Ticket._fields[field]._description_selection(self.env))
            return lambda ticket: words.get(ticket[field], "")

        return [
            (self.env._("Ticket"), 16, lambda ticket: ticket.name),
            (self.env._("Registered on"), 16, lambda ticket: ticket.date_open),
            (self.env._("Age (days)"), 8, lambda ticket: ticket.age),
            (self.env._("Priority"), 10, label("priority")),
            (self.env._("Customer"), 24, lambda ticket: ticket.customer_label),
            (self.env._("Phone"), 18, lambda ticket: ticket.partner_phone),
            (self.env._("Unit"), 20, lambda ticket: ticket.unit_label),
            (self.env._("Symptom"), 36, lambda ticket: ticket.symptom),
            (self.env._("State"), 12, label("state")),
            (self.env._("Waiting For"), 12, label("waiting_reason")),
            (self.env._("Team"), 16, lambda ticket: ticket.team_id.name),
            (self.env._("Responsible"), 18, lambda ticket: ticket.user_id.name),
            (self.env._("Promised for"), 16, lambda ticket: ticket.promised_date),
            (self.env._("Explanation"), 40, lambda ticket: ticket.delay_reason),
        ]

    # ------------------------------------------------------------
    # BY HAND
    # ------------------------------------------------------------

    @api.model
    def _ensure_may_preview(self, company):
        user = self.env.user
        if not (user.has_group(SUPERVISOR) and company in user.company_ids):
            raise AccessError(
                self.env._(
                    "Only supervisors of the company look at its evening report before "
                    "it is due."
                )
            )

    @api.model
    def _make_preview(self, company):
        """Return (file name, content) of the report of a company, as of now.

        :raise AccessError: for users below supervisors, and of other companies
        """
        self._ensure_may_preview(company)
        report = self.with_context(
            tz=self.env.user.tz or company.partner_id.tz or "UTC",
            allowed_company_ids=company.ids,
        )
        return (
            report._get_file_name(company),
            report._make_workbook(report._get_tickets(company)),
        )
