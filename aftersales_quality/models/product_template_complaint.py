from odoo import models


class ProductTemplate(models.Model):
    """Complaints about a product, in any of its variants."""

    _name = "product.template"
    _inherit = ["product.template", "aftersales.complained.mixin"]

    _complaint_field = "product_id"

    def _aftersales_find_complaints(self):
        Complaint = self.env["aftersales.complaint"]
        if not self.ids or not Complaint.has_access("read"):
            return {}
        found = {}
        for product, ids in Complaint._read_group(
            [("product_id.product_tmpl_id", "in", self.ids)],
            ["product_id"],
            ["id:array_agg"],
        ):
            found.setdefault(product.product_tmpl_id.id, set()).update(ids)
        return found
