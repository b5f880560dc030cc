from odoo import models
from odoo.tools import SQL

from ..tools.taken import Taken

# What each row takes from a delivered quantity, in the unit of measure of the product.
# A delivery and all that came of it – returned, given back, returned again – are one
# tree: its root is the delivery that began it.
ROWS = """
      WITH RECURSIVE tree AS (
               SELECT id, id AS root_id FROM stock_move WHERE id IN %(ids)s
            UNION ALL
               SELECT move.id, tree.root_id
                 FROM stock_move move
                 JOIN tree ON tree.id = move.origin_returned_move_id
           ),
           leg AS (
               SELECT move.id, tree.root_id, move.state, move.write_date,
                      move.product_qty, move.aftersales_return_line_id AS line_id,
                      (target.usage = 'customer')::int
                      - (source.usage = 'customer')::int AS way
                 FROM tree
                 JOIN stock_move move ON move.id = tree.id
                 JOIN stock_location source ON source.id = move.location_id
                 JOIN stock_location target ON target.id = move.location_dest_id
                WHERE tree.id != tree.root_id
           )
    SELECT 'line', line.id, tree.root_id, line.lot_id, line.write_date,
           CASE WHEN line.state IN ('authorised', 'received', 'inspected')
                THEN GREATEST(line.quantity - COALESCE(line.quantity_received, 0), 0)
                ELSE 0 END,
           NULL
      FROM tree
      JOIN aftersales_return_line line ON line.move_id = tree.id
 UNION ALL
    SELECT 'move', leg.id, leg.root_id, NULL, leg.write_date,
           CASE WHEN leg.way = -1 AND leg.line_id IS NULL
                     AND leg.state NOT IN ('done', 'cancel')
                THEN leg.product_qty ELSE 0 END,
           leg.id
      FROM leg
 UNION ALL
    SELECT 'item', item.id, leg.root_id, item.lot_id, item.write_date,
           CASE WHEN item.state = 'done' THEN -leg.way * item.quantity_product_uom
                ELSE 0 END,
           leg.id
      FROM leg
      JOIN stock_move_line item ON item.move_id = leg.id
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
        """Return what was taken of deliveries, by kind and id.

        :param moves: done deliveries that nothing came before
        :param bool fresh: also what others have committed since this transaction
            began: they did before the lock was ours
        :return: dict ``{(kind, id): Taken}``
        """
        for model in ("aftersales.return.line", "stock.move", "stock.move.line"):
            self.env[model].flush_model()
        query = SQL(ROWS, ids=tuple(moves.ids))
        rows = {row[:2]: Taken(*row) for row in self.env.execute_query(query)}
        # While the add-on is being installed, nobody else sees its tables.
        if fresh and self.env.registry.ready:
            with self.env.registry.cursor() as cr:
                cr.execute(query)
                for row in map(Taken._make, cr.fetchall()):
                    known = rows.get(row[:2])
                    # Who wrote a row later knows better: this transaction, or another.
                    if not known or known.write_date < row.write_date:
                        rows[row[:2]] = row
        return rows
