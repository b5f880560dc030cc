from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.aftersales_parts.tools.deadline import get_due_day

from ..tools.supplier_claim import get_share
from .aftersales_supplier_claim import OPEN_STATES

LEAD = "aftersales_quality.aftersales_quality_group_lead"
MANAGER = "aftersales_service.aftersales_service_group_manager"


class AftersalesSupplierClaim(models.Model):
    """The steps of a supplier claim: ``can_x`` → ``_ensure_can`` → ``action_x``."""

    _inherit = "aftersales.supplier.claim"

    can_send = fields.Boolean(compute="_compute_can")
    can_answer = fields.Boolean(compute="_compute_can")
    can_agree = fields.Boolean(compute="_compute_can")
    can_solve = fields.Boolean(compute="_compute_can")
    can_refuse = fields.Boolean(compute="_compute_can")
    can_cancel = fields.Boolean(compute="_compute_can")

    @api.depends("state", "kind", "date_solved")
    @api.depends_context("uid", "su")
    def _compute_can(self):
        works = self.env.su or self.browse().has_access("write")
        for claim in self:
            state, asked = claim.state, claim.kind != "claim"
            claim.can_send = works and state == "draft"
            claim.can_answer = works and state == "sent"
            claim.can_agree = works and state == "answered" and claim.kind != "request"
            claim.can_solve = (
                works
                and asked
                and state in ("sent", "answered", "agreed")
                and not claim.date_solved
            )
            claim.can_refuse = works and state in ("sent", "answered")
            claim.can_cancel = works and state in OPEN_STATES

    # ------------------------------------------------------------
    # SEND
    # ------------------------------------------------------------

    def action_send(self):
        """Send it to the supplier: he gets a mail with the paper in his language (R57).

        :raise UserError: without anything asked, or for damage the customer caused
        """
        self._ensure_can(
            "can_send", self.env._("It is sent once; write to the supplier below.")
        )
        self._ensure_complete()
        self._ensure_no_customer_fault()
        dues = self._get_due_days()
        now = fields.Datetime.now()
        for claim in self:
            claim._by_method().write(
                {
                    "state": "sent",
                    "date_sent": now,
                    "date_due": claim.date_due or dues[claim],
                    "reminded": False,
                }
            )
        self._put_mail("sent")
        return True

    def _ensure_complete(self):
        """Refuse what leaves the supplier to guess.

        :raise UserError: naming the claims and what is missing
        """
        for claim in self:
            missing = claim._get_missing()
            if missing:
                claim._refuse(
                    self.env._("Still missing: %s", ", ".join(str(m) for m in missing))
                )

    def _get_missing(self):
        """Return in words what is missing before it can be sent (hook)."""
        self.ensure_one()
        missing = []
        if self.kind != "request" and self.currency_id.is_zero(self.amount_claimed):
            missing.append(
                self.env._("lines with claimed amounts (Collect Costs finds them)")
            )
        # Whether the company asks for it, for whoever claims.
        records = self.company_id.sudo().aftersales_complaint_records
        if self.kind != "claim" and records:
            asked = {
                "problem": self.env._("the problem"),
                "product_id": self.env._("the model"),
                "contact_id": self.env._("the contact on site"),
            }
            missing += [text for name, text in asked.items() if not self[name]]
        return missing

    def _ensure_no_customer_fault(self):
        """No supplier pays for damage that the customer caused.

        :raise UserError: naming the costs or documents, each with its reason
        """
        self.line_ids._ensure_claimable()
        # Findings of documents that whoever claims may not read.
        for claim_sudo in self.sudo():
            fault = claim_sudo._get_customer_fault()
            if fault:
                # Said with the rights of who asked.
                claim_sudo.sudo(False)._refuse(fault)

    def _get_customer_fault(self):
        """Return in words why its complaint or nonconformity is no supplier's; or None."""
        self.ensure_one()
        nonconformity = self.nonconformity_id
        back = nonconformity.return_line_id
        if back.inspection == "misuse":
            return self.env._(
                "%s: the inspection has found misuse by the customer; no supplier pays "
                "for that.",
                back.display_name,
            )
        tickets = (
            self.complaint_id.ticket_id
            | nonconformity.ticket_id
            | back.return_id.ticket_id
        )
        for ticket in tickets.filtered("exclusion_id"):
            return self.env._(
                "%(ticket)s: caused by the customer (%(finding)s); no supplier pays for "
                "that.",
                ticket=ticket.display_name,
                finding=ticket.exclusion_id.display_name,
            )
        return None

    def _get_due_days(self):
        """Return ``{claim: day}`` until when the supplier answers (R50, R57).

        Repairs follow the turnaround by quantity, in working days; claims the agreement
        with the supplier, else the settings.
        """
        agreements = self.env["aftersales.supplier.agreement"]._get_for(self)
        # Turnarounds are for everybody who asks for a repair.
        rules_sudo = self.env["aftersales.return.deadline.rule"].sudo()
        if self.filtered(lambda claim: claim.kind != "claim"):
            rules_sudo = rules_sudo.search([("handling", "=", "supplier")])
        days = {}
        for claim in self:
            company_sudo = claim.company_id.sudo()  # its settings, see above
            today = company_sudo._aftersales_today()
            allowance = claim.kind != "claim" and rules_sudo._get_allowance(
                claim.company_id, "supplier", claim.quantity or 1.0
            )
            if allowance:
                works = company_sudo.resource_calendar_id._aftersales_get_working_days()
                days[claim] = get_due_day(today, allowance.days, works)
            else:
                wait = (
                    agreements[claim].answer_days
                    or company_sudo.aftersales_claim_answer_days
                )
                days[claim] = today + timedelta(days=wait)
        return days

    # ------------------------------------------------------------
    # ANSWER, AGREE
    # ------------------------------------------------------------

    def action_answer(self):
        """Note that the supplier has answered: his words, or what he offers per line.

        :raise UserError: when neither is noted
        """
        self._ensure_can(
            "can_answer", self.env._("Only what was sent is answered, once.")
        )
        silent = self.filtered(
            lambda claim: not (claim.answer or "").strip()
            and not claim.amount_offered
            and not claim.amount_agreed
        )
        if silent:
            silent._refuse(
                self.env._(
                    "Note what the supplier offers on each line, or his answer in words."
                )
            )
        self._by_method().write(
            {"state": "answered", "date_answered": fields.Datetime.now()}
        )
        return True

    def action_agree(self):
        """Agree on the amounts of the lines; on what is offered where none is noted.

        :raise UserError: when nothing is agreed, more than was claimed, or too little
            for the rights of the user
        """
        self._ensure_can(
            "can_agree",
            self.env._(
                "Amounts are agreed after the supplier's answer is noted; a service "
                "request is solved instead."
            ),
        )
        for claim in self.filtered(lambda claim: not claim.amount_agreed):
            for line in claim.line_ids:
                line.agreed = line.offered
        self._ensure_agreeable()
        for claim in self:
            claim._by_method().write(
                {
                    "state": "agreed",
                    "date_agreed": claim.company_id._aftersales_today(),
                    "agreed_by_id": self.env.uid,
                }
            )
        self._follow_credits()
        return True

    def _ensure_agreeable(self):
        """Refuse empty agreements, and poor ones without the lead of quality.

        :raise UserError: naming the claims and the amounts
        """
        decides = self.env.su or any(
            self.env.user.has_group(group) for group in (LEAD, MANAGER)
        )
        self.line_ids._ensure_within_claimed()
        for claim in self:
            # What the company asks for, for whoever agrees.
            company_sudo = claim.company_id.sudo()
            currency = claim.currency_id
            if currency.is_zero(claim.amount_agreed):
                claim._refuse(
                    self.env._(
                        "Nothing is agreed: note the agreed amounts on the lines, or "
                        "close it as refused."
                    )
                )
            least = company_sudo.aftersales_claim_share
            share = get_share(claim.amount_agreed, claim.amount_claimed)
            if share < least and not decides:
                claim._refuse(
                    self.env._(
                        "%(agreed)s of %(claimed)s is less than %(least)s %%: the lead "
                        "of quality or the after-sales manager agrees to that.",
                        agreed=currency.format(claim.amount_agreed),
                        claimed=currency.format(claim.amount_claimed),
                        least=f"{least:g}",
                    )
                )
            cut = claim.line_ids.filtered(
                lambda line, money=currency: money.compare_amounts(
                    line.agreed, line.claimed
                )
                and not (line.cut_reason or "").strip()
            )
            if cut and company_sudo.aftersales_complaint_records:
                claim._refuse(
                    self.env._(
                        "Give the reason of the cut on these lines: %s",
                        ", ".join(cut.mapped("display_name")),
                    )
                )

    def action_solve(self):
        """Note that what was asked of the supplier is solved (R57).

        A claim beside the request goes on until its credit note is posted.

        :raise UserError: before it was sent, and without a repair report where the
            company asks for one
        """
        self._ensure_can(
            "can_solve", self.env._("Only service requests that were sent are solved.")
        )
        bare = self.filtered(
            lambda claim: not (claim.solution or "").strip()
            # Whether the company asks for it, for whoever follows.
            and claim.company_id.sudo().aftersales_complaint_records
        )
        if bare:
            bare._refuse(self.env._("Write the repair report: what was done, and why."))
        self._by_method().write({"date_solved": fields.Datetime.now()})
        requests = self.filtered(lambda claim: claim.kind == "request")
        requests._by_method().write({"state": "done"})
        requests.filtered(lambda claim: not claim.date_answered)._by_method().write(
            {"date_answered": fields.Datetime.now()}
        )
        (self - requests)._follow_credits()
        return True

    # ------------------------------------------------------------
    # END WITHOUT MONEY
    # ------------------------------------------------------------

    def action_refuse(self):
        """Note that the supplier refuses it; its costs may be claimed again.

        :raise UserError: before it was sent, and without his answer where the company
            asks for it
        """
        self._ensure_can(
            "can_refuse",
            self.env._(
                "Only what was sent can be refused by the supplier; cancel it instead."
            ),
        )
        silent = self.filtered(
            lambda claim: not (claim.answer or "").strip()
            # Whether the company asks for it, for whoever follows.
            and claim.company_id.sudo().aftersales_complaint_records
        )
        if silent:
            silent._refuse(self.env._("Note the supplier's answer: why he refuses."))
        now = fields.Datetime.now()
        for claim in self:
            claim._by_method().write(
                {
                    "state": "refused",
                    "date_answered": claim.date_answered or now,
                    "mail_due": False,
                }
            )
        return True

    def action_cancel(self):
        """Drop it; its costs may be claimed again.

        :raise UserError: once it was credited, or while goods wait to be shipped
        """
        self._ensure_can("can_cancel", self.env._("What has ended stays as it is."))
        self._ensure_no_credits()
        self._ensure_no_transfers()
        self._by_method().write({"state": "cancelled", "mail_due": False})
        return True
