import logging

from psycopg2 import OperationalError

from odoo import api, models

_logger = logging.getLogger(__name__)

NEW = "aftersales_quality.mail_activity_type_aftersales_complaint_new"
AGENT = "aftersales_service.aftersales_service_group_agent"
QUALITY = "aftersales_quality.aftersales_quality_group_lead"
# Complaints that come in while nobody of ours is at the screen.
UNATTENDED = ("mail", "website", "card")


class AftersalesComplaint(models.Model):
    """Who hears of a complaint first: whoever handles it, and the customer (R58)."""

    _inherit = "aftersales.complaint"

    @api.model_create_multi
    def create(self, vals_list):
        complaints = super().create(vals_list)
        complaints._get_unattended()._notice(self.env._("New complaint"))
        return complaints

    def write(self, vals):
        before = {complaint: complaint.state for complaint in self}
        result = super().write(vals)
        if vals.get("state"):
            moved = self.filtered(lambda c: before[c] != c.state)
            moved._drop_notices()
            if vals["state"] == "archived":
                moved._mail_customer("mail_template_aftersales_complaint_closed")
        return result

    # ------------------------------------------------------------
    # TO US
    # ------------------------------------------------------------

    def _get_unattended(self):
        """Return the complaints that nobody recorded who leads complaints."""
        user = self.env.user
        is_machine = user._is_superuser() or self.env.context.get("aftersales_mail_new")
        if not is_machine and user.has_groups(f"{AGENT},{QUALITY}"):
            return self.browse()
        return self.filtered(
            lambda complaint: (
                complaint.state == "recorded"
                and (not is_machine or complaint.channel in UNATTENDED)
            )
        )

    def _notice(self, summary):
        """Plan one to-do per complaint for who handles it, unless there is one.

        A constant number of queries, whatever the number of complaints.
        """
        activity_type = self.env.ref(NEW, raise_if_not_found=False)
        if not self or not activity_type:
            return
        # To-dos of ours, also for what a customer records himself.
        Activity = self.env["mail.activity"].sudo()
        known = set(
            Activity.search(self._get_notice_domain(activity_type)).mapped("res_id")
        )
        complaints_sudo = self.sudo()  # who handles it
        orphans = complaints_sudo.filtered(lambda complaint: not complaint.owner_id)
        deputies = {
            company: company._aftersales_supervisor() for company in orphans.company_id
        }
        model_id = self.env["ir.model"]._get_id(self._name)
        vals_list = []
        for complaint_sudo in complaints_sudo:
            company = complaint_sudo.company_id
            user = complaint_sudo.owner_id or deputies[company]
            if user and complaint_sudo.id not in known:
                vals_list.append(
                    {
                        "activity_type_id": activity_type.id,
                        "summary": summary,
                        "user_id": user.id,
                        "res_model_id": model_id,
                        "res_id": complaint_sudo.id,
                        "date_deadline": company._aftersales_today(),
                    }
                )
        # No mail for each: the bell of the screen rings.
        Activity.with_context(mail_activity_quick_update=True).create(vals_list)

    def _get_notice_domain(self, activity_type):
        return [
            ("res_model", "=", self._name),
            ("res_id", "in", self.ids),
            ("activity_type_id", "=", activity_type.id),
        ]

    def _drop_notices(self):
        """Take the to-dos away: somebody goes on with the complaints."""
        activity_type = self.env.ref(NEW, raise_if_not_found=False)
        if self and activity_type:
            # They may be somebody else's to-dos.
            Activity = self.env["mail.activity"].sudo()
            Activity.search(self._get_notice_domain(activity_type)).unlink()

    # ------------------------------------------------------------
    # TO THE CUSTOMER
    # ------------------------------------------------------------

    def _acknowledge(self):
        """Confirm to the customers that their complaints have arrived."""
        answerable = self.filtered(lambda complaint: complaint._is_answerable())
        answerable._mail_customer("mail_template_aftersales_complaint_received")

    def _is_answerable(self):
        """Tell whether a person reads what is sent to the customer's address."""
        self.ensure_one()
        # Addresses alone; the ticket knows which of them answer by machine.
        complaint_sudo = self.sudo()
        probe_sudo = complaint_sudo.env["aftersales.ticket"].new(
            {
                "company_id": complaint_sudo.company_id.id,
                "partner_email": complaint_sudo.contact_email,
            }
        )
        return probe_sudo._is_answerable(complaint_sudo.partner_id)

    def _get_customer_address(self):
        """Return the mail address of the customer, or of who complained for him."""
        self.ensure_one()
        # Where mails go, for everybody.
        complaint_sudo = self.sudo()
        return complaint_sudo.partner_id.email or complaint_sudo.contact_email

    def _mail_customer(self, name):
        """Write to the customers in their language, and keep it in the history.

        The mails wait in the queue. Where the company writes none by itself, nothing
        goes out; where no address is known, a note says so.

        :param str name: XML id of the mail template, of this add-on
        """
        template = self.env.ref(f"aftersales_quality.{name}", raise_if_not_found=False)
        # Whether mails go out, for everybody.
        told = self.filtered(
            lambda complaint: complaint.company_id.sudo().aftersales_complaint_mail
        )
        reachable = told.filtered(lambda complaint: complaint._get_customer_address())
        for complaint in reachable if template else ():
            complaint._try_mail(template)
        if unreached := told - reachable:
            unreached._message_log_batch(
                bodies=dict.fromkeys(
                    unreached.ids,
                    self.env._(
                        "No mail address: tell the customer by phone or letter."
                    ),
                )
            )

    def _try_mail(self, template):
        """Put a mail to the customer into the queue, or leave a note why not.

        A template that somebody broke must not stop the step.
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                # What the customer gets is said by his language and the template.
                self.sudo()._post_mail(template)
        except OperationalError:
            # The database itself gave up (lock, shutdown): nothing wrong here.
            raise
        except Exception:
            _logger.warning("No mail for %s", self, exc_info=True)
            self._message_log(
                body=self.env._(
                    "The customer could not be written to; tell him yourself."
                )
            )

    def _post_mail(self, template):
        """Queue a mail for the customer, in his language; called under sudo."""
        self.ensure_one()
        lang = self._get_customer_lang()
        # Templates are not for everybody to read; the mail is for one customer.
        template_sudo = template.sudo().with_context(lang=lang)
        subject, body = (
            template_sudo._render_field(field, self.ids, set_lang=lang)[self.id]
            for field in ("subject", "body_html")
        )
        customer = self.partner_id.filtered("email")
        self.with_context(lang=lang, mail_post_autofollow=False).message_post(
            body=body,
            subject=subject,
            author_id=self.env.ref("base.partner_root").id,
            email_from=self.company_id.email_formatted or None,
            message_type="auto_comment",
            subtype_xmlid="mail.mt_note",
            partner_ids=customer.ids,
            outgoing_email_to=False if customer else self.contact_email,
            email_layout_xmlid="mail.mail_notification_light",
            force_send=False,
            notify_author=True,
            notify_skip_followers=True,
        )

    def _get_customer_lang(self):
        """Return the language of mails for the customer."""
        self.ensure_one()
        # The customer's own setting, for who writes to him.
        lang = self.partner_id.sudo().lang or self.company_id.sudo().partner_id.lang
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        return lang if lang in installed else self.env.lang or "en_US"

    def _get_promised_day(self):
        """Return the promised day as the customer reads it, of the company's clock."""
        self.ensure_one()
        if not self.promised_date:
            return False
        return self.company_id._aftersales_today(self.promised_date)
