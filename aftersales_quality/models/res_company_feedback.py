from odoo import fields, models


class ResCompany(models.Model):
    """Who reviews jobs, and who reads the weekly summary (R88, R96)."""

    _inherit = "res.company"

    aftersales_technical_lead_id = fields.Many2one(
        comodel_name="res.users",
        string="Head of the Technical Department",
        help="Reviews listed jobs before anybody is sent.",
    )
    aftersales_production_lead_id = fields.Many2one(
        comodel_name="res.users",
        string="Head of Production",
        help="Reviews listed jobs before anybody is sent.",
    )
    aftersales_feedback_days = fields.Integer(
        string="Product Feedback Answered Within (Days)",
        default=7,
        help="Days until the owner of a product issue has an answer.",
    )
    aftersales_summary_reader_ids = fields.Many2many(
        comodel_name="res.users",
        relation="res_company_aftersales_summary_reader_rel",
        string="Readers of the Weekly Summary",
        help="Nobody named: the quality lead, the general manager and the supervisor.",
    )
    aftersales_summary_week = fields.Date(
        string="Weekly Summary Sent until",
        help="Monday of the week that was summed up last.",
    )

    _aftersales_feedback_days_sane = models.Constraint(
        "CHECK (COALESCE(aftersales_feedback_days, 0) BETWEEN 0 AND 365)",
        "Product feedback is answered within 0 to 365 days.",
    )
