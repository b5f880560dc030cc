from markupsafe import Markup

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import plaintext2html


class AftersalesTicket(models.Model):
    """The customer's own hand in a ticket: portal and QR label (R01).

    Customers have no right to write tickets. These methods are the narrow ways in:
    private, so that no call from outside reaches them, and each writes only what its
    form asks for. The creator stays the customer.
    """

    _inherit = "aftersales.ticket"

    @api.model
    def _get_portal_domain(self):
        """Domain of the tickets a customer owns or follows."""
        customer = self.env.user.commercial_partner_id
        return Domain("partner_id", "child_of", customer.id) | Domain(
            "message_partner_ids", "child_of", customer.id
        )

    # ------------------------------------------------------------
    # REQUESTS
    # ------------------------------------------------------------

    @api.model
    def _portal_request(self, unit, values, files=()):
        """Register the call of the present portal user.

        The holder of the unit is the customer, also when his dealer calls; who calls
        follows the ticket and is the person to call back.

        :param unit: the unit as the portal user sees it, may be empty
        :param dict values: symptom, description, phone as typed
        :param files: accepted files as (name, content)
        :return: the ticket, as the portal user sees it
        :raise AccessError: when he may not see the unit
        :raise UserError: when the unit is no longer in use
        """
        unit.check_access("read")
        unit.sudo()._ensure_in_use()  # the refusal names the product
        caller = self.env.user.partner_id
        vals = {
            **self._prepare_request_vals(unit, values),
            "channel": "portal",
            "partner_name": caller.name,
            "partner_email": caller.email,
        }
        if not unit:
            vals["partner_id"] = caller.id
        ticket_sudo = self.sudo().create(vals)  # see the class
        ticket_sudo.message_subscribe(partner_ids=caller.ids)
        if files:
            ticket_sudo._post_from_customer("", caller, files)
        ticket_sudo._acknowledge(caller)
        return ticket_sudo.with_env(self.env)

    @api.model
    def _label_request(self, unit_sudo, values, files=()):
        """Register the call of somebody who scanned the label of a unit.

        :param unit_sudo: the unit of the code, in use
        :param dict values: name, phone, symptom, description as typed
        :param files: accepted files as (name, content)
        :return: the ticket, under sudo like the unit
        """
        ticket_sudo = unit_sudo.env["aftersales.ticket"].create(
            {
                **self._prepare_request_vals(unit_sudo, values),
                "channel": "qr",
                "partner_name": values["name"],
                "partner_email": False,
            }
        )
        if files:
            ticket_sudo._note_from_label(values, files)
        return ticket_sudo

    def _label_add(self, values, files=()):
        """Add what somebody at the label of the unit says to its open ticket.

        He is anybody: it becomes a note for the desk and is not mailed to customers.
        """
        self.ensure_one()
        self._note_from_label(values, files, to_desk=True)

    @api.model
    def _prepare_request_vals(self, unit, values):
        """Return the values of a ticket from the customer's own form (hook)."""
        vals = {
            "symptom": values["symptom"],
            "description": plaintext2html(values["description"])
            if values.get("description")
            else False,
            "partner_phone": values.get("phone") or False,
            "company_id": (unit.company_id or self.env.company).id,
        }
        if unit:
            vals["equipment_id"] = unit.id
        return vals

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def _portal_close(self, author):
        """Close a solved ticket because the customer says it is solved.

        The caller has checked that he may see it.

        :param author: contact of the customer
        :raise UserError: when the ticket is not solved
        """
        self.ensure_one()
        ticket_sudo = self.sudo()  # see the class; the step still checks the state
        ticket_sudo.action_close()
        # Said already by the step itself: nobody has to read an answer.
        ticket_sudo.with_context(aftersales_no_answer=True)._post_from_customer(
            self.env._("The customer confirms that the ticket is solved."), author
        )

    def _portal_reopen(self, author, reason):
        """Take a solved or closed ticket up again because the fault is still there.

        :param author: contact of the customer
        :param str reason: what is still wrong, mandatory
        :raise UserError: without a reason, or when the ticket is not finished
        """
        self.ensure_one()
        if not reason:
            self._refuse(self.env._("Say what is still wrong."))
        if not self._can_portal_reopen():
            self._refuse(
                self.env._("Only solved and closed tickets can be taken up again.")
            )
        ticket_sudo = self.sudo()  # see the class; the step still checks the state
        ticket_sudo.action_reopen()
        ticket_sudo._post_from_customer(plaintext2html(reason), author)

    def _portal_follow(self, author):
        """Send the portal user every answer from now on.

        :param author: contact of the portal user
        :raise UserError: when he only came by the link of somebody else's mail
        """
        self.ensure_one()
        # A link may be passed on; whoever follows could read for ever.
        if not self.sudo(False).has_access("read"):
            self._refuse(self.env._("Log in as the customer to follow the ticket."))
        self.sudo().message_subscribe(partner_ids=author.ids)  # see the class

    def _portal_unfollow(self, author):
        """Send the portal user no more answers.

        :param author: contact of the portal user
        """
        self.ensure_one()
        self.sudo().message_unsubscribe(partner_ids=author.ids)  # see the class

    def _can_portal_reopen(self):
        """Tell whether the customer may take the ticket up again himself."""
        self.ensure_one()
        return self.state in ("solved", "closed")

    def _can_portal_close(self):
        """Tell whether the customer may close the ticket himself."""
        self.ensure_one()
        return self.state == "solved"

    # ------------------------------------------------------------
    # MESSAGES
    # ------------------------------------------------------------

    def _post_from_customer(self, body, author, files=()):
        """Post what the customer did or said; mails wait in the queue."""
        self.ensure_one()
        return self.message_post(
            body=body,
            author_id=author.id,
            attachments=list(files),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            force_send=False,
        )

    def _note_from_label(self, values, files=(), to_desk=False):
        """Note what came from the label, for staff only."""
        self.ensure_one()
        lines = [
            self.env._(
                "From the label of the unit: %(name)s, %(phone)s",
                name=values["name"],
                phone=values["phone"],
            )
        ]
        if to_desk:
            lines += [
                values["symptom"],
                *(values.get("description") or "").splitlines(),
            ]
        responsible = self.user_id or self.team_id.supervisor_id
        return self.message_post(
            body=Markup("<br/>").join(lines),
            # Nobody has proved who he is: the system speaks.
            author_id=self.env.ref("base.partner_root").id,
            partner_ids=responsible.partner_id.ids if to_desk else [],
            attachments=list(files),
            message_type="comment",
            subtype_xmlid="mail.mt_note",
            force_send=False,
        )
