from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _aftersales_is_at_desk(self, company):
        """Tell whether a user works in after-sales of a company now."""
        self.ensure_one()
        return (
            self.active
            and not self.share
            and company in self.company_ids
            and self.has_group("aftersales_service.aftersales_service_group_technician")
        )
