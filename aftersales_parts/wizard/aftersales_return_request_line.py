from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.aftersales_return_line import REMEDIES


class AftersalesReturnRequestLine(models.TransientModel):
    """One delivery, or one serial of it, that may come back."""

    _name = "aftersales.return.request.line"
    _description = "What May Come Back"
    _order = "id"

    request_id = fields.Many2one(
        comodel_name="aftersales.return.request",
        required=True,
        index=True,
        ondelete="cascade",
    )
    selected = fields.Boolean(string="Back")
    product_id = fields.Many2one(
        comodel_name="product.product", required=True, readonly=True
    )
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit of Measure")
    # What is written on the return. The names beside them are for those who may not
    # read orders, transfers or invoices.
    move_id = fields.Many2one(comodel_name="stock.move", readonly=True)
    lot_id = fields.Many2one(comodel_name="stock.lot", readonly=True)
    equipment_id = fields.Many2one(comodel_name="aftersales.equipment", readonly=True)
    invoice_line_id = fields.Many2one(comodel_name="account.move.line", readonly=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True
    )
    lot_name = fields.Char(string="Serial or Lot", readonly=True)
    order_name = fields.Char(string="Order", readonly=True)
    delivery_name = fields.Char(string="Delivery", readonly=True)
    invoice_name = fields.Char(string="Invoice", readonly=True)
    date = fields.Date(string="Delivered on", readonly=True)
    days = fields.Integer(string="Days Since", readonly=True)
    returnable_quantity = fields.Float(
        string="Returnable", digits="Product Unit", readonly=True
    )
    price_paid = fields.Monetary(readonly=True)
    currency_id = fields.Many2one(related="request_id.currency_id")
    quantity = fields.Float(digits="Product Unit")
    reason_id = fields.Many2one(
        comodel_name="aftersales.return.reason",
        compute="_compute_reason_id",
        store=True,
        readonly=False,
    )
    remedy = fields.Selection(
        selection=REMEDIES, compute="_compute_remedy", store=True, readonly=False
    )
    note = fields.Char(
        string="Fault", compute="_compute_note", store=True, readonly=False
    )

    @api.depends("request_id.reason_id")
    def _compute_reason_id(self):
        for line in self:
            line.reason_id = line.request_id.reason_id or line.reason_id

    @api.depends("request_id.remedy", "reason_id")
    def _compute_remedy(self):
        for line in self:
            own = line.reason_id != line.request_id.reason_id
            line.remedy = (
                (own and line.reason_id.remedy)
                or line.request_id.remedy
                or line.reason_id.remedy
                or line.remedy
            )

    @api.depends("request_id.note")
    def _compute_note(self):
        for line in self:
            line.note = line.request_id.note or line.note

    def _ensure_offered(self, row):
        """Refuse what may not come back, or not so much of it.

        :param dict row: what may come back now, None when nothing
        :raise UserError: naming the product and what may come back
        """
        self.ensure_one()
        name = " ".join(
            part for part in (self.product_id.display_name, self.lot_name) if part
        )
        if not row:
            raise UserError(
                self.env._(
                    "%s does not belong to the document the form was opened from, or "
                    "was returned in the meantime.",
                    name,
                )
            )
        uom = self.product_id.uom_id
        if uom.compare(self.quantity, 0.0) <= 0:
            raise UserError(self.env._("Say how much of %s comes back.", name))
        if uom.compare(self.quantity, row["returnable_quantity"]) > 0:
            raise UserError(
                self.env._(
                    "%(product)s: %(wanted)s are to come back, but only %(left)s can.",
                    product=name,
                    wanted=f"{self.quantity:g}",
                    left=f"{row['returnable_quantity']:g}",
                )
            )
        if not self.remedy:
            raise UserError(
                self.env._("Say what the customer wishes for %s: the remedy.", name)
            )

    def _prepare_line(self, row):
        """Return the values of the line of the return (hook)."""
        self.ensure_one()
        return {
            "product_id": row["product_id"],
            "move_id": row["move_id"],
            "lot_id": row["lot_id"],
            "equipment_id": row["equipment_id"],
            "invoice_line_id": row["invoice_line_id"],
            "quantity": self.quantity,
            "reason_id": self.reason_id.id,
            "remedy": self.remedy,
            "note": self.note,
        }
