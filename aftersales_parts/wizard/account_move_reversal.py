from odoo import models

from ..tools.credit_plan import CreditPlan


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    def _prepare_default_reversal(self, move):
        vals = super()._prepare_default_reversal(move)
        plan = self.env.context.get("aftersales_credit_plan")
        if isinstance(plan, CreditPlan):
            vals["aftersales_return_id"] = plan.return_id
        return vals
