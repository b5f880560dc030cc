from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.aftersales_service.controllers.portal import AftersalesPortal
from odoo.addons.aftersales_service.tools import uploads
from odoo.addons.aftersales_service.tools.asked import text_of

from ..models.aftersales_complaint import ENDED_STATES

# More than this in one list helps nobody: the customer starts from his document.
MAX_CHOICES = 100
# Field of the complaint by the name of the parameter.
SOURCES = {
    "unit_id": "equipment_id",
    "ticket_id": "ticket_id",
    "order_id": "sale_order_id",
    "return_id": "return_id",
}


class AftersalesPortalComplaints(AftersalesPortal):
    """Complaints on the portal: see, record, answer to the solution (R58)."""

    def _aftersales_get_counted(self):
        return {
            **super()._aftersales_get_counted(),
            "aftersales_complaint_count": "aftersales.complaint",
        }

    # ------------------------------------------------------------
    # LIST
    # ------------------------------------------------------------

    def _get_complaint_filters(self):
        is_open = Domain("state", "not in", ENDED_STATES)
        return {
            "all": {"label": request.env._("All"), "domain": Domain.TRUE},
            "open": {"label": request.env._("Open"), "domain": is_open},
            "ended": {"label": request.env._("Ended"), "domain": ~is_open},
        }

    @route(
        ["/my/complaints", "/my/complaints/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_complaints(self, **asked):
        Complaint = request.env["aftersales.complaint"]
        if not Complaint.has_access("read"):
            return request.redirect("/my")
        complaints, values = self._aftersales_get_list(
            Complaint,
            "/my/complaints",
            asked,
            self._get_complaint_filters(),
            ("name", "description"),
            request.env._("Number, words"),
        )
        values |= {
            # sudo: names of the products; found above by own rights.
            "complaints_sudo": complaints.sudo(),
            "page_name": "aftersales_complaints",
        }
        return request.render("aftersales_quality.portal_my_complaints", values)

    # ------------------------------------------------------------
    # ONE COMPLAINT
    # ------------------------------------------------------------

    @route(
        "/my/complaints/<int:complaint_id>", type="http", auth="public", website=True
    )
    def portal_my_complaint(
        self, complaint_id, access_token=None, created=None, answered=None, **kw
    ):
        complaint_sudo = self._aftersales_find(
            "aftersales.complaint", complaint_id, access_token
        )
        if not complaint_sudo:
            return request.redirect("/my")
        values = {"created": bool(created), "answered": bool(answered)}
        return self._render_complaint(complaint_sudo, access_token, values, kw)

    def _render_complaint(
        self, complaint_sudo, access_token=None, values=None, asked=None
    ):
        values = {
            "page_name": "aftersales_complaint",
            "complaint_sudo": complaint_sudo,
            "created": False,
            "answered": False,
            "words": "",
            "errors": [],
            **(values or {}),
        }
        return request.render(
            "aftersales_quality.portal_my_complaint",
            self._aftersales_get_page_values(
                complaint_sudo, access_token, values, "my_complaints_history", asked
            ),
        )

    # ------------------------------------------------------------
    # ANSWER TO THE SOLUTION
    # ------------------------------------------------------------

    @route(
        "/my/complaints/<int:complaint_id>/agree",
        type="jsonrpc",
        auth="public",
        website=True,
    )
    def portal_complaint_agree(
        self, complaint_id, access_token=None, name=None, signature=None
    ):
        # The form of the signature puts the token into the address.
        token = access_token or request.httprequest.args.get("access_token")
        complaint_sudo = self._aftersales_find(
            "aftersales.complaint", complaint_id, token
        )
        if not complaint_sudo:
            return {"error": request.env._("There is no such complaint.")}
        error = self._answer_complaint(
            complaint_sudo,
            lambda complaint, author: complaint._portal_agree(
                author, text_of(name), signature
            ),
        )
        if error:
            return {"error": error}
        url = complaint_sudo.access_url
        if token:
            url = complaint_sudo.get_portal_url()
        mark = "&" if "?" in url else "?"
        return {"force_refresh": True, "redirect_url": f"{url}{mark}answered=1"}

    @route(
        "/my/complaints/<int:complaint_id>/refuse",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_complaint_refuse(self, complaint_id, access_token=None, **post):
        complaint_sudo = self._aftersales_find(
            "aftersales.complaint", complaint_id, access_token
        )
        if not complaint_sudo:
            return request.redirect("/my")
        words = self._aftersales_get_texts(post, "reason")["reason"]
        error = self._answer_complaint(
            complaint_sudo,
            lambda complaint, author: complaint._portal_refuse(author, words),
        )
        if error:
            values = {"words": words, "errors": [error]}
            return self._render_complaint(complaint_sudo, access_token, values)
        return request.redirect(
            complaint_sudo.get_portal_url()
            if access_token
            else complaint_sudo.access_url
        )

    def _answer_complaint(self, complaint_sudo, step):
        """Take the customer's answer; return why it was not taken, or None."""
        source = f"complaint {complaint_sudo.id}"
        if self._aftersales_is_blocked("portal_complaint_answer", source):
            return self._aftersales_get_limit_message()
        self._aftersales_record("portal_complaint_answer", source)
        user = request.env.user
        # Who comes by the link of a mail, without a login, is the customer.
        author = complaint_sudo.partner_id if user._is_public() else user.partner_id
        try:
            # Nothing is left half-written behind the message.
            with request.env.cr.savepoint():
                # sudo: read by rule or token just above; the steps check the rest.
                step(complaint_sudo.with_user(user).sudo(), author)
        except UserError as error:
            return str(error)
        return None

    # ------------------------------------------------------------
    # NEW COMPLAINT
    # ------------------------------------------------------------

    @route(
        "/my/complaints/new",
        type="http",
        auth="user",
        methods=["GET", "POST"],
        website=True,
    )
    def portal_complaint_new(self, about=None, **post):
        Complaint = request.env["aftersales.complaint"]
        if not Complaint.has_access("read"):
            return request.redirect("/my")
        sources = self._get_complaint_sources(about, post)
        if sources is None:
            return request.redirect("/my")
        if request.httprequest.method == "GET":
            phone = request.env.user.partner_id.phone or ""
            return self._render_new_complaint(sources, {"phone": phone}, [])
        typed = self._aftersales_get_texts(post, "description", "phone")
        typed["demand"] = self._aftersales_get_texts(
            {"note": post.get("demand")}, "note"
        )["note"]
        files, errors = self._aftersales_get_files()
        if not typed["description"]:
            errors.append(request.env._("Tell us what you are not content with."))
        if errors:
            return self._render_new_complaint(sources, typed, errors)
        if self._aftersales_is_blocked("portal_complaint"):
            message = self._aftersales_get_limit_message()
            return self._render_new_complaint(sources, typed, [message], status=429)
        try:
            # Nothing is left half-written behind the message.
            with request.env.cr.savepoint():
                complaint = Complaint._portal_record(sources, typed, files)
        except UserError as error:
            return self._render_new_complaint(sources, typed, [str(error)])
        self._aftersales_record("portal_complaint")
        return request.redirect(f"/my/complaints/{complaint.id}?created=1")

    def _get_complaint_sources(self, about, post):
        """Return what the complaint is about, by field, as the customer sees it.

        :param str about: chosen in the form, e.g. ``unit_id-12``
        :param dict post: parameters of the address, e.g. ``unit_id``
        :return: dict of records; None for what is not his
        """
        asked = {name: post.get(name) for name in SOURCES if post.get(name)}
        if isinstance(about, str) and "-" in about:
            name, _dash, number = about.partition("-")
            if name not in SOURCES:
                return None
            asked = {name: number}
        customer = request.env.user.commercial_partner_id
        sources = {}
        for name, number in asked.items():
            Model, domain = self._get_complaint_choices(name, customer)
            record = self._aftersales_find_own(Model, number, domain)
            if record is None:
                return None
            sources[SOURCES[name]] = record
        return sources

    def _get_complaint_choices(self, name, customer):
        """Return the model of a source, and the domain of the customer's own."""
        if name == "order_id":
            own = Domain("partner_id", "child_of", customer.id)
            return request.env["sale.order"], own & Domain("state", "=", "sale")
        model = {
            "unit_id": "aftersales.equipment",
            "ticket_id": "aftersales.ticket",
            "return_id": "aftersales.return",
        }[name]
        return request.env[model], request.env[model]._get_portal_domain()

    def _render_new_complaint(self, sources, typed, errors, status=200):
        customer = request.env.user.commercial_partner_id
        names = {field: name for name, field in SOURCES.items()}
        labels = {
            "unit_id": request.env._("Units"),
            "ticket_id": request.env._("Service Tickets"),
            "order_id": request.env._("Orders"),
            "return_id": request.env._("Returns"),
        }
        choices, has_more = [], False
        for name in SOURCES:
            Model, domain = self._get_complaint_choices(name, customer)
            found = Model
            if Model.has_access("read"):
                found = Model.search(domain, limit=MAX_CHOICES + 1, order="id desc")
            has_more = has_more or len(found) > MAX_CHOICES
            # sudo: names of the products; found just above by own rights.
            found_sudo = found[:MAX_CHOICES].sudo()
            chosen_sudo = sources.get(SOURCES[name], Model).sudo()  # likewise
            choices.append((name, chosen_sudo | found_sudo, labels[name]))
        values = self._prepare_portal_layout_values() | {
            "page_name": "aftersales_new_complaint",
            "choices": choices,
            "has_more": has_more,
            "chosen": next(
                (f"{names[field]}-{record.id}" for field, record in sources.items()),
                "",
            ),
            "typed": typed,
            "errors": errors,
            "accept": uploads.ACCEPT,
            "max_files": uploads.MAX_FILES,
            "max_size": uploads.MAX_SIZE // 1024**2,
        }
        return request.render(
            "aftersales_quality.portal_new_complaint", values, status=status
        )
