import base64
import binascii

from odoo import api, models
from odoo.exceptions import LockError, UserError
from odoo.fields import Domain
from odoo.tools import plaintext2html

# What a customer reads of his complaint; whatever else it holds is ours.
PORTAL_FIELDS = frozenset(
    {
        *("id", "display_name", "create_date", "write_date", "create_uid", "write_uid"),
        *("name", "company_id", "date", "state", "channel", "partner_id"),
        *("ticket_id", "equipment_id", "return_id", "sale_order_id"),
        *("product_id", "lot_id", "ship_date", "quantity", "bad_quantity", "uom_id"),
        *("contact_name", "contact_phone", "contact_email"),
        *("description", "demand", "promised_date"),
        *("agreement_kind", "agreement_by", "agreement_date", "agreement_text"),
        *("agreement_signature", "date_end"),
    }
)
TALK = ("portal.mixin", "mail.thread")
MAX_SIGNATURE = 400_000


class AftersalesComplaint(models.Model):
    """The customer's own hand in a complaint, on the portal (R58).

    Customers have no right to write complaints, and read of them what is theirs. These
    methods are the narrow ways in: private, so that no call from outside reaches them.
    The creator stays the customer.
    """

    _inherit = "aftersales.complaint"

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for complaint in self:
            complaint.access_url = f"/my/complaints/{complaint.id}"
        return result

    @api.model
    def _get_portal_domain(self):
        """Domain of the complaints of the present customer."""
        customer = self.env.user.commercial_partner_id
        return Domain("partner_id", "child_of", customer.id)

    @api.model
    def _has_field_access(self, field, operation):
        """Show customers their complaint, not what we think of it among ourselves."""
        if (
            not self.env.su
            and self.env.user.share
            and field.name not in PORTAL_FIELDS
            and not any(field.name in self.env[name]._fields for name in TALK)
        ):
            return False
        return super()._has_field_access(field, operation)

    # ------------------------------------------------------------
    # NEW COMPLAINT
    # ------------------------------------------------------------

    @api.model
    def _portal_record(self, sources, values, files=()):
        """Record the complaint of the present portal user.

        :param dict sources: records by field, each as the portal user sees it
        :param dict values: description, demand, phone as typed
        :param files: accepted files as (name, content)
        :return: the complaint, as the portal user sees it
        :raise AccessError: when he may not see a source
        :raise UserError: without words
        """
        if not values.get("description"):
            raise UserError(self.env._("Tell us what you are not content with."))
        author = self.env.user.partner_id
        vals = {
            "partner_id": author.id,
            "contact_name": author.name,
            "contact_email": author.email,
            "channel": "website",
            "description": values["description"],
            "demand": values.get("demand") or False,
            "company_id": self.env.company.id,
        }
        if values.get("phone"):
            vals["contact_phone"] = values["phone"]
        for name, source in sources.items():
            source.check_access("read")
            if source:
                # His own document: its company alone.
                company = source.sudo().company_id
                vals |= {
                    name: source.id,
                    "company_id": (company or self.env.company).id,
                }
        complaint_sudo = self.sudo().create(vals)  # see the class
        complaint_sudo.message_subscribe(partner_ids=author.ids)
        if files:
            complaint_sudo._post_from_customer("", author, files)
        complaint_sudo._acknowledge()
        return complaint_sudo.with_env(self.env)

    # ------------------------------------------------------------
    # ANSWER TO THE SOLUTION
    # ------------------------------------------------------------

    def _can_portal_answer(self):
        """Tell whether a proposed solution waits for the customer's answer."""
        self.ensure_one()
        # He is asked once it is approved, and after a refusal when there is a new one.
        return bool(
            self.state == "proposed"
            and self.proposal_date
            and self.approval_state in ("none", "approved")
        )

    def _portal_agree(self, author, name, signature):
        """Accept the proposed solution because the customer signs it.

        The caller has checked that he may see it.

        :param author: contact of the customer
        :param str name: as he signs
        :param str signature: the drawn picture, base64
        :raise UserError: without a signature, or when nothing waits for an answer
        """
        complaint_sudo = self._portal_lock()
        name = " ".join((name or "").split())[:200]
        if not name or not self._is_picture(signature):
            raise UserError(self.env._("Please write your name and sign."))
        complaint_sudo._record_agreement("portal", name, signature=signature)
        complaint_sudo.with_context(aftersales_no_answer=True)._post_from_customer(
            self.env._("The customer accepts the solution: %s", name), author
        )

    def _portal_refuse(self, author, words):
        """Refuse the proposed solution in the words of the customer.

        :param author: contact of the customer
        :param str words: why, mandatory
        :raise UserError: without words, or when nothing waits for an answer
        """
        complaint_sudo = self._portal_lock()
        if not words:
            raise UserError(self.env._("Tell us what you are not content with."))
        complaint_sudo._record_refusal(words, by=author.name)
        complaint_sudo._post_from_customer(words, author)

    def _portal_lock(self):
        """Return the complaint under sudo and locked, when it waits for an answer.

        Of two answers at once, one wins and the other is refused.

        :raise UserError: when it waits for none
        """
        self.ensure_one()
        complaint_sudo = self.sudo()  # see the class
        try:
            complaint_sudo.lock_for_update(allow_referencing=True)
        except LockError as error:
            raise UserError(
                self.env._("This complaint is being worked on at this moment.")
            ) from error
        complaint_sudo.invalidate_recordset(["state"])
        if not complaint_sudo._can_portal_answer():
            raise UserError(
                self.env._(
                    "%s: no solution waits for your answer; perhaps it was answered "
                    "already.",
                    complaint_sudo.name,
                )
            )
        return complaint_sudo

    @api.model
    def _is_picture(self, signature):
        """Tell whether a drawn signature is a picture of a sane size."""
        if not isinstance(signature, str) or len(signature) > MAX_SIGNATURE:
            return False
        try:
            return base64.b64decode(signature, validate=True).startswith(b"\x89PNG")
        except (binascii.Error, ValueError):
            return False

    def _post_from_customer(self, body, author, files=()):
        """Post what the customer did or sent; mails wait in the queue."""
        self.ensure_one()
        return self.message_post(
            body=plaintext2html(body) if body else "",
            author_id=author.id,
            attachments=list(files),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            force_send=False,
        )

    # ------------------------------------------------------------
    # WHAT THE CUSTOMER READS
    # ------------------------------------------------------------

    @api.model
    def _get_portal_titles(self):
        """Return the steps in the customer's words, shorter than ours."""
        return {
            "recorded": self.env._("Received"),
            "validated": self.env._("In Progress"),
            "committed": self.env._("In Progress"),
            "investigating": self.env._("In Progress"),
            "proposed": self.env._("Please Answer"),
            "agreed": self.env._("Solution Agreed"),
            "accountable": self.env._("Solution Agreed"),
            "improved": self.env._("Solution Agreed"),
            "archived": self.env._("Settled"),
            "rejected": self.env._("Not Accepted"),
        }

    def _get_portal_title(self):
        self.ensure_one()
        if self.state == "proposed" and not self._can_portal_answer():
            return self._get_portal_titles()["committed"]
        return self._get_portal_titles()[self.state]

    def _get_portal_text(self):
        """Say to the customer where his complaint stands and what comes next."""
        self.ensure_one()
        looking = self.env._(
            "We take your complaint seriously and look for the cause. We come back to "
            "you with a solution."
        )
        texts = {
            "recorded": self.env._(
                "We have your complaint. We look at it and tell you what happens next."
            ),
            "archived": self.env._("Your complaint is settled. Thank you."),
            "rejected": self.env._(
                "We looked at your complaint and cannot follow it, for this reason:"
            ),
        }
        if self._can_portal_answer():
            return self.env._("This is the solution we propose. Do you agree with it?")
        if self.state == "proposed" and self.refusal_count and not self.proposal_date:
            return self.env._(
                "You are not content with our solution. We look for another one and "
                "come back to you."
            )
        if self.state in ("agreed", "accountable", "improved"):
            return self.env._(
                "You agreed on the solution. We carry it out and see to it that this "
                "does not happen again."
            )
        return texts.get(self.state, looking)

    def _shows_solution(self):
        """Tell whether the solution is for the customer to read."""
        self.ensure_one()
        return bool(self.solution) and (
            self._can_portal_answer()
            or self.state in ("agreed", "accountable", "improved", "archived")
        )
