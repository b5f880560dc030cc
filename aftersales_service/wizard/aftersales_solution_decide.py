from odoo import fields, models


class AftersalesSolutionDecide(models.TransientModel):
    """Asks for the reason that a decision on a solution needs."""

    _name = "aftersales.solution.decide"
    _description = "Decide on a Solution"

    solution_ids = fields.Many2many(
        comodel_name="aftersales.solution",
        string="Solutions",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    step = fields.Selection(
        selection=[("send_back", "Send Back"), ("retire", "Retire")],
        required=True,
        readonly=True,
    )
    reason = fields.Text(required=True)

    def action_apply(self):
        """Take the step with its reason.

        :raise UserError: as the step itself
        """
        self.ensure_one()
        if self.step == "send_back":
            self.solution_ids.action_send_back(self.reason)
        else:
            self.solution_ids.action_retire(self.reason)
        return {"type": "ir.actions.act_window_close"}
