from odoo import fields, models


class AftersalesReturnStep(models.TransientModel):
    """Asks for the reason of a late repair, and of goods that go unpaid."""

    _inherit = "aftersales.return.step"

    step = fields.Selection(
        selection_add=[("late", "Not in Time"), ("release", "Hand Back Unpaid")],
        ondelete={"late": "cascade", "release": "cascade"},
    )

    def action_apply(self):
        if self.step == "late":
            self.return_ids.action_report_late(self.reason)
        elif self.step == "release":
            self.return_ids.action_release(self.reason)
        else:
            return super().action_apply()
        return {"type": "ir.actions.act_window_close"}
