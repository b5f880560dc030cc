from odoo import fields
from odoo.exceptions import AccessError, MissingError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

from ..tools import uploads

# The forms say the same; a hand-made request is cut.
LONG_TEXTS = {"description", "note", "reason"}
MAX_LONG = 10000
MAX_SHORT = 200


class AftersalesPortal(CustomerPortal):
    """What the portal pages of the department share."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        for counter, model in (
            ("aftersales_unit_count", "aftersales.equipment"),
            ("aftersales_ticket_count", "aftersales.ticket"),
        ):
            if counter in counters:
                Model = request.env[model]
                values[counter] = (
                    Model.search_count(Model._get_portal_domain())
                    if Model.has_access("read")
                    else 0
                )
        return values

    # ------------------------------------------------------------
    # READING WHAT WAS SENT
    # ------------------------------------------------------------

    def _aftersales_get_texts(self, post, *names):
        """Return the typed texts by name, of the length their form allows, never None."""
        texts = {}
        for name in names:
            value = post.get(name)
            # Somebody may send a file under the name of a text.
            text = value.strip() if isinstance(value, str) else ""
            if name in LONG_TEXTS:
                texts[name] = text[:MAX_LONG]
            else:
                texts[name] = " ".join(text.split())[:MAX_SHORT]
        return texts

    def _aftersales_get_date(self, text):
        """Return the date of a date input, False when empty, None when it is none."""
        try:
            return fields.Date.to_date(text) if text else False
        except ValueError:
            return None

    def _get_today(self):
        return fields.Date.context_today(request.env.user)

    def _aftersales_get_files(self):
        """Return the accepted files and one message for each refused one."""
        sent = uploads.read(request.httprequest.files.getlist("attachments"))
        reasons = {
            "size": request.env._("larger than %s MB", uploads.MAX_SIZE // 1024**2),
            "type": request.env._("neither a picture (JPG, PNG, GIF, WebP) nor a PDF"),
            "count": request.env._("more than %s files", uploads.MAX_FILES),
        }
        messages = [
            request.env._(
                "%(file)s was not taken: %(reason)s.",
                file=name,
                reason=reasons[reason],
            )
            for name, reason in sent.refused
        ]
        if messages:
            messages.append(
                request.env._("Nothing was sent yet. Please choose the files again.")
            )
        return sent.accepted, messages

    # ------------------------------------------------------------
    # LIMITS
    # ------------------------------------------------------------

    def _aftersales_is_blocked(self, scope, source=None):
        """Tell whether the present user (or source) did this too often lately."""
        # Visitors have no right on the counters, and must not have any.
        Attempt = request.env["aftersales.attempt"].sudo()
        return Attempt._is_blocked(scope, source or f"user {request.env.uid}")

    def _aftersales_record(self, scope, source=None):
        """Count what the present user (or source) just did."""
        Attempt = request.env["aftersales.attempt"].sudo()  # as above
        Attempt._record(scope, source or f"user {request.env.uid}")

    def _aftersales_get_limit_message(self):
        return request.env._(
            "That was too often in a short time. Please wait some minutes and try again; "
            "what you typed is still here."
        )

    # ------------------------------------------------------------
    # ACCESS
    # ------------------------------------------------------------

    def _aftersales_find(self, model, record_id, access_token=None):
        """Return a document the visitor may see, under sudo, or None.

        The same answer for what does not exist and for what is somebody else's.
        """
        try:
            return self._document_check_access(model, record_id, access_token)
        except (AccessError, MissingError):
            return None
