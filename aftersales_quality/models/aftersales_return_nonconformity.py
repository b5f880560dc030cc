from odoo import models


class AftersalesReturn(models.Model):
    """Each failing finding opens a nonconformity, and closes it after rework (R52)."""

    _name = "aftersales.return"
    _inherit = ["aftersales.return", "aftersales.nonconforming.mixin"]
    _nonconformity_field = "return_id"

    def _aftersales_may_nonconform(self):
        return self.state in ("received", "inspected", "done")

    def _prepare_aftersales_nonconformity(self):
        lines = self.line_ids
        return {
            "default_return_line_id": lines.id if len(lines) == 1 else False,
            "default_found_at": "return",
        }

    def _after_inspection(self):
        result = super()._after_inspection()
        # Made and followed by the findings, whoever noted them.
        rows_sudo = self.env["aftersales.return.inspection"].sudo()
        rows_sudo = rows_sudo.search(
            [("return_id", "in", self.ids), ("date", "!=", False)], order="id"
        )
        rows_sudo.filtered(lambda row: not row.after_rework)._open_nonconformities()
        if not self.env.context.get("aftersales_nonconformity"):
            rows_sudo.filtered("after_rework")._follow_nonconformities()
        return result
