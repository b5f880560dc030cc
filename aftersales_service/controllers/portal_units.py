from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request, route

from ..tools import uploads
from .portal import AftersalesPortal


class AftersalesPortalUnits(AftersalesPortal):
    """Units on the portal: see, print, register, resell."""

    # ------------------------------------------------------------
    # LIST
    # ------------------------------------------------------------

    def _get_unit_sortings(self):
        return {
            "date": {
                "label": request.env._("Newest"),
                "order": "delivery_date desc, id desc",
            },
            "product": {"label": request.env._("Product"), "order": "product_id, id"},
            "serial": {"label": request.env._("Serial Number"), "order": "serial, id"},
        }

    def _get_unit_filters(self):
        customer = request.env.user.commercial_partner_id
        filters = {
            "all": {"label": request.env._("All"), "domain": Domain.TRUE},
            "in_use": {
                "label": request.env._("In Use"),
                "domain": Domain("state", "=", "active"),
            },
        }
        if customer.aftersales_dealer:
            held = Domain("partner_id", "child_of", customer.id)
            filters["held"] = {"label": request.env._("Not Resold Yet"), "domain": held}
            filters["resold"] = {"label": request.env._("Resold"), "domain": ~held}
        return filters

    @route(
        ["/my/units", "/my/units/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_units(self, registered=None, **asked):
        Equipment = request.env["aftersales.equipment"]
        if not Equipment.has_access("read"):
            return request.redirect("/my")
        units, values = self._aftersales_get_list(
            Equipment,
            "/my/units",
            asked,
            self._get_unit_filters(),
            ("name", "serial"),
            request.env._("Voucher, serial number"),
            self._get_unit_sortings(),
        )
        Registration = request.env["aftersales.registration"]
        registrations = (
            Registration.search(
                Registration._get_portal_domain() & Domain("state", "!=", "confirmed"),
                limit=20,
            )
            if Registration.has_access("read")
            else Registration
        )
        values |= {
            # sudo: the holder of a resold unit is no contact of the dealer; found
            # above by his own rights.
            "units_sudo": units.sudo(),
            "registrations": registrations,
            "registered": bool(registered),
            "page_name": "aftersales_units",
        }
        return request.render("aftersales_service.portal_my_units", values)

    # ------------------------------------------------------------
    # ONE UNIT
    # ------------------------------------------------------------

    @route("/my/units/<int:unit_id>", type="http", auth="public", website=True)
    def portal_my_unit(
        self,
        unit_id,
        access_token=None,
        report_type=None,
        download=False,
        resold=None,
        **kw,
    ):
        unit_sudo = self._aftersales_find("aftersales.equipment", unit_id, access_token)
        if not unit_sudo:
            return request.redirect("/my")
        if report_type in ("html", "pdf", "text"):
            return self._show_report(
                # sudo for reading only; the reader himself decides on the history
                model=unit_sudo.with_user(request.env.user).sudo(),
                report_type=report_type,
                report_ref="aftersales_service.action_report_aftersales_equipment",
                download=download,
            )
        values = {"resold": bool(resold)}
        return self._render_unit(unit_sudo, access_token, values, kw)

    @route(
        "/my/units/<int:unit_id>/certificate",
        type="http",
        auth="public",
        website=True,
    )
    def portal_unit_certificate(self, unit_id, access_token=None, download=False, **kw):
        unit_sudo = self._aftersales_find("aftersales.equipment", unit_id, access_token)
        if not unit_sudo:
            return request.redirect("/my")
        if not unit_sudo._is_certified():
            return request.redirect(unit_sudo.get_portal_url())
        return self._show_report(
            # sudo for reading only; the paper is in the language of its reader
            model=unit_sudo.with_user(request.env.user)
            .sudo()
            .with_context(aftersales_paper="certificate"),
            report_type="pdf",
            report_ref="aftersales_service.action_report_aftersales_certificate",
            download=download,
        )

    def _render_unit(self, unit_sudo, access_token=None, values=None, asked=None):
        Ticket = request.env["aftersales.ticket"]
        tickets = (
            Ticket.search(
                [("equipment_id", "=", unit_sudo.id)], order="id desc", limit=50
            )
            if Ticket.has_access("read")
            else Ticket
        )
        unit = unit_sudo.with_user(request.env.user)
        values = {
            "page_name": "aftersales_unit",
            "unit_sudo": unit_sudo,
            "tickets": tickets,
            # A visitor with a link alone has no portal to request service from.
            "request_url": f"/my/tickets/new?unit_id={unit_sudo.id}"
            if request.env.user.has_group("base.group_portal")
            else unit_sudo._get_public_url(),
            "can_resell": unit._can_portal_resell(),
            # Customers read the promises of their units, not the tables behind them.
            "promises": unit_sudo.with_user(request.env.user).sudo()._get_promises(),
            "contracts": unit_sudo.with_user(request.env.user)
            .sudo()  # as above
            ._get_portal_contracts(),
            "resale": {},
            "errors": [],
            **(values or {}),
        }
        values = self._aftersales_get_page_values(
            unit_sudo, access_token, values, "my_units_history", asked
        )
        return request.render("aftersales_service.portal_my_unit", values)

    # ------------------------------------------------------------
    # RESALE
    # ------------------------------------------------------------

    @route(
        "/my/units/<int:unit_id>/resale",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_unit_resale(self, unit_id, **post):
        unit_sudo = self._aftersales_find("aftersales.equipment", unit_id)
        if not unit_sudo:
            return request.redirect("/my")
        resale = self._aftersales_get_texts(
            post, "name", "phone", "email", "street", "city", "date"
        )
        date = self._aftersales_get_date(resale["date"])
        errors = self._get_resale_errors(resale, date)
        if not errors and self._aftersales_is_blocked("resale"):
            errors = [self._aftersales_get_limit_message()]
        if not errors:
            try:
                # Nothing is left half-written behind the message.
                with request.env.cr.savepoint():
                    unit_sudo.with_user(request.env.user)._portal_register_resale(
                        resale, date=date
                    )
            except UserError as error:
                errors = [str(error)]
        if errors:
            return self._render_unit(
                unit_sudo, None, {"resale": resale, "errors": errors}
            )
        self._aftersales_record("resale")
        return request.redirect(f"/my/units/{unit_id}?resold=1")

    def _get_resale_errors(self, resale, date):
        errors = []
        if not resale["name"]:
            errors.append(request.env._("Enter the name of the new holder."))
        if not resale["phone"] and not resale["email"]:
            errors.append(request.env._("Enter a phone number or an email address."))
        if date is None:
            errors.append(request.env._("Enter the day of the resale as a date."))
        elif date and date > self._get_today():
            errors.append(request.env._("The day of the resale lies in the future."))
        return errors

    # ------------------------------------------------------------
    # REGISTRATION
    # ------------------------------------------------------------

    @route(
        "/my/units/register",
        type="http",
        auth="user",
        methods=["GET", "POST"],
        website=True,
    )
    def portal_unit_register(self, **post):
        if not request.env["aftersales.registration"].has_access("read"):
            return request.redirect("/my")
        if request.httprequest.method == "GET":
            return self._render_registration({}, [])
        typed = self._aftersales_get_texts(
            post, "serial", "product_text", "invoice_ref", "purchase_date", "note"
        )
        files, errors = self._aftersales_get_files()
        date = self._aftersales_get_date(typed["purchase_date"])
        if not typed["serial"]:
            errors.append(request.env._("Enter the serial number on the type plate."))
        if date is None:
            errors.append(request.env._("Enter the day of purchase as a date."))
        elif date and date > self._get_today():
            errors.append(request.env._("The day of purchase lies in the future."))
        if errors:
            return self._render_registration(typed, errors)
        if self._aftersales_is_blocked("registration"):
            return self._render_registration(
                typed, [self._aftersales_get_limit_message()], status=429
            )
        self._aftersales_record("registration")
        request.env["aftersales.registration"]._portal_register(
            {**typed, "purchase_date": date}, files
        )
        return request.redirect("/my/units?registered=1")

    def _render_registration(self, typed, errors, status=200):
        values = self._prepare_portal_layout_values() | {
            "page_name": "aftersales_register",
            "typed": typed,
            "errors": errors,
            "today": self._get_today(),
            "accept": uploads.ACCEPT,
            "max_files": uploads.MAX_FILES,
            "max_size": uploads.MAX_SIZE // 1024**2,
        }
        return request.render(
            "aftersales_service.portal_register_unit", values, status=status
        )
