from odoo import api, models
from odoo.fields import Domain
from odoo.tools import email_normalize

# Calls that come in while nobody of the desk is at the screen.
UNATTENDED = frozenset({"email", "portal", "qr", "web", "store"})
# Nobody reads what is sent there, or a machine does and answers.
UNREAD = ("mailer-daemon", "postmaster", "noreply", "no-reply", "donotreply", "bounce")


class AftersalesTicket(models.Model):
    """The desk hears of new calls, and the customer that his has arrived (R01)."""

    _inherit = "aftersales.ticket"

    @api.model_create_multi
    def create(self, vals_list):
        tickets = super().create(vals_list)
        tickets._get_unattended()._notice_new()
        return tickets

    def write(self, vals):
        taken = self.browse()
        if vals.get("user_id") or vals.get("state", "new") != "new":
            taken = self.filtered(lambda ticket: ticket.state == "new")
        result = super().write(vals)
        taken._drop_notices()
        return result

    # ------------------------------------------------------------
    # TO THE DESK
    # ------------------------------------------------------------

    def _get_unattended(self):
        """Return the new tickets of nobody that no person of the desk registered."""
        user = self.env.user
        # The gateway speaks as whoever it thinks has sent the mail.
        is_machine = user._is_superuser() or self.env.context.get("aftersales_mail_new")
        if not is_machine and user.has_group(
            "aftersales_service.aftersales_service_group_agent"
        ):
            return self.browse()
        return self.filtered(
            lambda ticket: (
                not ticket.user_id
                and ticket.state == "new"
                and (not is_machine or ticket.channel in UNATTENDED)
            )
        )

    def _notice_new(self):
        """Give whoever is on duty in the team a to-do for each new ticket."""
        self._notice(self.env._("New request"), fresh=True)

    def _notice_answer(self):
        """Give the responsible, or who is on duty, a to-do to read an answer."""
        self._notice(self.env._("The customer answered"))

    def _notice(self, summary, fresh=False):
        """Plan one to-do per ticket, unless there is an open one already.

        A constant number of queries, whatever the number of tickets.

        :param bool fresh: the tickets are new and have none
        """
        if not self:
            return
        activity_type = self.env.ref(
            "aftersales_service.mail_activity_type_aftersales_request",
            raise_if_not_found=False,
        )
        if not activity_type:
            return
        # To-dos of the desk, also for a call that a customer registers himself.
        Activity = self.env["mail.activity"].sudo()
        known = set()
        if not fresh:
            known = set(
                Activity.search(self._get_notice_domain(activity_type)).mapped("res_id")
            )
        receivers = self._get_notice_receivers()
        model_id = self.env["ir.model"]._get_id(self._name)
        # No mail for each: the bell of the screen rings.
        Activity.with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": activity_type.id,
                    "summary": summary,
                    "user_id": receivers[ticket].id,
                    "res_model_id": model_id,
                    "res_id": ticket.id,
                    "date_deadline": ticket.company_id._aftersales_today(),
                }
                for ticket in self
                if ticket.id not in known and receivers[ticket]
            ]
        )

    def _get_notice_receivers(self):
        """Return ``{ticket: user}``: its responsible, who is on duty, the supervisor."""
        teams = self.filtered(lambda ticket: not ticket.user_id).team_id
        # Rosters and teams are no secret, but a customer has no right on them.
        on_duty = teams.sudo()._get_on_duty()
        nobody, receivers = self.env["res.users"], {}
        for ticket in self:
            team = ticket.team_id.sudo()  # likewise
            able = [
                user
                for user in on_duty.get(team, nobody) | team.supervisor_id
                if user._aftersales_is_at_desk(ticket.company_id)
            ]
            receivers[ticket] = ticket.user_id or next(iter(able), ticket.user_id)
        return receivers

    def _get_notice_domain(self, activity_type):
        return (
            Domain("res_model", "=", self._name)
            & Domain("res_id", "in", self.ids)
            & Domain("activity_type_id", "=", activity_type.id)
        )

    def _drop_notices(self):
        """Take the to-dos away: somebody took the tickets."""
        if not self:
            return
        activity_type = self.env.ref(
            "aftersales_service.mail_activity_type_aftersales_request",
            raise_if_not_found=False,
        )
        if activity_type:
            # They were somebody else's to-dos.
            Activity = self.env["mail.activity"].sudo()
            Activity.search(self._get_notice_domain(activity_type)).unlink()

    # ------------------------------------------------------------
    # TO THE CUSTOMER
    # ------------------------------------------------------------

    def _acknowledge(self, caller):
        """Confirm to the caller that his request has arrived; the mail waits its turn.

        :param caller: contact of the caller, empty for an unknown sender
        """
        self.ensure_one()
        # What the customer gets is said by his language and the team, nothing else.
        ticket_sudo = self.sudo()
        if not ticket_sudo.team_id.acknowledge or not self._is_answerable(caller):
            return
        template = self.env.ref(
            "aftersales_service.mail_template_aftersales_acknowledge",
            raise_if_not_found=False,
        )
        if not template:
            return
        lang = caller.lang or ticket_sudo.company_id.partner_id.lang or self.env.lang
        template_sudo = template.sudo().with_context(lang=lang)  # likewise
        subject, body = (
            template_sudo._render_field(field, ticket_sudo.ids, set_lang=lang)[
                ticket_sudo.id
            ]
            for field in ("subject", "body_html")
        )
        ticket_sudo.with_context(lang=lang, mail_post_autofollow=False).message_post(
            body=body,
            subject=subject,
            author_id=self.env.ref("base.partner_root").id,
            email_from=ticket_sudo.company_id.email_formatted or None,
            message_type="auto_comment",
            subtype_xmlid="mail.mt_note",
            partner_ids=caller.ids,
            outgoing_email_to=False if caller else ticket_sudo.partner_email,
            email_layout_xmlid="mail.mail_notification_light",
            force_send=False,
            # On the portal it is the caller himself who lets it be sent.
            notify_author=True,
            notify_skip_followers=True,
        )

    def _is_answerable(self, caller):
        """Tell whether a person reads what is sent to the caller's address."""
        self.ensure_one()
        if self.env.context.get("aftersales_mail_kind", "person") != "person":
            return False
        address = email_normalize(caller.email or self.partner_email or "")
        if not address or self._is_own_staff(caller):
            return False
        local = address.split("@")[0]
        if any(local.startswith(word) for word in UNREAD):
            return False
        company = self.sudo().company_id  # its address is known to everybody
        if address == email_normalize(company.email or ""):
            return False
        # Addresses of ours answer by themselves: a circle.
        return not self.env["mail.alias.domain"].sudo()._find_aliases([address])
