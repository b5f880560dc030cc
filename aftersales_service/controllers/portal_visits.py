from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.http import request, route
from odoo.tools import consteq

from ..models.aftersales_dispatch_appointment import MAX_WISH_DAYS
from ..tools.asked import key_of, number_of
from .portal import AftersalesPortal


class AftersalesPortalVisits(AftersalesPortal):
    """The appointment of a visit: see, confirm, ask for another time (R24)."""

    def _find_visit(self, visit_id, access_token=None):
        """Return a visit the reader knows of, under sudo, or None.

        Customers have no right on visits, which hold more than is for them: the link of
        the mail opens the page, or the right to read its ticket.
        """
        # sudo: looked up by number; shown only after the checks just below.
        Visit_sudo = request.env["aftersales.dispatch"].sudo()
        visit_sudo = Visit_sudo.browse(number_of(visit_id)).exists()
        if not visit_sudo or not visit_sudo._is_portal_visible():
            return None
        token, key = visit_sudo.access_token, key_of(access_token)
        if key and token and consteq(token, key):
            return visit_sudo
        # Asked with the rights of the visitor himself.
        ticket = visit_sudo.ticket_id.with_user(request.env.user).sudo(False)
        return visit_sudo if ticket.has_access("read") else None

    @route("/my/visits/<int:visit_id>", type="http", auth="public", website=True)
    def portal_my_visit(self, visit_id, access_token=None, **kw):
        visit_sudo = self._find_visit(visit_id, access_token)
        if not visit_sudo:
            return request.redirect("/my")
        return self._render_visit(visit_sudo, access_token)

    def _render_visit(self, visit_sudo, access_token=None, values=None, status=200):
        today = self._get_today()
        # As the visitor himself may see it.
        ticket = visit_sudo.ticket_id.with_user(request.env.user).sudo(False)
        values = self._prepare_portal_layout_values() | {
            "page_name": "aftersales_visit",
            "visit_sudo": visit_sudo,
            "ticket_url": ticket.has_access("read") and f"/my/tickets/{ticket.id}",
            "access_token": access_token,
            "first_day": fields.Date.to_string(today),
            "last_day": fields.Date.to_string(
                today + timedelta(days=MAX_WISH_DAYS - 1)
            ),
            "typed": {},
            "errors": [],
            **(values or {}),
        }
        return request.render(
            "aftersales_service.portal_my_visit", values, status=status
        )

    @route(
        "/my/visits/<int:visit_id>/confirm",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_visit_confirm(self, visit_id, access_token=None, **post):
        return self._answer(
            visit_id, access_token, lambda visit: visit._portal_confirm()
        )

    @route(
        "/my/visits/<int:visit_id>/postpone",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_visit_postpone(self, visit_id, access_token=None, **post):
        typed = self._aftersales_get_texts(post, "day", "part", "wish")
        day = self._aftersales_get_date(typed["day"])
        if day is None:
            visit_sudo = self._find_visit(visit_id, access_token)
            if not visit_sudo:
                return request.redirect("/my")
            message = request.env._("%s is no date.", typed["day"])
            return self._render_visit(
                visit_sudo, access_token, {"typed": typed, "errors": [message]}
            )
        return self._answer(
            visit_id,
            access_token,
            lambda visit: visit._portal_postpone(day, typed["part"], typed["wish"]),
            typed,
        )

    def _answer(self, visit_id, access_token, step, typed=None):
        """Take a step of the customer, and show the visit with what came of it."""
        visit_sudo = self._find_visit(visit_id, access_token)
        if not visit_sudo:
            return request.redirect("/my")
        source = f"visit {visit_id}"
        if self._aftersales_is_blocked("portal_visit", source):
            message = self._aftersales_get_limit_message()
            values = {"typed": typed or {}, "errors": [message]}
            return self._render_visit(visit_sudo, access_token, values, status=429)
        self._aftersales_record("portal_visit", source)
        try:
            # Nothing is left half-written behind the message.
            with request.env.cr.savepoint():
                # sudo: found by ticket or token just above; the steps check the rest.
                step(visit_sudo.with_user(request.env.user).sudo())
        except UserError as error:
            values = {"typed": typed or {}, "errors": [str(error)]}
            return self._render_visit(visit_sudo, access_token, values)
        return request.redirect(
            visit_sudo.get_portal_url() if access_token else visit_sudo.access_url
        )

    @route(
        "/my/visits/<int:visit_id>/visit.ics", type="http", auth="public", website=True
    )
    def portal_visit_calendar(self, visit_id, access_token=None, **kw):
        visit_sudo = self._find_visit(visit_id, access_token)
        if not visit_sudo or not visit_sudo._can_portal_answer():
            return request.redirect("/my")
        return request.make_response(
            visit_sudo._get_calendar_file(),
            [
                ("Content-Type", "text/calendar; charset=utf-8"),
                ("Content-Disposition", 'attachment; filename="visit.ics"'),
            ],
        )
