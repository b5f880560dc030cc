from odoo import models
from odoo.exceptions import UserError

from .aftersales_return_line import CUSTOMER_GOODS


class StockMove(models.Model):
    """Goods of customers leave repaired, paid where due, and signed for (R28, R51)."""

    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        self._aftersales_ensure_hand_back()
        return super()._action_done(cancel_backorder=cancel_backorder)

    def _aftersales_ensure_hand_back(self):
        """Refuse to let customers' goods go without their hand-back.

        :raise UserError: naming the goods and the way out
        """
        # Booked as another remedy they leave on paper alone.
        if self._aftersales_is_by_remedy():
            return
        leaving = self.filtered(
            lambda move: move.picked
            and move.location_dest_id.usage == "customer"
            and move.location_id.aftersales_is_custody
        )
        if not leaving:
            return
        if stray := leaving.filtered(
            lambda move: move.aftersales_return_line_id.remedy not in CUSTOMER_GOODS
        ):
            raise UserError(
                self.env._(
                    "Goods of customers leave by the hand-back of their return alone; "
                    "open the return and press Hand Back: %s",
                    ", ".join(stray.mapped("product_id.display_name")),
                )
            )
        for picking in leaving.picking_id:
            picking._aftersales_ensure_signed()
            # What is owed and repaired is known to the return, not to the warehouse.
            rma_sudo = picking.aftersales_return_id.sudo()
            rma_sudo._ensure_can_leave(picking._aftersales_get_items())
