from odoo import fields, models


class AftersalesTicket(models.Model):
    """Callers of whom no customer file is made (R12)."""

    _inherit = "aftersales.ticket"

    file_ok = fields.Boolean(
        string="No Customer File Needed",
        copy=False,
        help="The caller gets no file of his own: not listed among the missing ones.",
    )

    def _prepare_erased_vals(self, persons):
        """Whoever was erased is not asked for a file again."""
        return {**super()._prepare_erased_vals(persons), "file_ok": True}
