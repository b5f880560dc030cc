from odoo import api, fields, models

COMPLAINTS = (
    "complaint_records",
    "complaint_years",
    "complaint_limit_handler",
    "complaint_limit_lead",
    "complaint_limit_officer",
)


class AftersalesSetup(models.Model):
    """What complaints ask for and who approves how much, on the managers' page."""

    _inherit = "aftersales.setup"

    complaint_records = fields.Boolean(
        string="Words and Proofs",
        compute="_compute_complaints",
        inverse="_inverse_complaints",
        help="Each step of a complaint asks for its words and proofs: what the customer "
        "says, liability, finding, solution, agreement, closing summary.",
    )
    complaint_years = fields.Integer(
        string="Complaints Kept",
        compute="_compute_complaints",
        inverse="_inverse_complaints",
        help="A finished complaint cannot be changed, nor deleted for so many years.",
    )
    complaint_limit_handler = fields.Monetary(
        string="Authority without Approval",
        compute="_compute_complaints",
        inverse="_inverse_complaints",
        help="Solutions up to this cost need no approval.",
    )
    complaint_limit_lead = fields.Monetary(
        string="Authority of the Quality Lead",
        compute="_compute_complaints",
        inverse="_inverse_complaints",
        help="Above it, the performance officer approves, too.",
    )
    complaint_limit_officer = fields.Monetary(
        string="Authority of the Performance Officer",
        compute="_compute_complaints",
        inverse="_inverse_complaints",
        help="Above it, the general manager approves, too.",
    )

    @api.depends(*(f"company_id.aftersales_{name}" for name in COMPLAINTS))
    def _compute_complaints(self):
        for setup in self:
            for name in COMPLAINTS:
                setup[name] = setup.company_id[f"aftersales_{name}"]

    def _inverse_complaints(self):
        for setup in self:
            # Managers decide on complaints, on nothing else of the company.
            setup.company_id.sudo().write(
                {f"aftersales_{name}": setup[name] for name in COMPLAINTS}
            )
