from odoo import fields, models


class AftersalesErasureLine(models.Model):
    _inherit = "aftersales.erasure.line"

    verdict = fields.Selection(
        selection_add=[("open_complaint", "Complaint Open")],
        ondelete={"open_complaint": "cascade"},
    )

    def _get_reason(self):
        self.ensure_one()
        if self.verdict != "open_complaint":
            return super()._get_reason()
        return self.env._(
            "The complaint is not settled yet; kept %s years after its end.",
            self.company_id.aftersales_retention_years,
        )
