from odoo import models


class StockMove(models.Model):
    """Moves that an order made, taken from the van instead of the warehouse."""

    _inherit = "stock.move"

    def _aftersales_take_from(self, place, picking):
        """Let waiting moves take their goods from another place.

        :param place: location, the technician's van or his depot
        :param picking: transfer of the visit they belong to now
        """
        left = self.picking_id - picking
        self._do_unreserve()
        self.write(
            {
                "location_id": place.id,
                "location_dest_id": picking.location_dest_id.id,
                "picking_id": picking.id,
                "picking_type_id": picking.picking_type_id.id,
                "procure_method": "make_to_stock",
            }
        )
        left.filtered(lambda former: not former.move_ids).unlink()
