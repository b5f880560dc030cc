from odoo import api, fields, models

NAMES = (
    "technical_lead_id",
    "production_lead_id",
    "feedback_days",
    "summary_reader_ids",
)
INSIDE = "[('share', '=', False), ('company_ids', 'in', company_id)]"


class AftersalesSetup(models.Model):
    """Reviewers and readers, on the page of the managers (R88, R96)."""

    _inherit = "aftersales.setup"

    technical_lead_id = fields.Many2one(
        comodel_name="res.users",
        string="Head of the Technical Department",
        compute="_compute_feedback",
        inverse="_inverse_feedback",
        domain=INSIDE,
        help="Reviews listed jobs before anybody is sent.",
    )
    production_lead_id = fields.Many2one(
        comodel_name="res.users",
        string="Head of Production",
        compute="_compute_feedback",
        inverse="_inverse_feedback",
        domain=INSIDE,
        help="Reviews listed jobs before anybody is sent.",
    )
    feedback_days = fields.Integer(
        string="Product Feedback Answered Within (Days)",
        compute="_compute_feedback",
        inverse="_inverse_feedback",
        help="Days until the owner of a product issue has an answer.",
    )
    summary_reader_ids = fields.Many2many(
        comodel_name="res.users",
        string="Readers of the Weekly Summary",
        compute="_compute_feedback",
        inverse="_inverse_feedback",
        domain=INSIDE,
        help="Nobody named: the quality lead, the general manager and the supervisor.",
    )

    @api.depends(*(f"company_id.aftersales_{name}" for name in NAMES))
    def _compute_feedback(self):
        for setup in self:
            for name in NAMES:
                setup[name] = setup.company_id[f"aftersales_{name}"]

    def _inverse_feedback(self):
        for setup in self:
            # Managers name these people, they decide on nothing else of the company.
            setup.company_id.sudo().write(
                {f"aftersales_{name}": setup[name] for name in NAMES}
            )
