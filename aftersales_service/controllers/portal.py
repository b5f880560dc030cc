from odoo import fields
from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..tools import uploads
from ..tools.asked import key_of, number_of, text_of

# The forms say the same; a hand-made request is cut.
LONG_TEXTS = {"description", "note", "reason"}
MAX_LONG = 10000
MAX_SHORT = 200
# What the page of a document takes over from its address: who writes by a mail's link.
TAKEN_OVER = ("pid", "hash")


class AftersalesPortal(CustomerPortal):
    """What the portal pages of the department share."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        for counter, model in self._aftersales_get_counted().items():
            if counter in counters:
                Model = request.env[model]
                values[counter] = (
                    Model.search_count(Model._get_portal_domain())
                    if Model.has_access("read")
                    else 0
                )
        return values

    def _aftersales_get_counted(self):
        """Hook: ``{counter of the home page: model with _get_portal_domain}``."""
        return {
            "aftersales_unit_count": "aftersales.equipment",
            "aftersales_ticket_count": "aftersales.ticket",
        }

    # ------------------------------------------------------------
    # LISTS
    # ------------------------------------------------------------

    def _aftersales_get_list(
        self, Model, url, asked, filters, searched, hint, sortings=None
    ):
        """Return one page of the present user's documents, and what is around them.

        :param Model: of documents with ``_get_portal_domain``, found by own rights
        :param str url: of the list
        :param dict asked: page, filterby, sortby and search, as in the address
        :param dict filters: ``{name: {"label", "domain"}}``, the usual one first
        :param searched: names of the fields a search looks into
        :param str hint: what a search looks into, in words
        :param dict sortings: ``{name: {"label", "order"}}``, the usual one first
        :return: the documents, and the values of the page
        """
        filterby, sortby = asked.get("filterby"), asked.get("sortby")
        filterby = filterby if filterby in filters else next(iter(filters))
        if sortings:
            sortby = sortby if sortby in sortings else next(iter(sortings))
        domain = Model._get_portal_domain() & filters[filterby]["domain"]
        if search := text_of(asked.get("search")):
            domain &= Domain.OR(Domain(field, "ilike", search) for field in searched)
        pager = portal_pager(
            url=url,
            url_args={"sortby": sortby, "filterby": filterby, "search": search},
            total=Model.search_count(domain),
            page=self._aftersales_get_page_number(asked),
            step=self._items_per_page,
        )
        records = Model.search(
            domain,
            order=sortings and sortings[sortby]["order"],
            limit=self._items_per_page,
            offset=pager["offset"],
        )
        history = f"{url.strip('/').replace('/', '_')}_history"
        request.session[history] = records.ids[:100]
        return records, self._prepare_portal_layout_values() | {
            "default_url": url,
            "pager": pager,
            "searchbar_sortings": sortings,
            "sortby": sortby,
            "searchbar_filters": filters,
            "filterby": filterby,
            "searchbar_inputs": {"all": {"input": "all", "label": hint}},
            "search_in": "all",
            "search": search,
        }

    def _aftersales_get_page_number(self, asked):
        """Return the page of a list that an address names, the first for any other."""
        page = str(asked.get("page", ""))
        return int(page) if page.isdecimal() and len(page) < 10 else 1

    # ------------------------------------------------------------
    # ONE DOCUMENT
    # ------------------------------------------------------------

    def _aftersales_get_page_values(
        self, document_sudo, access_token, values, history, asked=None
    ):
        """Return the values of the page of one document.

        :param str history: of the list in the session
        :param dict asked: rest of the address; of its names few mean something
        """
        taken_over = {name: asked[name] for name in TAKEN_OVER if name in (asked or {})}
        return self._get_page_view_values(
            document_sudo, key_of(access_token), values, history, False, **taken_over
        )

    # ------------------------------------------------------------
    # READING WHAT WAS SENT
    # ------------------------------------------------------------

    def _aftersales_get_texts(self, post, *names):
        """Return the typed texts by name, of the length their form allows, never None."""
        texts = {}
        for name in names:
            # Somebody may send a file under the name of a text.
            text = text_of(post.get(name)).strip()
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

    def _document_check_access(self, model_name, document_id, access_token=None):
        # A number or key that cannot be one is answered like an unknown one.
        return super()._document_check_access(
            model_name, number_of(document_id), key_of(access_token)
        )

    def _aftersales_find(self, model, record_id, access_token=None):
        """Return a document the visitor may see, under sudo, or None.

        The same answer for what does not exist and for what is somebody else's.
        """
        try:
            return self._document_check_access(model, record_id, access_token)
        except (AccessError, MissingError):
            return None

    def _aftersales_find_own(self, Model, record_id, domain):
        """Return a document named in an address or form, by the user's own rights.

        :param domain: of the documents of the present user
        :return: no record when none was named, None for a foreign or unknown one
        """
        if not record_id:
            return Model
        if not str(record_id).isdecimal() or len(str(record_id)) > 9:
            return None
        if not Model.has_access("read"):
            return None
        return Model.search(domain & Domain("id", "=", int(record_id))) or None
