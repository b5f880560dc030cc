from odoo import api, models


class ReportAftersalesCertificate(models.AbstractModel):
    """Warranty certificates of units (R20)."""

    _name = "report.aftersales_service.report_aftersales_certificate"
    _description = "Warranty Certificate"

    @api.model
    def _get_report_values(self, docids, data=None):
        """Return the units to certify.

        :raise AccessError: when the user may not read one of them
        :raise UserError: naming the units that have no warranty
        """
        units = self.env["aftersales.equipment"].browse(docids)
        # The address of a report takes any number; the paper itself reads as system.
        units.check_access("read")
        units._ensure_certified()
        return {
            "doc_ids": docids,
            "doc_model": units._name,
            "docs": units,
            # One document, so that many certificates print on every wkhtmltopdf.
            "o": units if len(units) == 1 else None,
        }
