from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import content_disposition, request

# What may come in by file when a company goes live.
MODELS = (
    "aftersales.equipment",
    "aftersales.ticket",
    "aftersales.fault",
    "aftersales.missed.call",
)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ImportTemplate(http.Controller):
    @http.route("/aftersales/import_template/<string:model>", type="http", auth="user")
    def import_template(self, model):
        """Return the template of one kind of document, in the user's language.

        :raise NotFound: for other models, and for users below the desk
        """
        is_agent = request.env.user.has_group(
            "aftersales_service.aftersales_service_group_agent"
        )
        if model not in MODELS or not is_agent:
            raise NotFound()
        documents = request.env[model]
        documents.check_access("create")
        content = documents._make_import_template()
        name = documents.get_import_templates()[0]["label"]
        return request.make_response(
            content,
            headers=[
                ("Content-Type", XLSX),
                ("Content-Length", len(content)),
                ("Content-Disposition", content_disposition(f"{name}.xlsx")),
            ],
        )
