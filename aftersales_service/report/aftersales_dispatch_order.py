from odoo import api, models


class ReportAftersalesDispatchOrder(models.AbstractModel):
    """Dispatch orders on paper, in the reader's language (R22, R23)."""

    _name = "report.aftersales_service.report_aftersales_dispatch_order"
    _description = "Dispatch Order"

    @api.model
    def _get_report_values(self, docids, data=None):
        """Return the visits to print.

        :raise AccessError: when the user may not read one of them
        """
        visits = self.env["aftersales.dispatch"].browse(docids)
        # The address of a report takes any number; the paper itself reads as system.
        visits.check_access("read")
        return {"doc_ids": docids, "doc_model": visits._name, "docs": visits}
