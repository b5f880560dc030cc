from odoo import models


class HrEmployee(models.Model):
    """Complaints an employee answers for: read by human resources alone."""

    _name = "hr.employee"
    _inherit = ["hr.employee", "aftersales.complained.mixin"]

    _complaint_field = "responsible_id"

    def _aftersales_find_complaints(self):
        # See the public face: empty for others, not hidden.
        if not self.env.user.has_group("hr.group_hr_user"):
            return {}
        return super()._aftersales_find_complaints()
