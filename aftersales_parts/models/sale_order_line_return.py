from odoo import models

from ..tools.credit import LIVING

# An object, not a word: a context sent from outside cannot contain it.
_BY_RETURN = object()
# What the salesman agreed on does not change with the quantity that is billed.
AGREED = ("price_unit", "technical_price_unit", "discount", "tax_ids")


class SaleOrderLine(models.Model):
    """Nothing that came back and is credited is offered for invoicing again (R48)."""

    _inherit = "sale.order.line"

    # ------------------------------------------------------------
    # WHAT THE CUSTOMER HAS, AND ORDERED
    # ------------------------------------------------------------

    def _aftersales_get_delivered(self):
        """Return what was delivered and not returned, in the product's unit.

        Read from the moves: a dozen less one piece is no round number of dozens.
        """
        self.ensure_one()
        if self.qty_delivered_method != "stock_move":
            return self._aftersales_in_product_unit(self.qty_delivered)
        outgoing, incoming = (
            moves.filtered(lambda move: move.state == "done")
            for moves in self._get_outgoing_incoming_moves()
        )
        return outgoing._aftersales_sum() - incoming._aftersales_sum()

    def _aftersales_get_ordered(self):
        """Return what is ordered, less what returns have taken off, in its unit."""
        self.ensure_one()
        lowered = self.env["aftersales.return.line"].search(
            [("sale_line_id", "=", self.id), ("quantity_lowered", ">", 0)]
        )
        taken = lowered.mapped("quantity_lowered")
        agreed = self.product_uom_qty + sum(map(self._aftersales_in_order_unit, taken))
        return self._aftersales_in_product_unit(agreed) - sum(taken)

    def _aftersales_in_product_unit(self, quantity):
        own, uom = self.product_uom_id, self.product_id.uom_id
        if own == uom:
            return quantity
        return own._compute_quantity(quantity, uom, rounding_method="HALF-UP")

    def _aftersales_in_order_unit(self, quantity):
        own, uom = self.product_uom_id, self.product_id.uom_id
        if own == uom:
            return quantity
        return uom._compute_quantity(quantity, own, rounding_method="HALF-UP")

    # ------------------------------------------------------------
    # WHAT IS BILLED
    # ------------------------------------------------------------

    def _aftersales_lower(self, lines):
        """Take off what is ordered what is credited, or give it back.

        :param lines: lines of returns of this order line
        """
        self.ensure_one()
        total = 0.0
        changed = {}
        for line in lines:
            lowered, wanted = line.quantity_lowered, line._get_to_lower()
            if line.product_id.uom_id.compare(wanted, lowered):
                changed[line] = wanted
                total += self._aftersales_in_order_unit(wanted)
                total -= self._aftersales_in_order_unit(lowered)
        if not changed:
            return
        quantity = self.product_uom_qty - total
        # What the customer has stays ordered; somebody else lowered it already.
        quantity = max(quantity, min(self.qty_delivered, self.product_uom_qty), 0.0)
        for line, wanted in changed.items():
            line._by_method().write({"quantity_lowered": wanted})
        if self.product_uom_id.compare(quantity, self.product_uom_qty):
            self._aftersales_write_ordered(quantity, lines)

    def _aftersales_write_ordered(self, quantity, lines):
        """Write the ordered quantity, on locked orders, too; say why in the chatter."""
        self.ensure_one()
        former = self.product_uom_qty
        agreed = [self._fields[name] for name in AGREED]
        with self.env.protecting(agreed, self):
            self.with_context(
                aftersales_by_return=_BY_RETURN, skip_procurement=True
            ).write({"product_uom_qty": quantity})
        self.order_id.message_post(
            body=self.env._(
                "%(returns)s: ordered quantity of %(product)s %(former)s → %(quantity)s, "
                "so that what came back is not invoiced.",
                returns=", ".join(lines.return_id.mapped("name")),
                product=self.product_id.display_name,
                former=lines._say_quantity(former),
                quantity=lines._say_quantity(quantity),
            )
        )

    def _aftersales_is_by_return(self):
        return self.env.context.get("aftersales_by_return") is _BY_RETURN

    def _get_protected_fields(self):
        names = super()._get_protected_fields()
        if self._aftersales_is_by_return():
            names = [name for name in names if name != "product_uom_qty"]
        return names

    def _update_line_quantity(self, values):
        # Its own words are posted, and less than what was once delivered is the point.
        if self._aftersales_is_by_return():
            return None
        return super()._update_line_quantity(values)

    def _prepare_qty_invoiced(self):
        """Count credit notes in other units as the return was counted.

        Odoo rounds them up, but what was delivered half up: five pieces of a dozen
        would leave a hundredth of a dozen to invoice.
        """
        quantities = super()._prepare_qty_invoiced()
        for line in self:
            for item in line._get_invoice_lines():
                unit = item.product_uom_id
                if (
                    item.aftersales_return_line_id
                    and unit != line.product_uom_id
                    and item.parent_state in LIVING
                ):
                    quantities[line] += unit._compute_quantity(
                        item.quantity, line.product_uom_id
                    ) - unit._compute_quantity(
                        item.quantity, line.product_uom_id, rounding_method="HALF-UP"
                    )
        return quantities
