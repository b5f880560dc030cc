from odoo import fields, models


class AftersalesDispatchStep(models.TransientModel):
    """Steps on site that need a reason: a job too hard, an absence, a correction."""

    _inherit = "aftersales.dispatch.step"

    step = fields.Selection(
        selection_add=[
            ("escalate", "Beyond My Skill"),
            ("leave", "Leave for a While"),
            ("correct", "Correct the Finished Visit"),
        ],
        ondelete={
            "escalate": "cascade",
            "leave": "cascade",
            "correct": "cascade",
        },
    )
    told = fields.Boolean(string="The customer was told")

    def action_apply(self):
        """Take the step with what was asked for.

        :raise UserError: as the step itself
        """
        self.ensure_one()
        visits = self.dispatch_ids
        if self.step == "escalate":
            visits.action_escalate(self.reason)
        elif self.step == "leave":
            visits.action_leave(self.reason, self.told)
        elif self.step == "correct":
            visits.action_correct(self.reason)
        else:
            return super().action_apply()
        return {"type": "ir.actions.act_window_close"}
