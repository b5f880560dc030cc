import logging
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from psycopg2 import OperationalError
from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

_logger = logging.getLogger(__name__)

REPORT = "aftersales_service.action_report_aftersales_edition"


class AftersalesEdition(models.Model):
    """Monthly edition of the service handbook (R11)."""

    _name = "aftersales.edition"
    _description = "Handbook Edition"
    _inherit = ["aftersales.fact.mixin", "mail.thread"]
    _order = "month desc, number desc"
    _mail_post_access = "read"
    _facts = frozenset(
        {
            "month",
            "number",
            "state",
            "company_id",
            "date_published",
            "solution_count",
            "attachment_ids",
        }
    )

    number = fields.Integer(
        string="Edition", required=True, readonly=True, copy=False, aggregator=None
    )
    month = fields.Date(required=True, readonly=True, help="First day of the month.")
    state = fields.Selection(
        selection=[("draft", "Being Made"), ("published", "Published")],
        required=True,
        readonly=True,
        default="draft",
        help="Being Made: its solutions are chosen, the PDF is not printed yet.\n"
        "Published: the PDF is ready to be read.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    solution_ids = fields.One2many(
        comodel_name="aftersales.solution",
        inverse_name="edition_id",
        string="New in It",
        readonly=True,
    )
    withdrawn_ids = fields.One2many(
        comodel_name="aftersales.solution",
        inverse_name="withdrawn_edition_id",
        string="No Longer in It",
        readonly=True,
    )
    solution_count = fields.Integer(string="Solutions in It", readonly=True)
    new_count = fields.Integer(string="New Solutions", compute="_compute_counts")
    withdrawn_count = fields.Integer(string="Withdrawn", compute="_compute_counts")
    news = fields.Text(string="What Is New", compute="_compute_news")
    date_published = fields.Datetime(string="Published on", readonly=True)
    attachment_ids = fields.Many2many(
        comodel_name="ir.attachment",
        relation="aftersales_edition_attachment_rel",
        string="Handbooks",
        readonly=True,
        help="One PDF for each language of the readers.",
    )
    can_publish = fields.Boolean(compute="_compute_can_publish")

    _number_uniq = models.UniqueIndex(
        "(company_id, number)", "The number of an edition must be unique per company."
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("solution_ids", "withdrawn_ids")
    def _compute_counts(self):
        for edition in self:
            edition.new_count = len(edition.solution_ids)
            edition.withdrawn_count = len(edition.withdrawn_ids)

    @api.depends("solution_ids.name", "withdrawn_ids.name")
    @api.depends_context("lang")
    def _compute_news(self):
        for edition in self:
            lines = [f"+ {s.name}" for s in edition.solution_ids]
            lines += [f"− {s.name}" for s in edition.withdrawn_ids]
            edition.news = "\n".join(lines)

    @api.depends("state")
    @api.depends_context("uid", "su")
    def _compute_can_publish(self):
        allowed = self._is_supervisor()
        for edition in self:
            edition.can_publish = allowed and edition.state == "draft"

    @api.depends("number", "month")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for edition in self:
            edition.display_name = self.env._(
                "Handbook No. %(number)s, %(month)s",
                number=edition.number,
                month=format_date(self.env, edition.month, date_format="yyyy-MM"),
            )

    @api.model
    def _is_supervisor(self):
        return self.env.su or self.env.user.has_group(
            "aftersales_service.aftersales_service_group_supervisor"
        )

    # ------------------------------------------------------------
    # GUARDS
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Editions are made from what was published, never typed."""
        if not self._is_by_method():
            raise UserError(
                self.env._(
                    "An edition is made from what was published since the last one: "
                    "use Make Edition Now."
                )
            )
        return super().create(vals_list)

    def write(self, vals):
        self._ensure_no_facts(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        """What was published stays on record (R66)."""
        raise UserError(
            self.env._(
                "Editions are not deleted: %s",
                ", ".join(self.mapped("display_name")),
            )
        )

    # ------------------------------------------------------------
    # MAKING
    # ------------------------------------------------------------

    def action_make_now(self):
        """Make the edition of what was published up to now (supervisors).

        :return: action that opens it
        :raise UserError: when nothing is new, or the user is no supervisor
        """
        self._ensure_supervisor()
        company = self.env.company
        month = company._aftersales_today().replace(day=1)
        # What was published in this very second is part of it.
        until = fields.Datetime.now() + timedelta(seconds=1)
        edition = self._make(company, until, month)
        if not edition:
            raise UserError(
                self.env._(
                    "Nothing was published or retired since the last edition: publish "
                    "a solution first."
                )
            )
        edition.action_publish()
        return {
            "type": "ir.actions.act_window",
            "name": edition.display_name,
            "res_model": self._name,
            "res_id": edition.id,
            "views": [(False, "form")],
        }

    def action_publish(self):
        """Print the handbook of each edition, once for each language of its readers.

        :raise UserError: when one is published already, or the user is no supervisor
        """
        self.check_access("read")
        if refused := self.filtered(lambda edition: not edition.can_publish):
            raise UserError(
                self.env._(
                    "A supervisor publishes an edition, and only once: %s",
                    ", ".join(refused.mapped("display_name")),
                )
            )
        for edition in self:
            edition._publish()
        return True

    def action_open_handbook(self):
        """Open the PDF in the language of the reader, else that of the company.

        :raise UserError: when the PDF is not printed yet
        """
        self.ensure_one()
        # Who may read the edition reads its PDFs.
        attachments = self.sudo().attachment_ids
        if not attachments:
            raise UserError(
                self.env._("%s is not printed yet: publish it.", self.display_name)
            )
        by_lang = {(a.description or ""): a for a in attachments}
        handbook = (
            by_lang.get(self.env.lang)
            or by_lang.get(self.company_id.partner_id.lang)
            or attachments[:1]
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{handbook.id}",
            "target": "new",
        }

    def _ensure_supervisor(self):
        if not self._is_supervisor():
            raise UserError(self.env._("A supervisor makes an edition."))

    @api.model
    def _cron_make_editions(self):
        """Make last month's edition of each company and print what is not printed.

        What is chosen for an edition is locked and marked: safe in two processes, when
        killed, and when run twice. Nothing new makes no edition.
        """
        commit = self.env["ir.cron"]._commit_progress
        companies = self.env["res.company"].search([("active", "=", True)])
        seconds = commit(remaining=len(companies))
        for company in companies:
            if not seconds:
                return
            until, month = self._get_last_month(company)
            self._try(self._make, company, until, month)
            seconds = commit(1)
        for edition in self.search([("state", "=", "draft")]):
            if not seconds:
                return
            # Another process may have published it since the search.
            edition.invalidate_recordset(["state"])
            if edition.exists().state == "draft":
                self._try(edition._publish)
            seconds = commit(0)

    @api.model
    def _try(self, method, *args):
        """Run a step of the job; one that fails does not stop the others."""
        try:
            with self.env.cr.savepoint():
                method(*args)
        except SerializationFailure:
            # Another process was here meanwhile.
            self.env.cr.rollback()
            self.env.invalidate_all()
        except OperationalError:
            raise
        except Exception:
            _logger.warning("No handbook edition: %s", args, exc_info=True)

    @api.model
    def _get_last_month(self, company):
        """Return when last month ended, in UTC, and its first day."""
        first = company._aftersales_today().replace(day=1)
        # The time zone of a company is no secret.
        zone = ZoneInfo(company.sudo().partner_id.tz or "UTC")
        end = datetime.combine(first, time.min, tzinfo=zone)
        until = end.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
        return until, first - relativedelta(months=1)

    @api.model
    def _make(self, company, until, month):
        """Collect what was published and retired before a moment into a new edition.

        :return: the edition, empty when nothing is new
        """
        # Nobody marks solutions as printed but the edition itself.
        Solution = self.env["aftersales.solution"].sudo()
        mine = Domain("company_id", "=", company.id)
        new_sudo = Solution.search(
            mine
            & Domain("state", "=", "published")
            & Domain("edition_id", "=", False)
            & Domain("date_published", "<", until)
        ).try_lock_for_update(allow_referencing=True)
        withdrawn_sudo = Solution.search(
            mine
            & Domain("state", "=", "retired")
            & Domain("edition_id", "!=", False)
            & Domain("withdrawn_edition_id", "=", False)
            & Domain("date_retired", "<", until)
        ).try_lock_for_update(allow_referencing=True)
        if not (new_sudo or withdrawn_sudo):
            return self.browse()
        last_sudo = self.sudo().search(mine, order="number desc", limit=1)  # as above
        edition_sudo = last_sudo._by_method().create(
            {
                "company_id": company.id,
                "number": last_sudo.number + 1,
                "month": month,
            }
        )
        new_sudo._by_method().write({"edition_id": edition_sudo.id})
        withdrawn_sudo._by_method().write({"withdrawn_edition_id": edition_sudo.id})
        edition_sudo._by_method().solution_count = len(edition_sudo._get_content())
        return self.browse(edition_sudo.id)

    def _get_content(self):
        """Return the published solutions that are in this edition."""
        self.ensure_one()
        return self.env["aftersales.solution"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "=", "published"),
                ("edition_id.number", "<=", self.number),
            ],
            order="name, id",
        )

    def _publish(self):
        """Print and store the handbook in each language, and tell the followers."""
        self.ensure_one()
        # The PDFs belong to the edition, which its readers may read.
        Attachment = self.env["ir.attachment"].sudo()
        attachments = Attachment.browse()
        for lang in self._get_languages():
            edition = self.with_context(lang=lang)
            content, kind = (
                self.env["ir.actions.report"]
                .with_context(lang=lang)
                ._render_qweb_pdf(REPORT, self.ids)
            )
            attachments |= Attachment.create(
                {
                    "name": f"{edition._get_file_name()}.{kind}",
                    "description": lang,
                    "raw": content,
                    "res_model": self._name,
                    "res_id": self.id,
                }
            )
        self.sudo()._by_method().write(  # its makers are supervisors or the job
            {
                "attachment_ids": attachments.ids,
                "state": "published",
                "date_published": fields.Datetime.now(),
            }
        )
        self.message_post(
            body=self.env._("Published: %s new solutions.", self.new_count)
        )

    def _get_languages(self):
        """Return the languages of the after-sales staff and of the company."""
        self.ensure_one()
        group = self.env.ref("aftersales_service.aftersales_service_group_technician")
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        # The language of a colleague is no secret.
        users_sudo = self.env["res.users"].sudo()
        readers = users_sudo._read_group(
            [
                ("all_group_ids", "in", group.id),
                ("company_ids", "in", self.company_id.id),
            ],
            ["lang"],
        )
        langs = {lang for (lang,) in readers}
        # That of the company is on its letters.
        langs.add(self.company_id.sudo().partner_id.lang)
        return sorted(langs & installed) or [self.env.lang or "en_US"]

    def _get_file_name(self):
        self.ensure_one()
        return self.env._(
            "Service handbook %(month)s No. %(number)s %(lang)s",
            month=self.month.strftime("%Y-%m"),
            number=self.number,
            lang=self.env.lang or "en_US",
        )
