from odoo import api, fields, models
from odoo.exceptions import UserError


class StockPicking(models.Model):
    """A transfer that hands goods back: who signed, or which parcel it is (R28)."""

    _inherit = "stock.picking"

    aftersales_is_hand_back = fields.Boolean(
        string="Hands Goods Back",
        readonly=True,
        copy=False,
        help="Brings a customer his own goods: signed for, or shipped as a parcel.",
    )
    aftersales_signed_by = fields.Char(
        string="Received by", copy=False, help="Who signed for the goods."
    )
    aftersales_tracking_ref = fields.Char(
        string="Parcel Number",
        copy=False,
        help="Carrier and number of the parcel, when nobody signs at the counter.",
    )
    aftersales_money_notice = fields.Char(
        string="To Be Paid First", compute="_compute_aftersales_money_notice"
    )

    @api.depends("aftersales_is_hand_back", "state")
    def _compute_aftersales_money_notice(self):
        for picking in self:
            picking.aftersales_money_notice = False
            if picking.aftersales_is_hand_back and picking.state not in (
                "done",
                "cancel",
            ):
                # What is owed is said to whoever hands it back, no more of the order.
                rma_sudo = picking.aftersales_return_id.sudo()
                items_sudo = picking._aftersales_get_items()
                picking.aftersales_money_notice = rma_sudo._say_unpaid(items_sudo)

    def _aftersales_get_items(self):
        """Return, as superuser, the items that a transfer hands back."""
        self.ensure_one()
        # Items follow the transfer, which the user works on.
        items_sudo = self.sudo().move_ids.aftersales_return_line_id.custody_ids
        lots = self.move_ids.move_line_ids.lot_id
        return items_sudo.filtered(
            lambda item: not item.date_out and (not item.lot_id or item.lot_id in lots)
        )

    def _aftersales_ensure_signed(self):
        """Refuse to let goods go that nobody signed for and no carrier took (R28).

        :raise UserError: naming the transfer and the way out
        """
        for picking in self:
            signed = picking.signature and (picking.aftersales_signed_by or "").strip()
            if signed or (picking.aftersales_tracking_ref or "").strip():
                continue
            raise UserError(
                self.env._(
                    "%s: nobody signed for these goods. Let the customer sign with "
                    "Hand Back and note his name, or note the parcel's number.",
                    picking.name,
                )
            )
