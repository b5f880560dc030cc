from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.aftersales_service.controllers.portal import AftersalesPortal
from odoo.addons.aftersales_service.tools import uploads

from ..models.aftersales_return import OPEN_STATES

PREFIX = "quantity_"
LABEL = "aftersales_parts.action_report_aftersales_return_label"


class AftersalesPortalReturns(AftersalesPortal):
    """Returns on the portal: see, request, print the label, withdraw (R48, R49)."""

    def _aftersales_get_counted(self):
        return {
            **super()._aftersales_get_counted(),
            "aftersales_return_count": "aftersales.return",
        }

    # ------------------------------------------------------------
    # LIST
    # ------------------------------------------------------------

    def _get_return_filters(self):
        is_open = Domain("state", "in", OPEN_STATES)
        return {
            "all": {"label": request.env._("All"), "domain": Domain.TRUE},
            "open": {"label": request.env._("Open"), "domain": is_open},
            "ended": {"label": request.env._("Ended"), "domain": ~is_open},
        }

    @route(
        ["/my/returns", "/my/returns/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_returns(self, **asked):
        Return = request.env["aftersales.return"]
        if not Return.has_access("read"):
            return request.redirect("/my")
        returns, values = self._aftersales_get_list(
            Return,
            "/my/returns",
            asked,
            self._get_return_filters(),
            ("name", "line_ids.product_id", "line_ids.lot_id.name"),
            request.env._("Number, product, serial number"),
        )
        values |= {
            # sudo: names of the products; found above by own rights.
            "returns_sudo": returns.sudo(),
            "page_name": "aftersales_returns",
        }
        return request.render("aftersales_parts.portal_my_returns", values)

    # ------------------------------------------------------------
    # ONE RETURN
    # ------------------------------------------------------------

    @route("/my/returns/<int:return_id>", type="http", auth="public", website=True)
    def portal_my_return(
        self,
        return_id,
        access_token=None,
        report_type=None,
        download=False,
        created=None,
        **kw,
    ):
        rma_sudo = self._aftersales_find("aftersales.return", return_id, access_token)
        if not rma_sudo:
            return request.redirect("/my")
        if report_type in ("html", "pdf", "text") and rma_sudo._has_label():
            return self._show_report(
                # sudo: read by rule or token just above; the label names the parcel
                model=rma_sudo,
                report_type=report_type,
                report_ref=LABEL,
                download=download,
            )
        values = {"created": bool(created)}
        return self._render_return(rma_sudo, access_token, values, kw)

    def _render_return(self, rma_sudo, access_token=None, values=None, asked=None):
        values = {
            "page_name": "aftersales_return",
            "rma_sudo": rma_sudo,
            "refunds_sudo": rma_sudo._get_portal_refunds(),
            "errors": [],
            **(values or {}),
        }
        return request.render(
            "aftersales_parts.portal_my_return",
            self._aftersales_get_page_values(
                rma_sudo, access_token, values, "my_returns_history", asked
            ),
        )

    @route(
        "/my/returns/<int:return_id>/cancel",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_return_cancel(self, return_id, access_token=None, **post):
        rma_sudo = self._aftersales_find("aftersales.return", return_id, access_token)
        if not rma_sudo:
            return request.redirect("/my")
        user = request.env.user
        # Who comes by the link of a mail, without a login, is the customer.
        author = rma_sudo.partner_id if user._is_public() else user.partner_id
        try:
            # Nothing is left half-written behind the message.
            with request.env.cr.savepoint():
                # sudo: read by rule or token just above; the step checks the rest.
                rma_sudo.with_user(user).sudo()._portal_cancel(author)
        except UserError as error:
            return self._render_return(rma_sudo, access_token, {"errors": [str(error)]})
        return request.redirect(
            rma_sudo.get_portal_url() if access_token else rma_sudo.access_url
        )

    # ------------------------------------------------------------
    # NEW RETURN
    # ------------------------------------------------------------

    @route(
        "/my/returns/new",
        type="http",
        auth="user",
        methods=["GET", "POST"],
        website=True,
    )
    def portal_return_new(self, order_id=None, unit_id=None, **post):
        Return = request.env["aftersales.return"]
        Order, Unit = request.env["sale.order"], request.env["aftersales.equipment"]
        customer = request.env.user.commercial_partner_id
        order = self._aftersales_find_own(
            Order, order_id, Domain("partner_id", "child_of", customer.id)
        )
        unit = self._aftersales_find_own(Unit, unit_id, Unit._get_portal_domain())
        if order is None or unit is None or not Return.has_access("read"):
            return request.redirect("/my")
        rows, has_more = Return._portal_offer(order, unit)
        page = {"rows": rows, "has_more": has_more, "order": order, "unit": unit}
        if request.httprequest.method == "GET":
            phone = request.env.user.partner_id.phone or ""
            only = rows if len(rows) == 1 else []
            chosen = {row["key"]: row["returnable_quantity"] for row in only}
            return self._render_new_return(page, {"phone": phone}, chosen, [])
        typed = self._aftersales_get_texts(post, "note", "description", "phone")
        typed |= self._get_choices(post)
        quantities, errors = self._get_quantities(post)
        files, refused = self._aftersales_get_files()
        errors += refused
        if errors:
            return self._render_new_return(page, typed, quantities, errors)
        if self._aftersales_is_blocked("portal_return"):
            message = self._aftersales_get_limit_message()
            return self._render_new_return(
                page, typed, quantities, [message], status=429
            )
        try:
            # Nothing is left half-written behind the message.
            with request.env.cr.savepoint():
                rma = Return._portal_request(rows, quantities, typed, files)
        except UserError as error:
            return self._render_new_return(page, typed, quantities, [str(error)])
        self._aftersales_record("portal_return")
        return request.redirect(f"/my/returns/{rma.id}?created=1")

    def _get_choices(self, post):
        """Return the reason and remedy chosen, None when they are none of ours."""
        reason_id = post.get("reason_id") or ""
        reason = request.env["aftersales.return.reason"]
        if isinstance(reason_id, str) and reason_id.isdecimal() and len(reason_id) < 10:
            reason = reason.search([("id", "=", int(reason_id))])
        remedy = post.get("remedy")
        return {
            "reason_id": reason.id,
            "remedy": remedy if remedy in self._get_remedies() else None,
        }

    def _get_remedies(self):
        """Return what a customer may wish for, by its name in words."""
        return {
            "refund": request.env._("Money back"),
            "exchange": request.env._("Another one instead"),
            "repair": request.env._("Repair"),
        }

    def _get_quantities(self, post):
        """Return ``{key of the row: quantity}`` as typed, and one message for each
        that is no number."""
        quantities, errors = {}, []
        for name, value in post.items():
            if not name.startswith(PREFIX) or not isinstance(value, str):
                continue
            text = value.strip().replace(",", ".")
            if not text:
                continue
            try:
                quantity = float(text)
            except ValueError:
                quantity = -1.0
            if not 0 <= quantity < 1e9:
                errors.append(
                    request.env._("%s is no quantity.", " ".join(value.split())[:20])
                )
            elif quantity:
                quantities[name[len(PREFIX) :]] = quantity
        return quantities, errors

    def _render_new_return(self, page, typed, quantities, errors, status=200):
        values = self._prepare_portal_layout_values() | {
            "page_name": "aftersales_new_return",
            "reasons": request.env["aftersales.return.reason"].search([]),
            "remedies": self._get_remedies(),
            "typed": typed,
            "quantities": quantities,
            "errors": errors,
            "accept": uploads.ACCEPT,
            "max_files": uploads.MAX_FILES,
            "max_size": uploads.MAX_SIZE // 1024**2,
            **page,
        }
        return request.render(
            "aftersales_parts.portal_new_return", values, status=status
        )
