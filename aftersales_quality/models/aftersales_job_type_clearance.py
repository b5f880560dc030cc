from odoo import fields, models


class AftersalesJobType(models.Model):
    """Jobs that other departments clear before anybody is sent (R68, R88)."""

    _inherit = "aftersales.job.type"

    mission_approval = fields.Boolean(
        string="Approved before Leaving",
        help="Nobody sets out before the quality lead and the general manager have "
        "approved the visit.",
    )
    technical_review = fields.Boolean(
        help="Nobody is sent before quality, sales, the technical department and "
        "production have reviewed the job and the solution is written into it.",
    )
