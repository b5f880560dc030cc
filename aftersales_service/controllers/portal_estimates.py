from odoo import http
from odoo.exceptions import AccessError, MissingError, ValidationError
from odoo.http import request

from odoo.addons.sale.controllers.portal import CustomerPortal, PaymentPortal

from ..tools.asked import text_of


class EstimatePortal(CustomerPortal):
    """The customer's answer to an estimate of a ticket."""

    @http.route()
    def portal_quote_accept(
        self, order_id, access_token=None, name=None, signature=None
    ):
        token = access_token or request.httprequest.args.get("access_token")
        if refusal := _get_refusal(self, order_id, token):
            return {"error": refusal}
        return super().portal_quote_accept(
            order_id, access_token, text_of(name), text_of(signature)
        )

    @http.route()
    def portal_quote_decline(
        self, order_id, access_token=None, decline_message=None, **kwargs
    ):
        decline_message = text_of(decline_message)
        # The words of the customer go to whoever answers for the ticket.
        request.update_context(aftersales_customer_words=decline_message)
        return super().portal_quote_decline(
            order_id, access_token, decline_message, **kwargs
        )


class EstimatePaymentPortal(PaymentPortal):
    """Payment of an estimate of a ticket."""

    @http.route()
    def portal_order_transaction(self, order_id, access_token=None, **kwargs):
        if refusal := _get_refusal(self, order_id, access_token):
            raise ValidationError(refusal)
        return super().portal_order_transaction(order_id, access_token, **kwargs)


def _get_refusal(portal, order_id, access_token):
    """Return why the customer cannot accept an order yet, or None (R26)."""
    try:
        order_sudo = portal._document_check_access(
            "sale.order", order_id, access_token=access_token
        )
    except (AccessError, MissingError):
        # Odoo's own route answers.
        return None
    open_for_answer = order_sudo.state in ("draft", "sent")
    if open_for_answer and order_sudo.aftersales_needs_approval:
        return request.env._(
            "The price of this estimate is still being checked on our side. Nothing is "
            "needed from you; we tell you as soon as you can accept it."
        )
    return None
