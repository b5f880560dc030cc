import logging

from odoo import api, models

from ..tools import mail_text

_logger = logging.getLogger(__name__)


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def message_parse(self, message, save_original=False):
        """Parse a mail, whatever its encoding claims to be.

        A mail that names an encoding nobody knows, or holds characters that no
        database stores, would be refused as a whole and lost.
        """
        mail_text.name_encodings(message)
        values = super().message_parse(message, save_original=save_original)
        for name, value in values.items():
            if isinstance(value, str):
                clean = mail_text.storable(value)
                # Kept as it is, also its class, when there was nothing to clean.
                values[name] = value if clean == value else type(value)(clean)
        return values

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        """Tell tickets who wrote a mail, and lead it to where its story goes on."""
        if any(route[0] == "aftersales.ticket" for route in routes or ()):
            kind = mail_text.kind_of(message)
            self = self.with_context(aftersales_mail_kind=kind)
            routes = self.env["aftersales.ticket"]._mail_lead_routes(
                message_dict, routes, kind
            )
            if not routes:
                _logger.info(
                    "Automatic answer %s from %s concerns no ticket: not registered",
                    message_dict.get("message_id"),
                    message_dict.get("email_from"),
                )
                return False
        return super()._message_route_process(message, message_dict, routes)
