import logging
import tempfile
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import email_normalize_all

from ..tools import report_book

_logger = logging.getLogger(__name__)

PRINT = "aftersales_quality.action_report_aftersales_run"
# A mail that was not delivered is tried again after so long, for so many days.
RETRY = timedelta(hours=6)
RETRY_DAYS = 7


class AftersalesReportRun(models.Model):
    """How a report becomes a workbook, a PDF and mails to its readers."""

    _inherit = "aftersales.report.run"

    # ------------------------------------------------------------
    # FILES
    # ------------------------------------------------------------

    def _get_file_title(self):
        """Return the name of the files, without extension."""
        self.ensure_one()
        return f"{self.display_name} {self.company_id.name}".replace("/", "-")

    def _make_workbook(self):
        """Return the workbook of the report."""
        self.ensure_one()
        with tempfile.TemporaryFile(suffix=".xlsx") as target:
            report_book.write(
                target,
                f"{self.company_id.name}: {self.display_name}",
                [self._get_figure_table(), *self._get_tables()],
            )
            target.seek(0)
            return target.read()

    def _print(self):
        """Return the printed report, None when we cannot print."""
        self.ensure_one()
        Report = self.env["ir.actions.report"]
        ready = self.env.registry.ready  # no page is served while add-ons are loaded
        if not ready or Report.get_wkhtmltopdf_state() == "install":
            # The workbook says it all, too.
            return None
        try:
            content, kind = Report._render_qweb_pdf(PRINT, self.ids)
        except UserError:
            # Readers do not wait for a printer; as above.
            _logger.exception("Report %s cannot be printed", self.id)
            return None
        return content, kind

    def _make_files(self):
        """Store the files of the report in its archive; called under sudo."""
        self.ensure_one()
        files = [(f"{self._get_file_title()}.xlsx", self._make_workbook())]
        if printed := self._print():
            content, kind = printed
            files.insert(0, (f"{self._get_file_title()}.{kind}", content))
        return self.env["ir.attachment"].create(
            [
                {
                    "name": name,
                    "raw": content,
                    "res_model": self._name,
                    "res_id": self.id,
                }
                for name, content in files
            ]
        )

    # ------------------------------------------------------------
    # MAIL
    # ------------------------------------------------------------

    def _send(self):
        """Store the files and queue one mail for each reader; called under sudo."""
        self.ensure_one()
        company, report = self.company_id, self.report_id
        run = self.with_context(
            lang=company.partner_id.lang or self.env.lang,
            tz=company.partner_id.tz or "UTC",
            allowed_company_ids=company.ids,
        )
        files = run._make_files()
        users = report._get_readers()
        partners = users.partner_id | report.partner_ids
        reached = partners.filtered("email_normalized")
        mails = self.env["mail.mail"].create(
            [
                *(
                    {
                        **run._prepare_mail(files, partner.lang),
                        "recipient_ids": [Command.set(partner.ids)],
                    }
                    for partner in reached
                ),
                *(
                    {**run._prepare_mail(files), "email_to": address}
                    for address in email_normalize_all(report.email_to or "")
                ),
            ]
        )
        unreached = partners - reached
        self.write(
            {
                "state": "sent",
                "date_sent": fields.Datetime.now(),
                "attachment_ids": [Command.set(files.ids)],
                "mail_ids": [Command.set(mails.ids)],
                "unreached": ", ".join(unreached.mapped("name")) or False,
            }
        )
        # Whoever has no address finds it among his to-dos.
        for user in users.filtered(lambda user: user.partner_id in unreached):
            self.with_context(lang=user.lang).activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Read this report: you have no mail address"),
                user_id=user.id,
            )

    def _prepare_mail(self, files, lang=None):
        """Return the values of the mail to a reader.

        :param files: attachments, kept with the report
        :param str lang: of the reader
        """
        run = self.with_context(lang=lang) if lang else self
        company = run.company_id
        return {
            "subject": f"{run.display_name} · {company.name}",
            "body_html": run._make_body(),
            "email_from": company.email_formatted or self.env.user.email_formatted,
            "author_id": company.partner_id.id,
            # Kept: it shows who got the report.
            "auto_delete": False,
            "attachment_ids": [Command.link(file.id) for file in files],
        }

    def _make_body(self):
        """Return the figures and the supervisor's words as HTML."""
        self.ensure_one()
        cell = Markup("<td style='padding:4px 12px;text-align:%s'>%s</td>")
        rows = Markup().join(
            Markup("<tr>%s%s%s</tr>")
            % (
                cell % ("left", figure.title),
                cell % ("right", Markup("<b>%s</b>") % figure.text),
                cell % ("left", figure.basis),
            )
            for figure in self.figure_ids
        )
        words = Markup()
        if self.comment:
            lines = Markup("<br/>").join(self.comment.splitlines())
            words = Markup("<p>%s</p>") % lines
        return Markup(
            "<p>%s</p><table style='border-collapse:collapse'>%s</table>%s"
            "<p><a href='%s'>%s</a></p>"
        ) % (
            self.display_name,
            rows,
            words,
            f"{self.get_base_url()}/odoo/aftersales.report.run/{self.id}",
            self.env._("Open the report"),
        )

    @api.model
    def _retry_mails(self):
        """Queue once more what a mail server did not take, for some days."""
        now = fields.Datetime.now()
        runs_sudo = self.sudo().search(  # mails are nobody's
            [
                ("date_sent", ">=", now - timedelta(days=RETRY_DAYS)),
                ("mail_ids.state", "=", "exception"),
            ]
        )
        runs_sudo._requeue_mails(before=now - RETRY)

    def _requeue_mails(self, before=None):
        """Queue undelivered mails again; called under sudo.

        :param datetime before: only those that failed before
        """
        mails = self.mail_ids.filtered(
            lambda mail: mail.state == "exception"
            and (not before or mail.write_date <= before)
        )
        mails.mark_outgoing()
