from odoo import fields, models


class AftersalesContractCancel(models.TransientModel):
    """Asks why contracts are cancelled."""

    _name = "aftersales.contract.cancel"
    _description = "Cancel a Service Contract"

    contract_ids = fields.Many2many(
        comodel_name="aftersales.contract",
        string="Contracts",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    reason = fields.Char(required=True)

    def action_apply(self):
        """Cancel the contracts with this reason.

        :raise UserError: as the cancellation itself
        """
        self.ensure_one()
        self.contract_ids.action_cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}
