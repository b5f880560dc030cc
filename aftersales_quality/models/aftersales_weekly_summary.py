from datetime import datetime, timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import format_date

from ..tools.week import weeks_due


class AftersalesWeeklySummary(models.Model):
    """What a week showed about products: quality, wishes, problems (R96, F107)."""

    _name = "aftersales.weekly.summary"
    _description = "Weekly Summary"
    _inherit = ["aftersales.fact.mixin"]
    _facts = frozenset(
        {"company_id", "week", "body", "partner_ids", "sent_on", "entry_count"}
    )
    _order = "week desc, id desc"

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    week = fields.Date(string="Week from", required=True, readonly=True)
    entry_count = fields.Integer(string="Entries", readonly=True)
    body = fields.Html(string="Summary", readonly=True)
    partner_ids = fields.Many2many(
        comodel_name="res.partner",
        relation="aftersales_weekly_summary_partner_rel",
        string="Readers",
        readonly=True,
    )
    sent_on = fields.Datetime(string="Sent on", readonly=True)

    _week_unique = models.UniqueIndex(
        "(company_id, week)", "A week is summed up once per company."
    )

    @api.depends("week")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for summary in self:
            summary.display_name = self.env._(
                "Weekly summary of %s", format_date(self.env, summary.week)
            )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._ensure_no_facts(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        return super().write(vals)

    # ------------------------------------------------------------
    # SCHEDULED
    # ------------------------------------------------------------

    @api.model
    def _cron_send(self):
        """Sum up and send each week that was not sent yet, once, per company.

        Safe in two processes at once, when killed, and run twice.
        """
        self.env["res.company"]._aftersales_run_each(
            lambda company: self.with_company(company)._send_due(company),
            "weekly summary",
        )

    @api.model
    def _send_due(self, company):
        """Send the weeks that were missed, the oldest first."""
        last = company.aftersales_summary_week or None
        for week in weeks_due(last, company._aftersales_today()):
            if not company.try_lock_for_update(allow_referencing=True):
                return
            company.aftersales_summary_week = week
            # Another process finds the week noted, or is told to look again.
            company.flush_recordset(["aftersales_summary_week"])
            self._send_week(company, week)
            if not self.env["ir.cron"]._commit_progress():
                return

    @api.model
    def _send_week(self, company, week):
        """Sum up one week and queue it for its readers; an empty week is not sent."""
        readers = self._get_readers(company)
        talk = self.with_context(lang=readers[:1].lang or self.env.lang)
        parts = talk._get_parts(company, week)
        count = sum(len(lines) for _title, lines in parts)
        if not count:
            return self.browse()
        summary = talk._by_method().create(
            {
                "company_id": company.id,
                "week": week,
                "body": talk._make_body(parts),
                "entry_count": count,
                "partner_ids": [Command.set(readers.ids)],
                "sent_on": fields.Datetime.now() if readers else False,
            }
        )
        if readers:
            # Mails are nobody's right.
            self.env["mail.mail"].sudo().create(
                {
                    "subject": summary.display_name,
                    "body_html": summary.body,
                    "recipient_ids": [Command.set(readers.ids)],
                    "email_from": company.email_formatted
                    or self.env.user.email_formatted,
                    "author_id": company.partner_id.id,
                    "auto_delete": True,
                }
            )
        return summary

    @api.model
    def _get_readers(self, company):
        """Return the partners who get the summary."""
        users = company.aftersales_summary_reader_ids or (
            company.aftersales_quality_lead_id
            | company.aftersales_general_manager_id
            | company._aftersales_supervisor()
        )
        return users.filtered(lambda user: user.active and user.email).partner_id

    # ------------------------------------------------------------
    # CONTENT
    # ------------------------------------------------------------

    @api.model
    def _get_parts(self, company, week):
        """Return (title, rows) of the summary: quality, wishes, problems."""
        Feedback = self.env["aftersales.product.feedback"]
        following = week + timedelta(days=7)
        raised = Feedback.search(
            Domain("company_id", "=", company.id)
            & Domain("date", ">=", week)
            & Domain("date", "<", following)
            & Domain("state", "!=", "cancelled"),
            order="alarm desc, date, id",
        ).grouped("topic")
        begin, end = (
            company._aftersales_day_end(
                -1, datetime.combine(day, datetime.min.time()) + timedelta(hours=12)
            )
            for day in (week, following)
        )
        opinions = self.env["aftersales.opinion"].search(
            Domain("company_id", "=", company.id)
            & Domain("date", ">", begin)
            & Domain("date", "<=", end)
            & Domain("state", "!=", "cancelled"),
            order="date, id",
        )
        titles = Feedback._fields["topic"]._description_selection(self.env)
        parts = []
        for topic, title in titles:
            lines = [row._get_summary_line() for row in raised.get(topic, ())]
            if topic == "wish":
                lines += [row._get_summary_line() for row in opinions]
            parts.append((title, lines))
        return parts

    @api.model
    def _make_body(self, parts):
        """Return the summary as a page: a table for each part."""
        heads = (
            self.env._("Number"),
            self.env._("What Was Seen"),
            self.env._("Product"),
            self.env._("To Be Answered by"),
            self.env._("State"),
        )
        row = Markup("<tr>%s</tr>")
        head = row % Markup().join(Markup("<th>%s</th>") % text for text in heads)
        tables = []
        for title, lines in parts:
            rows = Markup().join(
                row % Markup().join(Markup("<td>%s</td>") % text for text in line)
                for line in lines
            )
            tables.append(
                Markup('<h3>%s</h3><table class="table table-sm">%s%s</table>')
                % (title, head, rows)
                if lines
                else Markup("<h3>%s</h3><p>–</p>") % title
            )
        return Markup().join(tables)
