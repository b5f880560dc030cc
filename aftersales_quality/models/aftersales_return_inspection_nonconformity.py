from odoo import models

# Findings that say the goods fail; misuse is no fault of theirs.
FAILING = ("rework", "scrap")


class AftersalesReturnInspection(models.Model):
    """A failing finding opens a nonconformity, once (R52)."""

    _inherit = "aftersales.return.inspection"

    def _open_nonconformities(self):
        """Open one nonconformity for each failing finding, once."""
        failing = self.filtered(lambda row: row.finding in FAILING)
        if not failing:
            return
        Row = self.env["aftersales.nonconformity"]._by_method()
        known = Row.search([("return_line_id", "in", failing.line_id.ids)])
        missing = self.browse()
        for finding in failing - known.inspection_id:
            # Somebody of the desk was quicker than the inspection.
            typed = known.filtered(
                lambda row, finding=finding: not row.inspection_id
                and row.return_line_id == finding.line_id
                and row.lot_id == finding.lot_id
                and row.state != "cancelled"
            )[:1]
            if typed and typed.quantity <= finding.quantity:
                typed.inspection_id = finding
            else:
                missing |= finding
        Row.create([finding._prepare_nonconformity() for finding in missing])

    def _prepare_nonconformity(self):
        """Return the values of the nonconformity of one finding."""
        self.ensure_one()
        line = self.line_id
        return {
            "company_id": self.company_id.id,
            "inspection_id": self.id,
            "return_line_id": line.id,
            "product_id": self.product_id.id,
            "lot_id": self.lot_id.id,
            "quantity": self.quantity,
            "cause_id": line.cause_id.id,
            "found_on": self.company_id._aftersales_today(),
            "found_by_id": self.inspector_id.id,
            "description": self.note or line.note,
            "disposition": self.finding,
        }

    def _follow_nonconformities(self):
        """Let nonconformities follow what the return found after rework."""
        rows = self.env["aftersales.nonconformity"].search(
            [
                ("return_line_id", "in", self.line_id.ids),
                ("inspection_id.finding", "=", "rework"),
                ("state", "in", ("open", "decided", "inspection")),
            ]
        )
        for row in rows:
            last = self.filtered(
                lambda finding, row=row: finding.line_id == row.return_line_id
                and finding.lot_id == row.inspection_id.lot_id
            ).sorted("id")[-1:]
            if last:
                row._follow_finding(last)
