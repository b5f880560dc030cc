from odoo import fields, models
from odoo.fields import Command

from ..models.aftersales_return_inspection import FINDINGS


class AftersalesReturnInspectLine(models.TransientModel):
    """One finding on the form that notes them."""

    _name = "aftersales.return.inspect.line"
    _description = "Finding to Note"

    wizard_id = fields.Many2one(
        comodel_name="aftersales.return.inspect", required=True, ondelete="cascade"
    )
    return_line_id = fields.Many2one(
        comodel_name="aftersales.return.line",
        string="Line of the Return",
        required=True,
        ondelete="cascade",
    )
    product_id = fields.Many2one(related="return_line_id.product_id")
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit of Measure")
    fault = fields.Char(related="return_line_id.note", string="Fault")
    remedy = fields.Selection(related="return_line_id.remedy")
    lot_id = fields.Many2one(
        comodel_name="stock.lot",
        string="Serial or Lot",
        domain="[('product_id', '=', product_id)]",
    )
    quantity = fields.Float(digits="Product Unit", default=1.0, required=True)
    after_rework = fields.Boolean()
    finding = fields.Selection(
        selection=FINDINGS, help="Left empty: nobody has looked at it yet."
    )
    note = fields.Char()
    attachment_ids = fields.Many2many(
        comodel_name="ir.attachment",
        relation="aftersales_return_inspect_attachment_rel",
        string="Photos",
        bypass_search_access=True,
    )

    def _prepare_inspection(self):
        self.ensure_one()
        return {
            "line_id": self.return_line_id.id,
            "lot_id": self.lot_id.id,
            "quantity": self.quantity,
            "finding": self.finding,
            "after_rework": self.after_rework,
            "note": self.note,
            "attachment_ids": [Command.set(self.attachment_ids.ids)],
        }
