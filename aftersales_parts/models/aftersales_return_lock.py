from odoo import models
from odoo.tools import SQL

# What each row takes from a delivered quantity. Rows are read twice: as this
# transaction sees them, and as they are committed now.
ROWS = """
    SELECT 'line' AS kind, line.id, line.move_id, line.lot_id, line.write_date,
           CASE WHEN line.state IN ('authorised', 'received', 'inspected')
                THEN GREATEST(line.quantity - COALESCE(line.quantity_received, 0), 0)
                ELSE 0 END AS quantity
      FROM aftersales_return_line line
     WHERE line.move_id IN %(ids)s
 UNION ALL
    SELECT 'move', back.id, back.origin_returned_move_id, NULL, back.write_date,
           CASE WHEN back.state IN ('done', 'cancel')
                     OR back.aftersales_return_line_id IS NOT NULL
                     OR source.usage != 'customer' OR target.usage = 'customer'
                THEN 0 ELSE back.product_qty END
      FROM stock_move back
      JOIN stock_location source ON source.id = back.location_id
      JOIN stock_location target ON target.id = back.location_dest_id
     WHERE back.origin_returned_move_id IN %(ids)s
 UNION ALL
    SELECT 'back', item.id, back.origin_returned_move_id, item.lot_id, item.write_date,
           CASE WHEN item.state = 'done' AND source.usage = 'customer'
                     AND target.usage != 'customer'
                THEN item.quantity_product_uom ELSE 0 END
      FROM stock_move back
      JOIN stock_move_line item ON item.move_id = back.id
      JOIN stock_location source ON source.id = back.location_id
      JOIN stock_location target ON target.id = back.location_dest_id
     WHERE back.origin_returned_move_id IN %(ids)s
 UNION ALL
    SELECT 'again', item.id, back.origin_returned_move_id, item.lot_id, item.write_date,
           CASE WHEN item.state = 'done' AND target.usage = 'customer'
                THEN -item.quantity_product_uom ELSE 0 END
      FROM stock_move back
      JOIN stock_move again ON again.origin_returned_move_id = back.id
      JOIN stock_move_line item ON item.move_id = again.id
      JOIN stock_location target ON target.id = again.location_dest_id
     WHERE back.origin_returned_move_id IN %(ids)s
"""


class AftersalesReturnLine(models.Model):
    """What was taken of a delivery, under its lock (design: principle 4)."""

    _inherit = "aftersales.return.line"

    def _lock_deliveries(self, moves):
        """Wait until nobody else counts on these deliveries, and keep others waiting.

        :param moves: done deliveries
        """
        # Not lock_for_update, which refuses instead of waiting; in the order of their
        # ids, so that two never wait for each other.
        self.env.cr.execute(
            SQL(
                "SELECT id FROM stock_move WHERE id IN %s ORDER BY id FOR NO KEY UPDATE",
                tuple(moves.ids),
            )
        )

    def _read_taken(self, moves, fresh=False):
        """Return ``{(kind, id): row}`` of what was taken of deliveries.

        :param moves: done deliveries
        :param bool fresh: also what others have committed since this transaction
            began: they did before the lock was ours
        """
        self.env.flush_all()
        query = SQL(ROWS, ids=tuple(moves.ids))
        rows = {tuple(row[:2]): row[2:] for row in self.env.execute_query(query)}
        if fresh:
            with self.env.registry.cursor() as cr:
                cr.execute(query)
                for row in cr.fetchall():
                    known = rows.get(row[:2])
                    # Who wrote a row later knows better: this transaction, or another.
                    if not known or known[2] < row[4]:
                        rows[row[:2]] = row[2:]
        return rows
