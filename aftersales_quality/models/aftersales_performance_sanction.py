from odoo import api, models
from odoo.fields import Domain

from ..tools import sanction as rule


class AftersalesPerformance(models.Model):
    """Who is on probation has no bonus (R61, R65)."""

    _inherit = "aftersales.performance"

    @api.model
    def _get_on_probation(self, span, employees):
        """Return the ids of those on probation in the month, by approved sanctions."""
        # Who is on probation is told to his own sheet only.
        sanctions_sudo = self.env["aftersales.sanction"].sudo()
        found_sudo = sanctions_sudo.search(
            Domain("employee_id", "in", employees.ids)
            & Domain("company_id", "=", span.company.id)
            & Domain("state", "=", "approved")
            & Domain("kind_id.form", "=", "probation")
            & Domain("reverses_id", "=", False)
            & Domain("reversal_ids", "=", False)
            & Domain("approve_day", "<", span.end)
        )
        ids = {
            one.employee_id.id
            for one in found_sudo
            if rule.probation_end(one.approve_day, one.kind_id.months) > span.first
        }
        return super()._get_on_probation(span, employees) | ids
