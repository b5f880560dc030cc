from odoo import models

from ..tools.credit_plan import CreditPlan


class AccountMoveLine(models.Model):
    _name = "account.move.line"
    _inherit = ["account.move.line", "aftersales.return.link.mixin"]

    def copy_data(self, default=None):
        """Copy to the credit note of a return what it credits, and nothing else."""
        plan = self.env.context.get("aftersales_credit_plan")
        if not isinstance(plan, CreditPlan):
            return super().copy_data(default)
        credited = self.filtered(lambda line: line.id in plan)
        vals_list = super(AccountMoveLine, credited).copy_data(default)
        return [
            vals
            for line, common in zip(credited, vals_list, strict=True)
            for vals in plan.apply(line.id, common)
        ]

    def write(self, vals):
        result = super().write(vals)
        # The order bills what the draft does not credit any more.
        if "quantity" in vals or "product_uom_id" in vals:
            self._aftersales_follow_drafts()
        return result

    def unlink(self):
        # The return follows its credit notes; accounting has no right on it.
        returns_sudo = self.aftersales_return_line_id.return_id.sudo()
        result = super().unlink()
        if returns_sudo:
            returns_sudo._follow_refunds()
        return result

    def _aftersales_follow_drafts(self):
        # See unlink.
        returns_sudo = self.aftersales_return_line_id.return_id.sudo()
        if returns_sudo:
            returns_sudo._follow_refunds()
