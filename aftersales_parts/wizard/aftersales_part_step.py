from odoo import fields, models


class AftersalesPartStep(models.TransientModel):
    """Asks for the reason that a step of a part request or old part needs."""

    _name = "aftersales.part.step"
    _description = "Step of a Part"

    request_ids = fields.Many2many(
        comodel_name="aftersales.part.request", string="Part Requests", readonly=True
    )
    old_part_ids = fields.Many2many(
        comodel_name="aftersales.old.part", string="Old Parts", readonly=True
    )
    step = fields.Selection(
        selection=[("refuse", "Refuse"), ("cancel", "Cancel"), ("waive", "Waive")],
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
            self.request_ids.action_refuse(self.reason)
        elif self.step == "cancel":
            self.request_ids.action_cancel(self.reason)
        else:
            self.old_part_ids.action_waive(self.reason)
        return {"type": "ir.actions.act_window_close"}
