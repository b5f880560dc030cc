from odoo import models

PERFORMANCE = "aftersales_quality.aftersales_quality_group_performance"


class HrEmployeePublic(models.Model):
    """Complaints an employee answers for, as the performance officer reads them."""

    _name = "hr.employee.public"
    _inherit = ["hr.employee.public", "aftersales.complained.mixin"]

    _complaint_field = "responsible_id"

    def _aftersales_find_complaints(self):
        # The field is not hidden by a group: what colleagues see of each other, Odoo
        # reads for them from this model, name by name.
        if not self.env.user.has_group(PERFORMANCE):
            return {}
        return super()._aftersales_find_complaints()
