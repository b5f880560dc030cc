from odoo import api, fields, models

SEQUENCES = (
    ("aftersales.complaint", "Complaint", "CP"),
    ("aftersales.nonconformity", "Nonconformity", "NC"),
    ("aftersales.containment", "Containment", "CT"),
    ("aftersales.action", "Improvement Action", "ACT"),
    ("aftersales.meeting", "Joint Meeting", "MT"),
    ("aftersales.supplier.claim", "Supplier Claim", "CLM"),
    ("aftersales.sanction", "Sanction or Reward", "SR"),
    ("aftersales.product.feedback", "Product Feedback", "PF"),
    ("aftersales.opinion", "Suggestion or Consultation", "OP"),
    ("aftersales.audit", "Spot Check", "AU"),
)


class ResCompany(models.Model):
    _inherit = "res.company"

    aftersales_quality_lead_id = fields.Many2one(
        comodel_name="res.users",
        string="Quality Lead",
        help="First to approve what a complaint costs; told of grave nonconformities.",
    )
    aftersales_performance_officer_id = fields.Many2one(
        comodel_name="res.users",
        string="Performance Officer",
        help="Second to approve complaints; approves sanctions and month sheets.",
    )
    aftersales_vice_president_id = fields.Many2one(
        comodel_name="res.users",
        string="Vice-President",
        help="Told first of severe complaints, and at once of those from press or "
        "authorities.",
    )

    @api.model
    def _aftersales_get_sequences(self):
        return (*super()._aftersales_get_sequences(), *SEQUENCES)
