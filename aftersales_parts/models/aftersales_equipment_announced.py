from odoo import models
from odoo.tools import SQL


class AftersalesEquipment(models.Model):
    """Units whose delivery nobody knows: what returns have announced of them."""

    _inherit = "aftersales.equipment"

    def _lock_for_return(self):
        """Wait until nobody else counts on these units, and keep others waiting."""
        # Not lock_for_update, which refuses instead of waiting; in the order of ids.
        self.env.cr.execute(
            SQL(
                "SELECT id FROM aftersales_equipment WHERE id IN %s ORDER BY id "
                "FOR NO KEY UPDATE",
                tuple(self.ids),
            )
        )

    def _get_announced(self, cr=None, own=None):
        """Return ``{id of the unit: quantity}`` that open returns hold.

        What came to be refunded is booked on the unit; what came to be repaired is not.

        :param cr: cursor that reads what is committed, this transaction's when None
        :param own: lines that do not count
        """
        if not self.ids:
            return {}
        if cr is None:
            self.env["aftersales.return.line"].flush_model()
            cr = self.env.cr
        cr.execute(
            SQL(
                """
                SELECT equipment_id,
                       SUM(GREATEST(quantity - CASE
                           WHEN remedy IN ('repair', 'send_back')
                           THEN COALESCE(quantity_given_back, 0)
                           ELSE COALESCE(quantity_received, 0) END, 0))
                  FROM aftersales_return_line
                 WHERE equipment_id IN %s AND move_id IS NULL AND id NOT IN %s
                   AND state IN ('authorised', 'received', 'inspected')
                 GROUP BY equipment_id
                """,
                tuple(self.ids),
                (0, *(own.ids if own else ())),
            )
        )
        return {unit_id: float(quantity) for unit_id, quantity in cr.fetchall()}
