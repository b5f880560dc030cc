from odoo import api, models
from odoo.exceptions import UserError


class ReportAftersalesCertificatePicking(models.AbstractModel):
    """Warranty certificates of all units of deliveries (R20)."""

    _name = "report.aftersales_service.report_aftersales_certificate_picking"
    _description = "Warranty Certificates of a Delivery"

    @api.model
    def _get_report_values(self, docids, data=None):
        """Return the units that left with the transfers and have a warranty.

        :raise UserError: when there is none
        """
        pickings = self.env["stock.picking"].browse(docids)
        pickings.check_access("read")
        units = self.env["aftersales.equipment"].search(
            [("move_id", "in", pickings.move_ids.ids)], order="id"
        )
        units = units.filtered(
            lambda unit: unit.state == "active" and unit._is_certified()
        )
        if not units:
            raise UserError(
                self.env._(
                    "No unit with a warranty left with: %s",
                    ", ".join(pickings.mapped("name")),
                )
            )
        return {
            "doc_ids": docids,
            "doc_model": pickings._name,
            "docs": units,
            "o": pickings if len(pickings) == 1 else None,
        }
