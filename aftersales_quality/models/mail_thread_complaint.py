import logging

from odoo import api, models

from odoo.addons.aftersales_service.tools import mail_text

_logger = logging.getLogger(__name__)


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        """Tell complaints who wrote a mail, and lead it to where its story goes on."""
        if any(route[0] == "aftersales.complaint" for route in routes or ()):
            kind = mail_text.kind_of(message)
            self = self.with_context(aftersales_mail_kind=kind)
            routes = self.env["aftersales.complaint"]._mail_lead_routes(
                message_dict, routes, kind
            )
            if not routes:
                _logger.info(
                    "Automatic answer %s from %s is no complaint: not recorded",
                    message_dict.get("message_id"),
                    message_dict.get("email_from"),
                )
                return False
        return super()._message_route_process(message, message_dict, routes)
