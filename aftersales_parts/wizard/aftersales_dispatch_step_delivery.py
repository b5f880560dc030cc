from odoo import api, fields, models

from ..models.aftersales_delivery_failure import FAILURES


class AftersalesDispatchStep(models.TransientModel):
    """Steps of deliveries: why one failed, and when the next one is (R54)."""

    _inherit = "aftersales.dispatch.step"

    step = fields.Selection(
        selection_add=[("rebook", "Next Delivery")], ondelete={"rebook": "cascade"}
    )
    delivery_failure = fields.Selection(selection=FAILURES, string="What Kept It")
    is_delivery = fields.Boolean(compute="_compute_is_delivery")

    @api.depends("dispatch_ids.picking_id")
    def _compute_is_delivery(self):
        for wizard in self:
            wizard.is_delivery = bool(wizard.dispatch_ids.picking_id)

    @api.depends("step")
    def _compute_dates(self):
        """The next delivery has a time of its own, to be agreed."""
        next_ones = self.filtered(lambda wizard: wizard.step == "rebook")
        next_ones.date_start = False
        return super(AftersalesDispatchStep, self - next_ones)._compute_dates()

    def action_apply(self):
        """Take the step with what was asked for.

        :raise UserError: as the step itself
        """
        self.ensure_one()
        visits = self.dispatch_ids
        if self.step == "rebook":
            return visits.action_rebook(self.date_start, self.date_end)
        if self.step == "fail" and self.is_delivery:
            visits.action_fail(self.reason, self.delivery_failure)
            return {"type": "ir.actions.act_window_close"}
        return super().action_apply()
