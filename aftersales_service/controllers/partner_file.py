from werkzeug.exceptions import NotFound
from werkzeug.wsgi import wrap_file

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.http import Response, content_disposition, request

from ..tools.asked import number_of


class PartnerFile(http.Controller):
    @http.route("/aftersales/partner_file/<int:partner_id>", type="http", auth="user")
    def partner_file(self, partner_id):
        """Send all that after-sales knows about a contact; nothing is stored.

        :raise NotFound: for unknown contacts, and for others than managers
        """
        partner = request.env["res.partner"].browse(number_of(partner_id)).exists()
        if not partner:
            raise NotFound()
        try:
            stream = partner._aftersales_make_file()
        except (AccessError, UserError) as error:
            raise NotFound() from error
        name = request.env._("After-sales file of %s", partner.display_name)
        return Response(
            wrap_file(request.httprequest.environ, stream),
            headers=[
                ("Content-Type", "application/zip"),
                ("Content-Disposition", content_disposition(f"{name}.zip")),
                ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"),
            ],
            direct_passthrough=True,
        )
