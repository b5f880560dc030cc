from odoo import api, fields, models


class AftersalesDispatch(models.Model):
    """Visits whose report turned out to be false (R99)."""

    _inherit = "aftersales.dispatch"

    audit_ids = fields.One2many(
        comodel_name="aftersales.audit",
        inverse_name="dispatch_id",
        string="Checks",
        groups="aftersales_service.aftersales_service_group_supervisor,"
        "aftersales_quality.aftersales_quality_group_lead",
    )
    is_false_report = fields.Boolean(
        string="Report Found False", compute="_compute_is_false_report"
    )

    @api.depends("audit_ids.state", "audit_ids.is_false_report")
    def _compute_is_false_report(self):
        for dispatch in self:
            # That the report does not hold, everybody has to know who reads it.
            audits_sudo = dispatch.sudo().audit_ids
            dispatch.is_false_report = any(
                audit.state == "done" and audit.is_false_report for audit in audits_sudo
            )
