from odoo import fields, models


class AftersalesComplaint(models.Model):
    """The month of whose sheets a complaint counts in (R65)."""

    _inherit = "aftersales.complaint"

    validation_date = fields.Datetime(
        string="Found Valid on", readonly=True, copy=False
    )

    _responsible_idx = models.Index(
        "(responsible_id, validation_date) WHERE valid AND responsible_id IS NOT NULL"
    )

    def write(self, vals):
        """Keep when the complaint was found valid."""
        if vals.get("valid") and self._is_by_method():
            vals = {"validation_date": fields.Datetime.now(), **vals}
        return super().write(vals)
