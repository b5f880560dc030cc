from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.aftersales_return_line import REMEDIES


class AftersalesParcelMatch(models.TransientModel):
    """Finds the return, or the delivery, that a parcel on hold belongs to (R49)."""

    _name = "aftersales.parcel.match"
    _description = "Match a Parcel"

    parcel_id = fields.Many2one(
        comodel_name="aftersales.parcel",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env.context.get("active_id"),
    )
    product_id = fields.Many2one(related="parcel_id.product_id")
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
    )
    return_line_id = fields.Many2one(
        comodel_name="aftersales.return.line",
        string="Announced on",
        domain="[('product_id', '=', product_id),"
        " ('state', 'in', ('draft', 'authorised'))]",
        help="A line of a return that is requested or authorised.",
    )
    equipment_id = fields.Many2one(
        comodel_name="aftersales.equipment",
        string="Or Unit",
        domain="[('product_id', '=', product_id), ('state', '=', 'active')]",
        help="What was sold: a return of it is requested.",
    )
    move_id = fields.Many2one(
        comodel_name="stock.move",
        string="Or Delivered with",
        domain="[('product_id', '=', product_id), ('state', '=', 'done'),"
        " ('location_dest_id.usage', '=', 'customer')]",
        help="The delivery it came from: a return of it is requested.",
    )
    remedy = fields.Selection(selection=REMEDIES, default="repair", required=True)

    @api.depends("parcel_id")
    def _compute_partner_id(self):
        for wizard in self:
            wizard.partner_id = wizard.partner_id or wizard.parcel_id.partner_id

    def action_apply(self):
        """Match the parcel; without a return, request one.

        :return: action that opens the return
        :raise UserError: when nothing was chosen, or as the match itself
        """
        self.ensure_one()
        line = self.return_line_id
        if not line:
            if not (self.equipment_id or self.move_id):
                raise UserError(
                    self.env._(
                        "Choose the return that announced the goods, or the unit or "
                        "delivery they come from."
                    )
                )
            line = self.env["aftersales.return"].create(self._prepare_return()).line_ids
        self.parcel_id.action_match(line.id)
        return {
            "type": "ir.actions.act_window",
            "res_model": "aftersales.return",
            "res_id": line.return_id.id,
            "views": [[False, "form"]],
        }

    def _prepare_return(self):
        self.ensure_one()
        parcel = self.parcel_id
        vals = {
            "company_id": parcel.company_id.id,
            "warehouse_id": parcel.warehouse_id.id,
            "line_ids": [
                Command.create(
                    {
                        "equipment_id": self.equipment_id.id,
                        "move_id": self.move_id.id or self.equipment_id.move_id.id,
                        "product_id": parcel.product_id.id,
                        "quantity": parcel.quantity,
                        "remedy": self.remedy,
                        "note": parcel.note,
                    }
                )
            ],
        }
        if self.partner_id:
            vals["partner_id"] = self.partner_id.id
        return vals
