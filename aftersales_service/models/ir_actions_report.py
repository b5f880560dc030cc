from odoo import models
from odoo.exceptions import AccessError


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _get_rendering_context(self, report, docids, data):
        if report.report_name.startswith("aftersales_"):
            self._aftersales_ensure_reader(report, docids)
        return super()._get_rendering_context(report, docids, data)

    def _aftersales_ensure_reader(self, report, docids):
        """Let nobody print what he may not read.

        The address of a report takes any number, and our papers read as the system.
        Pages of the portal check by themselves and print as the system.

        :raise AccessError: to customers, and to whoever may not read a document
        """
        if self.env.su:
            return
        if not self.env.user._is_internal():
            raise AccessError(
                self.env._("This paper is printed from the page of its document.")
            )
        self.env[report.model].browse(docids or ()).check_access("read")
