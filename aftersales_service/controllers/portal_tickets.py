from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request, route

from ..tools import uploads
from .portal import AftersalesPortal

# More than this in one list helps nobody: dealers start from the unit.
MAX_CHOICES = 200


class AftersalesPortalTickets(AftersalesPortal):
    """Tickets on the portal: see, register, close, reopen."""

    # ------------------------------------------------------------
    # LIST
    # ------------------------------------------------------------

    def _get_ticket_sortings(self):
        return {
            "date": {"label": request.env._("Newest"), "order": "id desc"},
            "unit": {
                "label": request.env._("Serial Number"),
                "order": "serial, id desc",
            },
            "state": {"label": request.env._("State"), "order": "state, id desc"},
        }

    def _get_ticket_filters(self):
        is_open = request.env["aftersales.ticket"]._get_open_domain() | Domain(
            "state", "=", "solved"
        )
        return {
            "open": {"label": request.env._("Open"), "domain": is_open},
            "closed": {"label": request.env._("Closed"), "domain": ~is_open},
            "all": {"label": request.env._("All"), "domain": Domain.TRUE},
        }

    @route(
        ["/my/tickets", "/my/tickets/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_tickets(self, **asked):
        Ticket = request.env["aftersales.ticket"]
        if not Ticket.has_access("read"):
            return request.redirect("/my")
        tickets, values = self._aftersales_get_list(
            Ticket,
            "/my/tickets",
            asked,
            self._get_ticket_filters(),
            ("name", "symptom", "serial"),
            request.env._("Number, symptom, serial number"),
            self._get_ticket_sortings(),
        )
        values |= {
            # sudo: product and holder of a followed ticket; found above by own rights.
            "tickets_sudo": tickets.sudo(),
            "page_name": "aftersales_tickets",
        }
        return request.render("aftersales_service.portal_my_tickets", values)

    # ------------------------------------------------------------
    # ONE TICKET
    # ------------------------------------------------------------

    @route("/my/tickets/<int:ticket_id>", type="http", auth="public", website=True)
    def portal_my_ticket(self, ticket_id, access_token=None, created=None, **kw):
        ticket_sudo = self._aftersales_find(
            "aftersales.ticket", ticket_id, access_token
        )
        if not ticket_sudo:
            return request.redirect("/my")
        values = {"created": bool(created)}
        return self._render_ticket(ticket_sudo, access_token, values, kw)

    def _render_ticket(self, ticket_sudo, access_token=None, values=None, asked=None):
        unit = ticket_sudo.equipment_id.with_user(request.env.user)
        values = {
            "page_name": "aftersales_ticket",
            "ticket_sudo": ticket_sudo,
            "unit_url": unit and unit.has_access("read") and f"/my/units/{unit.id}",
            "steps": self._get_ticket_steps(ticket_sudo),
            "estimates": self._get_ticket_estimates(ticket_sudo),
            "visits": self._get_ticket_visits(ticket_sudo, access_token),
            "reason": "",
            "errors": [],
            "can_follow": not request.env.user._is_public(),
            "follows": request.env.user.partner_id in ticket_sudo.message_partner_ids,
            **(values or {}),
        }
        return request.render(
            "aftersales_service.portal_my_ticket",
            self._aftersales_get_page_values(
                ticket_sudo, access_token, values, "my_tickets_history", asked
            ),
        )

    def _get_ticket_estimates(self, ticket_sudo):
        """Return the estimates that the reader may open, sent or agreed to."""
        orders = ticket_sudo.order_ids.filtered(
            lambda order: order.state in ("sent", "sale")
        )
        own = orders.with_user(request.env.user)._filtered_access("read")
        return [
            {
                "name": order.name,
                "url": order.get_portal_url(),
                "amount": order.amount_total,
                "currency": order.currency_id,
                "open": order.state == "sent",
            }
            for order in orders.filtered(lambda order: order.id in own.ids)
        ]

    def _get_ticket_visits(self, ticket_sudo, access_token=None):
        """Return the appointments of a ticket that are to come or were kept."""
        visits_sudo = ticket_sudo.dispatch_ids.filtered(
            lambda visit: (
                visit._is_portal_visible()
                and visit.state not in ("failed", "cancelled")
            )
        )
        return [
            {
                "url": visit.get_portal_url() if access_token else visit.access_url,
                "text": visit._get_appointment_text(),
                "open": visit._can_portal_answer() and not visit.is_confirmed,
                "postponed": visit.state == "draft",
            }
            for visit in visits_sudo.sorted("id")
        ]

    def _get_ticket_steps(self, ticket_sudo):
        """Return the story of a ticket as (label, time), times that happened only."""
        steps = [
            (request.env._("Registered"), ticket_sudo.date_open),
            (request.env._("Work Started"), ticket_sudo.respond_date),
            (request.env._("Arrived"), ticket_sudo.arrive_date),
            (request.env._("Solved"), ticket_sudo.solve_date),
            (request.env._("Closed"), ticket_sudo.close_date),
        ]
        return [(label, time) for label, time in steps if time]

    @route(
        "/my/tickets/<int:ticket_id>/close",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_ticket_close(self, ticket_id, access_token=None, **post):
        return self._take_step(
            ticket_id, access_token, lambda ticket, author: ticket._portal_close(author)
        )

    @route(
        "/my/tickets/<int:ticket_id>/reopen",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_ticket_reopen(self, ticket_id, access_token=None, **post):
        reason = self._aftersales_get_texts(post, "reason")["reason"]
        return self._take_step(
            ticket_id,
            access_token,
            lambda ticket, author: ticket._portal_reopen(author, reason),
            {"reason": reason},
        )

    @route(
        "/my/tickets/<int:ticket_id>/follow",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_ticket_follow(self, ticket_id, access_token=None, **post):
        return self._take_step(
            ticket_id,
            access_token,
            lambda ticket, author: ticket._portal_follow(author),
        )

    @route(
        "/my/tickets/<int:ticket_id>/unfollow",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_ticket_unfollow(self, ticket_id, access_token=None, **post):
        return self._take_step(
            ticket_id,
            access_token,
            lambda ticket, author: ticket._portal_unfollow(author),
        )

    def _take_step(self, ticket_id, access_token, step, values=None):
        """Take a step of the customer, and show the ticket with what came of it."""
        ticket_sudo = self._aftersales_find(
            "aftersales.ticket", ticket_id, access_token
        )
        if not ticket_sudo:
            return request.redirect("/my")
        user = request.env.user
        # Who comes by the link of a mail, without a login, is the customer.
        author = ticket_sudo.partner_id if user._is_public() else user.partner_id
        try:
            # Nothing is left half-written behind the message.
            with request.env.cr.savepoint():
                # sudo: read by rule or token just above; the steps check the rest.
                step(ticket_sudo.with_user(user).sudo(), author)
        except UserError as error:
            return self._render_ticket(
                ticket_sudo, access_token, {**(values or {}), "errors": [str(error)]}
            )
        return request.redirect(
            ticket_sudo.get_portal_url() if access_token else ticket_sudo.access_url
        )

    # ------------------------------------------------------------
    # NEW TICKET
    # ------------------------------------------------------------

    @route(
        "/my/tickets/new",
        type="http",
        auth="user",
        methods=["GET", "POST"],
        website=True,
    )
    def portal_ticket_new(self, unit_id=None, **post):
        Equipment = request.env["aftersales.equipment"]
        if not Equipment.has_access("read"):
            return request.redirect("/my")
        unit = self._aftersales_find_own(
            Equipment,
            unit_id if unit_id != "other" else None,
            Equipment._get_portal_domain(),
        )
        if unit is None:
            return request.redirect("/my")
        if request.httprequest.method == "GET":
            phone = request.env.user.partner_id.phone or ""
            return self._render_new_ticket(unit, {"phone": phone}, [])
        typed = self._aftersales_get_texts(post, "symptom", "description", "phone")
        files, errors = self._aftersales_get_files()
        if not unit_id:
            errors.append(request.env._("Choose the unit, or that it is not listed."))
        if not typed["symptom"]:
            errors.append(request.env._("Say in a few words what is wrong."))
        if errors:
            return self._render_new_ticket(unit, typed, errors, chosen=unit_id)
        if self._aftersales_is_blocked("portal_ticket"):
            message = self._aftersales_get_limit_message()
            return self._render_new_ticket(
                unit, typed, [message], chosen=unit_id, status=429
            )
        try:
            # Nothing is left half-written behind the message.
            with request.env.cr.savepoint():
                ticket = request.env["aftersales.ticket"]._portal_request(
                    unit, typed, files
                )
        except UserError as error:
            return self._render_new_ticket(unit, typed, [str(error)], chosen=unit_id)
        self._aftersales_record("portal_ticket")
        return request.redirect(f"/my/tickets/{ticket.id}?created=1")

    def _render_new_ticket(self, unit, typed, errors, chosen=None, status=200):
        Equipment = request.env["aftersales.equipment"]
        units = Equipment.search(
            Equipment._get_portal_domain() & Domain("state", "=", "active"),
            limit=MAX_CHOICES + 1,
        )
        has_more = len(units) > MAX_CHOICES
        Ticket = request.env["aftersales.ticket"]
        open_tickets = Ticket.search(
            Domain("equipment_id", "=", unit.id) & Ticket._get_open_domain()
            if unit
            else Domain.FALSE
        )
        values = self._prepare_portal_layout_values() | {
            "page_name": "aftersales_new_ticket",
            # sudo: the holder's name beside a dealer's unit; found by his own rights.
            "units_sudo": (units[:MAX_CHOICES] | unit).sudo(),
            "has_more": has_more,
            "chosen": str(chosen or unit.id or ""),
            "open_tickets": open_tickets,
            "typed": typed,
            "errors": errors,
            "accept": uploads.ACCEPT,
            "max_files": uploads.MAX_FILES,
            "max_size": uploads.MAX_SIZE // 1024**2,
        }
        return request.render(
            "aftersales_service.portal_new_ticket", values, status=status
        )
