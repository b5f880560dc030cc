from odoo import fields, models


class ResCompany(models.Model):
    """What complaints ask for, who approves how much, how long they are kept."""

    _inherit = "res.company"

    aftersales_complaint_records = fields.Boolean(
        string="Complaints with words and proofs",
        help="Each step of a complaint asks for its words and proofs: what the customer "
        "says, liability, finding, solution, agreement, closing summary.",
    )
    aftersales_complaint_years = fields.Integer(
        string="Complaints kept (years)",
        default=3,
        required=True,
        help="A finished complaint cannot be changed, nor deleted for so many years.",
    )
    aftersales_complaint_limit_handler = fields.Monetary(
        string="Authority of who handles a complaint",
        default=500.0,
        help="Solutions up to this cost need no approval.",
    )
    aftersales_complaint_limit_lead = fields.Monetary(
        string="Authority of the quality lead",
        default=5000.0,
        help="Above it, the performance officer approves, too.",
    )
    aftersales_complaint_limit_officer = fields.Monetary(
        string="Authority of the performance officer",
        default=20000.0,
        help="Above it, the general manager approves, too.",
    )

    _aftersales_complaint_years_sane = models.Constraint(
        "CHECK (COALESCE(aftersales_complaint_years, 3) BETWEEN 3 AND 50)",
        "Complaints are kept for at least three years.",
    )
    _aftersales_complaint_limits_positive = models.Constraint(
        "CHECK (COALESCE(aftersales_complaint_limit_handler, 0) >= 0 "
        "AND COALESCE(aftersales_complaint_limit_lead, 0) >= 0 "
        "AND COALESCE(aftersales_complaint_limit_officer, 0) >= 0)",
        "What somebody may approve is not negative.",
    )

    def _aftersales_get_approver(self, level):
        """Return who approves on a level, as named by the managers.

        :param str level: lead, officer or manager
        """
        self.ensure_one()
        # Who decides in the company is no secret.
        company_sudo = self.sudo()
        approver_sudo = {
            "lead": company_sudo.aftersales_quality_lead_id,
            "officer": company_sudo.aftersales_performance_officer_id,
            "manager": company_sudo.aftersales_general_manager_id,
        }[level]
        return self.env["res.users"].browse(
            approver_sudo.filtered(
                lambda user: user.active
                and not user.share
                and company_sudo in user.company_ids
            ).id
        )
