from odoo import models


class AftersalesReturn(models.Model):
    """Each return names cause, department and person (R53)."""

    _inherit = "aftersales.return"

    def _ensure_settled(self):
        result = super()._ensure_settled()
        for rma in self:
            # Whether the company wants it, for everybody.
            if not rma.company_id.sudo().aftersales_return_cause_required:
                continue
            for line in rma.line_ids:
                if missing := line._get_missing_cause():
                    rma._refuse(
                        self.env._(
                            "Before it is closed, fill in for %(product)s: %(missing)s",
                            product=line.product_id.display_name,
                            missing=", ".join(missing),
                        )
                    )
        return result
