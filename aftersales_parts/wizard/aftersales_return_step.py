from odoo import fields, models


class AftersalesReturnStep(models.TransientModel):
    """Asks for the reason that a step of a return needs."""

    _name = "aftersales.return.step"
    _description = "Step of a Return"

    return_ids = fields.Many2many(
        comodel_name="aftersales.return",
        string="Returns",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    step = fields.Selection(
        selection=[("refuse", "Refuse"), ("cancel", "Cancel")],
        required=True,
        readonly=True,
    )
    reason = fields.Char(required=True)

    def action_apply(self):
        """Take the step with its reason.

        :raise UserError: as the step itself
        """
        self.ensure_one()
        if self.step == "refuse":
            self.return_ids.action_refuse(self.reason)
        else:
            self.return_ids.action_cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}
