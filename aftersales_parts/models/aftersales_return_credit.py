from odoo import models
from odoo.tools import SQL

from ..tools.credit import Item

# All lines of invoices and credit notes of the same goods. Rows are read twice: as this
# transaction sees them, and as they are committed now.
ROWS = """
    SELECT item.id, rel.order_line_id, GREATEST(item.write_date, move.write_date),
           item.move_id, move.state, move.move_type, item.quantity,
           item.product_uom_id, move.reversed_entry_id, move.invoice_date,
           item.aftersales_return_line_id
      FROM account_move_line item
      JOIN account_move move ON move.id = item.move_id
 LEFT JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = item.id
     WHERE move.move_type IN ('out_invoice', 'out_refund')
       AND item.display_type = 'product'
       AND item.id IN (
               SELECT invoice_line_id FROM sale_order_line_invoice_rel
                WHERE order_line_id IN %(sale_lines)s
            UNION
               SELECT id FROM account_move_line WHERE id IN %(invoice_lines)s
            UNION
               SELECT back.id
                 FROM account_move_line origin
                 JOIN account_move refund ON refund.reversed_entry_id = origin.move_id
                 JOIN account_move_line back
                      ON back.move_id = refund.id AND back.product_id = origin.product_id
                WHERE origin.id IN %(invoice_lines)s
            UNION
               SELECT id FROM account_move_line
                WHERE aftersales_return_line_id IN %(lines)s
           )
"""


class AftersalesReturnLine(models.Model):
    """What was invoiced and credited of the goods, under its lock (design: principle 4)."""

    _inherit = "aftersales.return.line"

    def _get_books_key(self):
        """Return whose invoices the line is credited from; None without any.

        Its order line with all invoices of it; or the one invoice line that the desk
        named, for goods that were sold without an order.
        """
        self.ensure_one()
        if self.sale_line_id:
            # Of a kit, the components are not what was invoiced.
            same = self.sale_line_id.sudo().product_id == self.product_id
            return ("sale", self.sale_line_id.id) if same else None
        if self.invoice_line_id:
            return ("invoice", self.invoice_line_id.id)
        return None

    def _lock_books(self):
        """Wait until nobody else credits these goods, and keep others waiting."""
        # Not lock_for_update, which refuses instead of waiting; in the order of their
        # ids, so that two never wait for each other.
        self.env.cr.execute(
            SQL(
                "SELECT id FROM aftersales_return_line WHERE id IN %s "
                "ORDER BY id FOR NO KEY UPDATE",
                tuple(self.ids),
            )
        )
        self.env.cr.execute(
            SQL(
                "SELECT id FROM account_move_line WHERE id IN "
                "(SELECT invoice_line_id FROM sale_order_line_invoice_rel"
                " WHERE order_line_id IN %s UNION SELECT id FROM account_move_line"
                " WHERE id IN %s) ORDER BY id FOR NO KEY UPDATE",
                tuple(self.sale_line_id.ids) or (0,),
                tuple(self.invoice_line_id.ids) or (0,),
            )
        )

    def _read_items(self):
        """Return ``{key of the books: [Item]}`` and ``{line id: [Item]}``.

        Also what others have committed since this transaction began: they did before
        the lock was ours.
        """
        self.env.flush_all()
        query = SQL(
            ROWS,
            sale_lines=tuple(self.sale_line_id.ids) or (0,),
            invoice_lines=tuple(self.invoice_line_id.ids) or (0,),
            lines=tuple(self.ids) or (0,),
        )
        rows = {row[:2]: row[2:] for row in self.env.execute_query(query)}
        # While the add-on is being installed, nobody else sees its tables.
        if self.env.registry.ready:
            with self.env.registry.cursor() as cr:
                cr.execute(query)
                for row in cr.fetchall():
                    known = rows.get(row[:2])
                    # Who wrote a row later knows better: this transaction, or another.
                    if not known or (known[0] and row[2] and known[0] < row[2]):
                        rows[row[:2]] = row[2:]
        return self._sort_items(rows)

    def _sort_items(self, rows):
        """Sort rows by the books they belong to, and by the line they credit."""
        by_books, by_line = {}, {}
        units, invoices, own = self._get_books_units()
        Uom = self.env["uom.uom"].sudo()  # the names of units are for everybody
        for (item_id, sale_line_id), row in rows.items():
            _date, move, state, kind, quantity, uom_id, reverses, day, line_id = row
            key = ("sale", sale_line_id)
            if key not in units:
                key = ("invoice", item_id)
            if key not in units:
                key = ("invoice", invoices.get(reverses))
            unit = units.get(key) or own.get(line_id)
            if not unit:
                continue
            uom, quantity = Uom.browse(uom_id), float(quantity or 0.0)
            if uom and uom != unit:
                quantity = uom._compute_quantity(
                    quantity, unit, rounding_method="HALF-UP"
                )
            item = Item(item_id, move, state, kind, quantity, reverses, day)
            if key in units:
                by_books.setdefault(key, []).append(item)
            if line_id in own:
                by_line.setdefault(line_id, []).append(item)
        return by_books, by_line

    def _get_books_units(self):
        """Return the units of measure by books, named invoices, and units by line."""
        units, invoices = {}, {}
        own = {line.id: line.product_id.uom_id for line in self}
        for line in self:
            if key := line._get_books_key():
                units[key] = own[line.id]
                if key[0] == "invoice":
                    # Which document it is, for who takes the request.
                    invoices[line.invoice_line_id.sudo().move_id.id] = key[1]
        return units, invoices, own
