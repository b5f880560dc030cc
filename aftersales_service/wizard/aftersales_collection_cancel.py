from odoo import fields, models


class AftersalesCollectionCancel(models.TransientModel):
    """Asks why collected money is cancelled (R26)."""

    _name = "aftersales.collection.cancel"
    _description = "Cancel Collected Money"

    collection_id = fields.Many2one(
        comodel_name="aftersales.collection", required=True, readonly=True
    )
    reason = fields.Char(required=True)

    def action_apply(self):
        """Cancel it.

        :raise UserError: as the collection itself
        """
        self.ensure_one()
        self.collection_id.action_cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}
