from odoo import models


class StockMove(models.Model):
    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        moves._aftersales_follow()
        return moves

    def _aftersales_follow(self):
        """Let the service vouchers follow goods that reached or left a customer."""
        concerned = self.filtered(
            lambda move: move.state == "done"
            and move.product_id.aftersales_voucher != "none"
        )
        outgoing = concerned.filtered(lambda move: move._aftersales_is_delivery())
        incoming = concerned.filtered(lambda move: move._aftersales_is_return())
        if not (outgoing or incoming):
            return
        # The warehouse has no right on vouchers; what is written follows the done
        # moves alone.
        Equipment = self.env["aftersales.equipment"].sudo()
        if incoming:
            Equipment._follow_returns(incoming)
        if outgoing:
            Equipment._follow_deliveries(outgoing)

    def _aftersales_correct(self):
        """Let vouchers follow done transfers whose serials or quantities changed."""
        corrected = self.filtered(
            lambda move: move.state == "done"
            and move.product_id.aftersales_voucher != "none"
        )
        Equipment = self.env["aftersales.equipment"].sudo()  # see _aftersales_follow
        if delivered := corrected.filtered(lambda move: move._aftersales_is_delivery()):
            Equipment._follow_corrections(delivered)
        if returned := corrected.filtered(lambda move: move._aftersales_is_return()):
            Equipment._follow_return_corrections(returned)

    def _aftersales_is_delivery(self):
        """Tell whether the move brings goods to a customer, dropship included."""
        self.ensure_one()
        return (
            self.location_dest_id.usage == "customer"
            and self.location_id.usage != "customer"
        )

    def _aftersales_is_return(self):
        """Tell whether the move brings goods back from a customer for good."""
        self.ensure_one()
        return (
            self.to_refund
            and self.location_id.usage == "customer"
            and self.location_dest_id.usage != "customer"
        )

    def _aftersales_first_move(self):
        """Return the move that a chain of returns and hand-backs started with."""
        self.ensure_one()
        move = self
        while move.origin_returned_move_id:
            move = move.origin_returned_move_id
        return move

    def _aftersales_lot_quantities(self):
        """Return ``{lot or no lot: quantity}`` of a done move.

        Two shelves of one lot are one quantity, in the product's unit of measure.
        Products with one voucher per delivery line count as one, whatever the lots.
        """
        self.ensure_one()
        per_lot = self.product_id.aftersales_voucher == "serial"
        no_lot = self.env["stock.lot"]
        quantities = {}
        for line in self.move_line_ids:
            lot = line.lot_id if per_lot else no_lot
            quantity = line.quantity_product_uom
            quantities[lot] = quantities.get(lot, 0.0) + quantity
        uom = self.product_id.uom_id
        return {
            lot: quantity
            for lot, quantity in quantities.items()
            if uom.compare(quantity, 0.0) > 0
        }

    def _aftersales_site(self):
        """Return the address the goods went to."""
        self.ensure_one()
        order = self.sale_line_id.order_id
        picking = self.picking_id
        if picking.picking_type_id.code == "outgoing" and picking.partner_id:
            return picking.partner_id
        # The partner of a dropshipment is the vendor.
        return order.partner_shipping_id or self.partner_id or picking.partner_id
