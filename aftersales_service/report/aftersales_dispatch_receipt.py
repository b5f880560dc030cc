from odoo import api, models


class ReportAftersalesDispatchReceipt(models.AbstractModel):
    """Service receipts with the customer's signature, in his language (R25)."""

    _name = "report.aftersales_service.report_aftersales_dispatch_receipt"
    _description = "Service Receipt"

    @api.model
    def _get_report_values(self, docids, data=None):
        """Return the visits to print.

        :raise AccessError: when the user may not read one of them
        :raise UserError: naming the visits on which nobody has been yet
        """
        visits = self.env["aftersales.dispatch"].browse(docids)
        # The address of a report takes any number; the paper itself reads as system.
        visits.check_access("read")
        visits._ensure_visited()
        return {"doc_ids": docids, "doc_model": visits._name, "docs": visits}
