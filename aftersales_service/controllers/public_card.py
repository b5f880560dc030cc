from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request, route

from ..models.rating_rating import ITEMS, MAX_WORDS
from ..tools.asked import text_of
from .public_unit import AftersalesPublicUnit

# Four marks and the words around them.
MAX_CARD = 64 * 1024


class AftersalesPublicCard(AftersalesPublicUnit):
    """The evaluation card of a visit, for the customer who has its link (R33).

    No login and no script: it opens on any phone. It shows what
    :meth:`_get_public_card` returns, takes one answer, and answers every wrong link
    alike.
    """

    @route(
        "/aftersales/card/<string:token>",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def public_card(self, token, lang=None, **kw):
        card_sudo, answer = self._find_card(token, lang)
        if answer:
            return answer
        return self._render_card(card_sudo, token, {}, [])

    @route(
        "/aftersales/card/<string:token>",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
        max_content_length=MAX_CARD,
    )
    def public_card_answer(self, token, lang=None, **post):
        card_sudo, answer = self._find_card(token, lang)
        if answer:
            return answer
        typed = self._get_typed(post)
        levels = {item: typed[item] for item in ITEMS}
        if errors := card_sudo._get_card_errors(levels):
            return self._render_card(card_sudo, token, typed, errors)
        try:
            card_sudo._answer_card(
                levels,
                words=typed["words"],
                opinion=typed["opinion"] or None,
                extras=card_sudo._get_card_extras(typed),
            )
        except UserError as error:
            # Somebody else answers at this very moment, or the day just ended.
            return self._render_card(card_sudo, token, typed, [str(error)])
        request.session["aftersales_card"] = card_sudo.id
        suffix = f"?lang={lang}" if lang else ""
        return request.redirect(f"/aftersales/card/{token}{suffix}")

    # ------------------------------------------------------------
    # WHICH CARD
    # ------------------------------------------------------------

    def _find_card(self, token, lang):
        """Return the open card of a token under sudo, or the answer to send instead."""
        source = self._get_source()
        if self._aftersales_is_blocked("card", source):
            return None, self._render_card_message("often", 429)
        # sudo: the token is the key; only whitelisted values leave this controller.
        card_sudo = request.env["rating.rating"].sudo()
        token = text_of(token)
        if len(token) <= 64:
            domain = card_sudo._get_card_domain()
            card_sudo = card_sudo.search(
                domain & Domain("access_token", "=", token), limit=1
            )
        if not card_sudo:
            self._aftersales_record("card", source)
            return None, self._render_card_message("unknown", 404)
        self._speak_to(card_sudo, lang)
        card_sudo = card_sudo.with_env(request.env(su=True))
        if card_sudo.consumed:
            fresh = request.session.get("aftersales_card") == card_sudo.id
            kind = "thanks" if fresh else "used"
        elif card_sudo._is_card_expired():
            kind = "expired"
        elif self._is_staff(card_sudo):
            kind = "staff"
        else:
            return card_sudo, None
        return None, self._render_card_message(kind, 200, card_sudo, token)

    def _speak_to(self, card_sudo, lang):
        """Answer in the language chosen on the page, else in the customer's own."""
        installed = {code for code, _name in request.env["res.lang"].get_installed()}
        for code in (lang, card_sudo.partner_id.lang):
            if code in installed:
                request.update_context(lang=code)
                return

    def _is_staff(self, card_sudo):
        """Tell whether one of our own looks at a customer's card."""
        user = request.env.user
        if user._is_public() or user.share:
            return False
        return (
            user.partner_id.commercial_partner_id
            != card_sudo.partner_id.commercial_partner_id
        )

    def _get_typed(self, post):
        typed = {
            name: text_of(post.get(name)).strip()
            for name in (*ITEMS, "words", "opinion")
        }
        typed["words"] = typed["words"][:MAX_WORDS]
        if typed["opinion"] not in ("suggestion", "complaint"):
            typed["opinion"] = ""
        return typed

    # ------------------------------------------------------------
    # PAGES
    # ------------------------------------------------------------

    def _render_card(self, card_sudo, token, typed, errors):
        titles = card_sudo._get_item_titles()
        values = {
            **self._get_frame(card_sudo, token),
            "card": card_sudo._get_public_card(),
            "items": [(item, titles[item]) for item in ITEMS],
            "levels": card_sudo._get_level_titles(),
            "opinions": [
                ("", request.env._("Neither")),
                *card_sudo._get_opinion_titles(),
            ],
            "typed": typed,
            "errors": errors,
            "max_words": MAX_WORDS,
        }
        return self._protect(request.render("aftersales_service.public_card", values))

    def _render_card_message(self, kind, status, card_sudo=None, token=None):
        values = {"kind": kind}
        if card_sudo:
            values |= self._get_frame(card_sudo, token)
            values["card"] = card_sudo._get_public_card()
        return self._protect(
            request.render(
                "aftersales_service.public_card_message",
                values,
                status=status,
            )
        )

    def _get_frame(self, card_sudo, token):
        present = request.env.context.get("lang")
        return {
            "unit": card_sudo._get_public_sender(),
            "lang_code": present,
            "languages": [
                (code, name.split(" / ")[-1])
                for code, name in request.env["res.lang"].get_installed()
                if code != present
            ],
            "action": f"/aftersales/card/{token}",
        }
