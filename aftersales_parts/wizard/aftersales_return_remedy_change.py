from odoo import fields, models

from ..models.aftersales_return_line import REMEDIES


class AftersalesReturnRemedyChange(models.TransientModel):
    """Asks which goods of a return get which other remedy."""

    _name = "aftersales.return.remedy.change"
    _description = "Change of Remedy"

    return_id = fields.Many2one(
        comodel_name="aftersales.return",
        required=True,
        default=lambda self: self.env.context.get("active_id"),
    )
    line_ids = fields.Many2many(
        comodel_name="aftersales.return.line",
        string="Goods",
        required=True,
        domain="[('return_id', '=', return_id)]",
        default=lambda self: self._get_default_lines(),
    )
    remedy = fields.Selection(selection=REMEDIES, string="New Remedy", required=True)

    def _get_default_lines(self):
        rma = self.env["aftersales.return"].browse(self.env.context.get("active_id"))
        return rma.line_ids if len(rma.line_ids) == 1 else None

    def action_apply(self):
        """Change the remedy of the chosen lines.

        :raise UserError: once the former remedy is under way
        """
        self.ensure_one()
        self.line_ids._change_remedy(self.remedy)
        return {"type": "ir.actions.act_window_close"}
