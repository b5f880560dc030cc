import logging

from psycopg2 import OperationalError
from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.fields import Domain

_logger = logging.getLogger(__name__)

# Records handled between two commits.
BATCH_SIZE = 50


class AftersalesContract(models.Model):
    """The daily job: what has expired, and who is reminded of what will (R19)."""

    _name = "aftersales.contract"
    _inherit = ["aftersales.contract", "aftersales.reminder.mixin"]
    _reminder_end = "date_end"
    _reminder_mark = "reminded_end"
    _reminder_days = "aftersales_contract_notice_days"

    reminded_end = fields.Date(
        string="Reminded of",
        readonly=True,
        copy=False,
        help="End of which the customer was reminded; when the contract is prolonged, "
        "a new reminder is due.",
    )

    _reminder_idx = models.Index(
        "(company_id, date_end) "
        "WHERE state = 'active' AND reminded_end IS DISTINCT FROM date_end"
    )

    # ------------------------------------------------------------
    # JOB
    # ------------------------------------------------------------

    @api.model
    def _cron_follow_dates(self):
        """Note what has expired and send the reminders that are due, in batches.

        Each record is locked, handled and committed with a mark of the end it was
        reminded of: safe in two processes, when killed, and when run twice.
        """
        Cron = self.env["ir.cron"]
        jobs = self._get_date_jobs()
        due = sum(model.search_count(domain) for model, domain, _method in jobs)
        seconds = Cron._commit_progress(remaining=due)
        for model, domain, method in jobs:
            failed = []
            while seconds:
                done, stuck = self._work_off(model, domain, method, failed)
                failed += stuck
                if not (done or stuck):
                    break
                seconds = Cron._commit_progress(done + len(stuck))
        if seconds:
            Cron._commit_progress(remaining=0)

    @api.model
    def _get_date_jobs(self):
        """Return (model, domain of what is due, method) of everything to do (hook)."""
        jobs = []
        for company in self.env["res.company"].search([("active", "=", True)]):
            contracts = self.with_company(company)
            jobs.append((contracts, self._get_expired_domain(company), "_expire"))
            if company.aftersales_contract_notice_days:
                domain = self._get_ending_domain(company)
                jobs.append((contracts, domain, "_remind"))
            if company.aftersales_warranty_notice_days:
                units = contracts.env["aftersales.equipment"]
                jobs.append((units, units._get_ending_domain(company), "_remind"))
        return jobs

    @api.model
    def _work_off(self, model, domain, method, failed, day=None):
        """Handle the next batch of what is due.

        :param str day: field by which it is due; that of reminders when empty
        :return: number of records done, ids of those that cannot be
        """
        day = day or getattr(model, "_reminder_end", None)
        try:
            batch = model.search(
                domain & Domain("id", "not in", failed),
                limit=BATCH_SIZE,
                # In the order of ids all that is not due yet would be read.
                order=f"{day}, id" if day else "id",
            )
            batch = batch.try_lock_for_update(allow_referencing=True)
            return self._try_each(batch, method)
        except SerializationFailure:
            # Another process handled them meanwhile: what is left shows next time.
            self.env.cr.rollback()
            self.env.invalidate_all()
            return 0, batch.ids

    @api.model
    def _try_each(self, batch, method):
        """Handle records together, or one by one when one of them cannot be."""
        try:
            with self.env.cr.savepoint():
                getattr(batch, method)()
            return len(batch), []
        except OperationalError:
            # The database itself gave up (lock, shutdown): nothing wrong here.
            raise
        except Exception as error:
            _logger.info("Reminders, one by one after: %s", error)
        failed = []
        for record in batch:
            try:
                with self.env.cr.savepoint():
                    getattr(record, method)()
            except OperationalError:
                raise
            except Exception:
                _logger.warning("No reminder for %s", record, exc_info=True)
                failed.append(record.id)
        return len(batch) - len(failed), failed

    # ------------------------------------------------------------
    # WHAT IS DUE
    # ------------------------------------------------------------

    @api.model
    def _get_expired_domain(self, company):
        return (
            Domain("company_id", "=", company.id)
            & Domain("state", "=", "active")
            & Domain("date_end", "<", company._aftersales_today())
        )

    # ------------------------------------------------------------
    # REMINDER
    # ------------------------------------------------------------

    def _remind(self):
        """Write to the customers of ending contracts and plan the renewal visits.

        Contracts renewed already are only marked.
        """
        open_ones = self.filtered(lambda c: c.renewed_by_id.state != "active")
        open_ones._write_to_customer()
        for user, contracts in open_ones._get_reminded_users().items():
            contracts._plan_renewal(user)
        self._mark_reminded()

    def _write_to_customer(self):
        """Put the letters of the expiry into the mail queue."""
        template = self.env.ref(
            "aftersales_service.mail_template_aftersales_contract_expiry",
            raise_if_not_found=False,
        )
        reachable = self.filtered("partner_id.email")
        if template and reachable:
            reachable.message_post_with_source(
                template,
                subtype_xmlid="mail.mt_note",
                email_layout_xmlid="mail.mail_notification_light",
                force_send=False,
            )

    def _get_reminded_users(self):
        """Return ``{user: contracts}``: the salesperson, else the supervisor."""
        result = {}
        for (salesperson, company), contracts in self.grouped(
            lambda contract: (contract.user_id, contract.company_id)
        ).items():
            user = contracts._get_able(salesperson)
            user = user or company._aftersales_supervisor()
            result[user] = result.get(user, self.browse()) | contracts
        return result

    def _plan_renewal(self, user):
        """Plan the visit at which the contract is renewed."""
        if not user:
            self._message_log_batch(
                bodies=dict.fromkeys(
                    self.ids, self.env._("The contract ends soon; nobody to plan it.")
                )
            )
            return
        words = self.with_context(lang=user.lang or self.env.lang).env
        for contract in self:
            without_mail = not contract.partner_id.email
            contract.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=contract._get_visit_day(),
                summary=words._("Renewal visit: contract ends"),
                note=words._("The customer has no email address: call him.")
                if without_mail
                else words._("The customer was written to. Visit him and renew."),
                user_id=user.id,
            )

    def _get_visit_day(self):
        """Return the day by which the renewal is talked about: half of what is left."""
        self.ensure_one()
        today = self.company_id._aftersales_today()
        return today + (self.date_end - today) // 2
