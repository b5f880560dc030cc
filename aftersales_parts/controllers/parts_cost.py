import tempfile
from datetime import datetime

from werkzeug.exceptions import Forbidden, NotFound
from werkzeug.wsgi import wrap_file

from odoo import http
from odoo.exceptions import AccessError
from odoo.http import content_disposition, request

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class PartsCost(http.Controller):
    @http.route(
        "/aftersales/parts_cost/<int:company_id>/<string:month>",
        type="http",
        auth="user",
    )
    def parts_cost(self, company_id, month):
        """Send the cost of parts of a month as a workbook, from disk in pieces.

        :param str month: as 2026-10
        :raise Forbidden: for others than finance and managers
        :raise NotFound: for what is no month
        """
        try:
            first = datetime.strptime(month, "%Y-%m").date()
        except ValueError as error:
            raise NotFound from error
        company = request.env["res.company"].browse(company_id)
        # Gone as soon as it is closed, also when the reader breaks off.
        target = tempfile.TemporaryFile(suffix=".xlsx")
        try:
            request.env["aftersales.cost.workbook"]._write_month(target, company, first)
        except AccessError as error:
            target.close()
            raise Forbidden(str(error)) from error
        except Exception:
            target.close()
            raise
        size = target.tell()
        target.seek(0)
        name = request.env._("Parts cost %s", month) + ".xlsx"
        response = request.make_response(
            wrap_file(request.httprequest.environ, target),
            headers=[
                ("Content-Type", XLSX),
                ("Content-Length", size),
                ("Content-Disposition", content_disposition(name)),
            ],
        )
        response.direct_passthrough = True
        response.call_on_close(target.close)
        return response
