import logging

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.fields import Domain

ACTIVITY = "aftersales_quality.mail_activity_type_aftersales_supplier_claim"
BATCH = 20
_logger = logging.getLogger(__name__)


class AftersalesSupplierClaim(models.Model):
    """Mails to the supplier, his answers by mail, and what is overdue (R57)."""

    _inherit = "aftersales.supplier.claim"

    mail_due = fields.Selection(
        selection=[("sent", "Claim"), ("reminder", "Reminder")],
        readonly=True,
        copy=False,
        help="What the supplier is still to be written about.",
    )
    reminded = fields.Boolean(readonly=True, copy=False)
    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )

    _mail_idx = models.Index("(id) WHERE mail_due IS NOT NULL")
    _due_idx = models.Index(
        "(company_id, date_due) WHERE state = 'sent' AND NOT COALESCE(reminded, FALSE)"
    )

    # ------------------------------------------------------------
    # OVERDUE
    # ------------------------------------------------------------

    @api.depends("state", "date_due", "claim_until")
    def _compute_is_overdue(self):
        for claim in self:
            due = claim.date_due if claim.state == "sent" else claim.claim_until
            waits = claim.state in ("draft", "sent")
            today = waits and due and claim.company_id._aftersales_today()
            claim.is_overdue = bool(today and due < today)

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain.OR(
            self._get_late_domain(company) for company in self.env.companies
        )
        return domain if True in value else ~domain

    @api.model
    def _get_late_domain(self, company):
        """Domain of what waits longer than it may in a company."""
        today = company._aftersales_today()
        unanswered = Domain("state", "=", "sent") & Domain("date_due", "<", today)
        unsent = Domain("state", "=", "draft") & Domain("claim_until", "<", today)
        return Domain("company_id", "=", company.id) & (unanswered | unsent)

    def write(self, vals):
        result = super().write(vals)
        if "date_due" in vals and "reminded" not in vals:
            # Another day, another reminder.
            self._by_method().write({"reminded": False})
        return result

    @api.model
    def _cron_remind(self):
        """Write once to suppliers who are late, and tell the responsible people.

        Claims are locked, marked and committed batch by batch: safe in two processes,
        when killed, and when run twice.
        """
        Cron = self.env["ir.cron"]
        companies = self.env["res.company"].search([("active", "=", True)])
        domain = Domain.OR(self._get_late_domain(company) for company in companies)
        domain &= Domain("reminded", "=", False)
        seconds = Cron._commit_progress(remaining=self.search_count(domain))
        while seconds:
            batch = self.search(domain, limit=BATCH, order="date_due, id")
            batch = batch.try_lock_for_update(allow_referencing=True)
            batch = batch.filtered(lambda claim: not claim.reminded)
            if not batch:
                break
            batch._remind()
            seconds = Cron._commit_progress(len(batch))

    def _remind(self):
        """Give the responsible people a to-do; write again to whom we wait for."""
        self._by_method().write({"reminded": True})
        self.filtered(lambda claim: claim.state == "sent")._put_mail("reminder")
        for claim in self:
            company = claim.company_id
            late = claim.state == "sent"
            claim._give_todo(
                self.env._("The supplier has not answered in time")
                if late
                else self.env._("Too late to claim by the agreement"),
                company._aftersales_today(),
            )

    def _give_todo(self, summary, day):
        """Tell the responsible user, else the lead of quality."""
        self.ensure_one()
        user = self.user_id or self.company_id.aftersales_quality_lead_id
        if user and user.active:
            self.activity_schedule(
                ACTIVITY, date_deadline=day, user_id=user.id, summary=summary
            )

    # ------------------------------------------------------------
    # MAIL
    # ------------------------------------------------------------

    def _put_mail(self, mail):
        """Note what suppliers are to be written; papers are drawn by a job."""
        self._by_method().write({"mail_due": mail})
        job = self.env.ref(
            "aftersales_quality.ir_cron_aftersales_supplier_claim_mail",
            raise_if_not_found=False,
        )
        if job:
            # Started now instead of in its own time; who sends is no administrator.
            job.sudo()._trigger()

    @api.model
    def _cron_write_to_suppliers(self):
        """Put the mails to suppliers into the mail queue, in batches.

        Two at once leave each other's claims alone; a killed run goes on where it
        stopped.
        """
        Cron = self.env["ir.cron"]
        domain = [("mail_due", "!=", False)]
        left = Cron._commit_progress(remaining=self.search_count(domain))
        while left > 0:
            batch = self.search(domain, limit=BATCH, order="id")
            batch = batch.try_lock_for_update(allow_referencing=True)
            batch = batch.filtered("mail_due")
            if not batch:
                break
            for claim in batch:
                claim._try_mail()
            left = Cron._commit_progress(len(batch))

    def _try_mail(self):
        """Write to one supplier, or leave a note why not."""
        self.ensure_one()
        mail = self.mail_due
        self._by_method().write({"mail_due": False})
        if self.state in ("refused", "cancelled"):
            return
        if not self.partner_id.email:
            self._message_log(
                body=self.env._(
                    "No mail: the supplier has no address. Print it and send it."
                )
            )
            return
        try:
            with self.env.cr.savepoint():
                self._write_to_supplier(mail)
        except OperationalError:
            # The database itself gave up (lock, shutdown): nothing wrong here.
            raise
        except Exception:
            _logger.warning("No mail for %s", self, exc_info=True)
            self._message_log(
                body=self.env._("The mail could not be made; print it and send it.")
            )

    def _write_to_supplier(self, mail):
        self.ensure_one()
        template = self.env.ref(
            f"aftersales_quality.mail_template_aftersales_supplier_claim_{mail}",
            raise_if_not_found=False,
        )
        if template:
            self.message_post_with_source(
                template,
                subtype_xmlid="mail.mt_comment",
                partner_ids=self.partner_id.ids,
                email_layout_xmlid="mail.mail_notification_light",
                force_send=False,
            )

    def _get_supplier_lang(self):
        """Return the language of papers and mails for the supplier."""
        self.ensure_one()
        # The supplier's own setting, for who writes to him.
        return self.partner_id.sudo().lang or self.company_id.sudo().partner_id.lang

    def _mail_get_partner_fields(self, introspect_fields=False):
        return ["partner_id"]

    def _get_report_base_filename(self):
        self.ensure_one()
        return self.name.replace("/", "-")

    def _message_post_after_hook(self, message, msg_vals):
        """A supplier who answers by mail: the responsible user notes it."""
        result = super()._message_post_after_hook(message, msg_vals)
        if message.message_type == "email" and message.author_id:
            theirs = self.partner_id.commercial_partner_id
            if (
                message.author_id.commercial_partner_id == theirs
                and self.state == "sent"
            ):
                self._give_todo(
                    self.env._("The supplier has answered: note his answer"),
                    self.company_id._aftersales_today(),
                )
        return result
