from odoo import api, models

SEQUENCES = (
    ("aftersales.return", "Return", "RMA"),
    ("aftersales.part.request", "Part Request", "PR"),
    ("aftersales.loan", "Loan", "LN"),
    ("aftersales.parcel", "Parcel on Hold", "HOLD"),
    ("aftersales.parts.plan", "Parts Plan", "PP"),
    ("aftersales.delivery.day", "Orders of a Day", "OD"),
)


class ResCompany(models.Model):
    _inherit = "res.company"

    @api.model
    def _aftersales_get_sequences(self):
        return (*super()._aftersales_get_sequences(), *SEQUENCES)
