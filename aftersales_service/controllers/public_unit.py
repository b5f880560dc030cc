from odoo.http import request, route

from ..tools import uploads
from ..tools.asked import text_of
from ..tools.network import network_of
from .portal import AftersalesPortal

# Five files of the largest size, and the text around them.
MAX_CONTENT = (uploads.MAX_FILES + 1) * uploads.MAX_SIZE


class AftersalesPublicUnit(AftersalesPortal):
    """The page behind the QR label of a unit, for whoever stands before it (R13).

    It is public: it shows what :meth:`_get_public_values` returns and nothing else,
    answers every wrong code alike, and lets nobody guess or flood.
    """

    def _get_source(self):
        """Return the network the request comes from.

        The server itself reads forwarding headers when it is told that a proxy stands
        before it; without a proxy, anybody could write them.
        """
        return network_of(request.httprequest.remote_addr)

    def _find_public_unit(self, code):
        """Return the unit of a code under sudo, or the answer to send instead."""
        source = self._get_source()
        if self._aftersales_is_blocked("label_code", source):
            return None, self._render_too_often()
        # sudo: the code is the key; only whitelisted values leave this controller.
        unit_sudo = request.env["aftersales.equipment"].sudo()
        code = text_of(code)
        if len(code) <= 64:
            unit_sudo = unit_sudo.with_context(active_test=False).search(
                [("public_code", "=", code)], limit=1
            )
        if unit_sudo:
            return unit_sudo, None
        self._aftersales_record("label_code", source)
        return None, self._render_message("aftersales_service.public_unit_unknown", 404)

    def _render_too_often(self):
        return self._render_message("aftersales_service.public_unit_too_often", 429)

    def _render_message(self, template, status):
        return self._protect(request.render(template, {}, status=status))

    def _protect(self, response):
        """Keep the page out of search engines, frames and shared caches."""
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    @route(
        "/aftersales/unit/<string:code>",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def public_unit(self, code, **kw):
        unit_sudo, answer = self._find_public_unit(code)
        if answer:
            return answer
        return self._render_public_unit(unit_sudo, code, {}, [])

    @route(
        "/aftersales/unit/<string:code>",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
        max_content_length=MAX_CONTENT,
    )
    def public_unit_request(self, code, **post):
        unit_sudo, answer = self._find_public_unit(code)
        if answer:
            return answer
        typed = self._aftersales_get_texts(
            post, "name", "phone", "symptom", "description", "about"
        )
        files, errors = self._aftersales_get_files()
        errors += self._get_request_errors(unit_sudo, typed)
        if errors:
            return self._render_public_unit(unit_sudo, code, typed, errors)
        source = self._get_source()
        if self._aftersales_is_blocked("label_request", source):
            message = self._aftersales_get_limit_message()
            return self._render_public_unit(unit_sudo, code, typed, [message], 429)
        self._aftersales_record("label_request", source)
        ticket_sudo = unit_sudo._get_open_ticket()
        added = bool(ticket_sudo) and typed["about"] != "new"
        if added:
            ticket_sudo._label_add(typed, files)
        else:
            ticket_sudo = request.env["aftersales.ticket"]._label_request(
                unit_sudo, typed, files
            )
        request.session["aftersales_thanks"] = {
            "code": code,
            "ticket": ticket_sudo.name,
            "added": added,
        }
        return request.redirect(f"/aftersales/unit/{code}/thanks")

    def _get_request_errors(self, unit_sudo, typed):
        errors = []
        if not unit_sudo._get_public_values()["in_use"]:
            errors.append(
                request.env._("This unit is no longer in use. Please call us.")
            )
        if not typed["name"]:
            errors.append(request.env._("Enter your name."))
        if not any(character.isdigit() for character in typed["phone"]):
            errors.append(request.env._("Enter a phone number that we can call back."))
        if not typed["symptom"]:
            errors.append(request.env._("Say in a few words what is wrong."))
        return errors

    @route(
        "/aftersales/unit/<string:code>/thanks",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def public_unit_thanks(self, code, **kw):
        unit_sudo, answer = self._find_public_unit(code)
        if answer:
            return answer
        thanks = request.session.get("aftersales_thanks") or {}
        if thanks.get("code") != code:
            return request.redirect(f"/aftersales/unit/{code}")
        values = {"unit": unit_sudo._get_public_values(), "thanks": thanks}
        return self._protect(
            request.render("aftersales_service.public_unit_thanks", values)
        )

    def _render_public_unit(self, unit_sudo, code, typed, errors, status=200):
        values = {
            "unit": unit_sudo._get_public_values(),
            "action": f"/aftersales/unit/{code}",
            "typed": typed,
            "errors": errors,
            "accept": uploads.ACCEPT,
            "max_files": uploads.MAX_FILES,
            "max_size": uploads.MAX_SIZE // 1024**2,
        }
        return self._protect(
            request.render("aftersales_service.public_unit", values, status=status)
        )
