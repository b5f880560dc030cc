from werkzeug.exceptions import Forbidden

from odoo import http
from odoo.exceptions import AccessError
from odoo.http import content_disposition, request

from .import_template import XLSX


class EveningReport(http.Controller):
    @http.route("/aftersales/evening_report/<int:company_id>", type="http", auth="user")
    def evening_report(self, company_id):
        """Return the unresolved tickets of a company as of now, as a spreadsheet.

        :raise Forbidden: for users below supervisors, and of other companies
        """
        company = request.env["res.company"].browse(company_id)
        try:
            name, content = request.env["aftersales.evening.report"]._make_preview(
                company
            )
        except AccessError as error:
            raise Forbidden(str(error)) from error
        return request.make_response(
            content,
            headers=[
                ("Content-Type", XLSX),
                ("Content-Length", len(content)),
                ("Content-Disposition", content_disposition(name)),
            ],
        )
