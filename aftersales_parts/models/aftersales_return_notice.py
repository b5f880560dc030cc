import logging

from psycopg2 import OperationalError

from odoo import api, fields, models

from .aftersales_return import HOLDING_STATES

_logger = logging.getLogger(__name__)

BATCH = 20


class AftersalesReturn(models.Model):
    """What the customer is told of his return; papers are drawn outside the desk's
    request, by a scheduled action (R49)."""

    _inherit = "aftersales.return"

    notice_due = fields.Selection(
        selection=[("authorised", "Authorised"), ("refused", "Refused")],
        readonly=True,
        copy=False,
        help="What the customer is still to be written about.",
    )

    _notice_idx = models.Index("(id) WHERE notice_due IS NOT NULL")

    def _after_authorisation(self):
        result = super()._after_authorisation()
        self._put_notice("authorised")
        return result

    def _end(self, state, reason, question):
        result = super()._end(state, reason, question)
        self._put_notice("refused" if state == "refused" else False)
        return result

    def _put_notice(self, notice):
        """Note what customers are to be told, where the company tells them."""
        # Whether mails go out, for everybody.
        told = self.filtered(lambda rma: rma.company_id.sudo().aftersales_return_mail)
        told._step({"notice_due": notice})

    @api.model
    def _cron_write_to_customers(self):
        """Put the mails of authorised and refused returns into the mail queue.

        In batches: two at once leave each other's returns alone, and a killed run goes
        on where it stopped.
        """
        Cron = self.env["ir.cron"]
        domain = [("notice_due", "!=", False)]
        left = Cron._commit_progress(remaining=self.search_count(domain))
        done = self.browse()
        while left > 0:
            batch = self.search(domain, limit=BATCH, order="id") - done
            batch = batch.try_lock_for_update(allow_referencing=True)
            batch = batch.filtered("notice_due")
            if not batch:
                break
            for rma in batch:
                rma._try_notice()
            done += batch
            left = Cron._commit_progress(len(batch))

    def _try_notice(self):
        """Write to the customer of one return, or leave a note why not."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self._write_to_customer()
        except OperationalError:
            # The database itself gave up (lock, shutdown): nothing wrong here.
            raise
        except Exception:
            _logger.warning("No mail for %s", self, exc_info=True)
            self._step({"notice_due": False})
            self._message_log(
                body=self.env._(
                    "The customer could not be written to; send him the label or the "
                    "refusal by hand."
                )
            )

    def _write_to_customer(self):
        self.ensure_one()
        notice = self.notice_due
        self._step({"notice_due": False})
        current = (
            self.state in HOLDING_STATES
            if notice == "authorised"
            else self.state == "refused"
        )
        if not (current and self.partner_id.email):
            return
        template = self.env.ref(
            f"aftersales_parts.mail_template_aftersales_return_{notice}",
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

    def _get_customer_lang(self):
        """Return the language of papers and mails for the customer."""
        self.ensure_one()
        # The customer's own setting, for who writes to him.
        return self.partner_id.sudo().lang or self.company_id.sudo().partner_id.lang

    def _mail_get_partner_fields(self, introspect_fields=False):
        return ["partner_id"]
