from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain

from .aftersales_complaint_handler import AGENT


class AftersalesComplaint(models.Model):
    """What a complaint sets off at once: a visit on site, a letter (R60)."""

    _inherit = "aftersales.complaint"

    visit_date = fields.Datetime(
        string="On Site on",
        readonly=True,
        copy=False,
        help="When somebody of ours was at the customer's because of the complaint.",
    )
    visit_waived = fields.Char(
        string="No Visit Because",
        readonly=True,
        copy=False,
        tracking=True,
        help="Why nobody needs to go there.",
    )
    letter_date = fields.Datetime(
        string="Letter on", readonly=True, copy=False, tracking=True
    )
    can_visit = fields.Boolean(compute="_compute_can_visit")
    can_waive_visit = fields.Boolean(compute="_compute_can_visit")
    can_send_letter = fields.Boolean(compute="_compute_can_visit")

    @api.depends("state", "visit_date", "visit_waived", "letter_date", "can_handle")
    @api.depends_context("uid", "su")
    def _compute_can_visit(self):
        is_agent = self.env.su or self.env.user.has_group(AGENT)
        for complaint in self:
            going = not complaint.date_end
            missing = not complaint.visit_date and not complaint.visit_waived
            complaint.can_visit = is_agent and going and missing
            complaint.can_waive_visit = complaint.can_handle and going and missing
            complaint.can_send_letter = (
                complaint.can_handle and going and not complaint.letter_date
            )

    # ------------------------------------------------------------
    # ON SITE
    # ------------------------------------------------------------

    def action_visit(self):
        """Open the visit on site, and make its ticket and dispatch order if needed.

        :return: action that opens the dispatch order
        :raise UserError: when somebody was there already, the complaint is finished, or
            the user is not of the desk
        """
        self.ensure_one()
        self._ensure_can(
            "can_visit",
            self.env._(
                "The desk sends somebody as long as the complaint goes on and nobody "
                "was there yet."
            ),
        )
        open_tickets = self.ticket_id.filtered("can_dispatch")
        if not open_tickets:
            open_tickets = self.env["aftersales.ticket"].create(
                self._prepare_visit_ticket()
            )
            self._by_method().write({"ticket_id": open_tickets.id})
        return open_tickets.action_dispatch()

    def _prepare_visit_ticket(self):
        """Return the values of the ticket for a visit because of the complaint."""
        self.ensure_one()
        due = self.deadline_ids.filtered(
            lambda row: row.clock_id.stop == "visit" and not row.date_done
        ).mapped("date_due")
        words = (self.description or "").strip().splitlines()
        symptom = self.env._(
            "Complaint %(number)s: %(words)s",
            number=self.name,
            words=words[0] if words else self.partner_id.name or "",
        )
        return {
            "symptom": symptom[:200],
            "description": Markup("<p>%s</p>") % (self.description or ""),
            "partner_id": self.partner_id.id,
            "equipment_id": self.equipment_id.id,
            "company_id": self.company_id.id,
            "team_id": self.team_id.id,
            "service_mode": "onsite",
            "priority": "1" if self.severity == "severe" else "0",
            "promised_date": min(due, default=False),
        }

    def action_waive_visit(self, reason=None):
        """Note that nobody needs to go there, and why.

        :param str reason: why
        :raise UserError: without a reason, by a stranger, or when somebody was there
        """
        self._ensure_can(
            "can_waive_visit",
            self.env._(
                "Who handles the complaint says so while it goes on and nobody was "
                "there yet."
            ),
        )
        if not (reason or "").strip():
            self._refuse(self.env._("Say why nobody needs to go there."))
        self._by_method().write({"visit_waived": reason})
        return True

    @api.model
    def _note_visits(self, visits, moment):
        """Keep that somebody of ours is at the customers' whose complaints wait (R60).

        :param visits: dispatch orders that arrived
        :param datetime moment: when
        """
        # Who arrives on site may not see the complaint that sent him.
        waiting_sudo = self.sudo().search(
            Domain("ticket_id", "in", visits.ticket_id.ids)
            & Domain("visit_date", "=", False)
            & self._get_open_domain()
        )
        waiting_sudo.filtered(
            lambda complaint: complaint.date <= moment
        )._by_method().write({"visit_date": moment})

    # ------------------------------------------------------------
    # LETTER
    # ------------------------------------------------------------

    def action_send_letter(self):
        """Write the letter to the customer of a severe complaint (R60).

        It goes by mail where he has an address; printed otherwise.

        :return: the printed letter, for those who get it on paper
        :raise UserError: by a stranger, or when it was sent before
        """
        self._ensure_can(
            "can_send_letter",
            self.env._("Who handles the complaint writes the letter, once."),
        )
        self._by_method().write({"letter_date": fields.Datetime.now()})
        on_paper = self.filtered(lambda complaint: not complaint.partner_id.email)
        (self - on_paper)._post_letter()
        if on_paper:
            report = self.env.ref(
                "aftersales_quality.action_report_aftersales_complaint_letter"
            )
            return report.report_action(on_paper)
        return True

    def _post_letter(self):
        """Write the letter to the customer, in his language, and keep it."""
        template = self.env.ref(
            "aftersales_quality.mail_template_aftersales_complaint_letter",
            raise_if_not_found=False,
        )
        for complaint in self if template else ():
            # Templates are not for everybody to read; the letter is for one customer.
            complaint.message_post_with_source(
                template.sudo(),
                subtype_xmlid="mail.mt_comment",
                partner_ids=complaint.partner_id.ids,
                email_layout_xmlid="mail.mail_notification_light",
                force_send=False,
            )
