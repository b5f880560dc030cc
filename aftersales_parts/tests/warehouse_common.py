from odoo import Command

from .common import PartsCommon


class WarehouseCommon(PartsCommon):
    """The desk asks for goods, the warehouse receives and inspects them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._stock(cls, cls.oil, 1000)
        cls.quarantine = cls.warehouse.aftersales_quarantine_id

    def _authorised(self, *lines, **values):
        rma = self._rma(*lines, **values)
        rma.with_user(self.supervisor).action_authorise()
        return rma

    def _receive(self, picking, quantities=None, user=None):
        """Validate a receipt as the warehouse does.

        :param quantities: ``{product: quantity}`` that came, all when None
        """
        picking = picking.with_user(user or self.warehouse_user)
        for move in picking.move_ids:
            if quantities is not None:
                move.quantity = quantities.get(move.product_id, 0)
            move.picked = bool(move.quantity)
        picking.with_context(skip_backorder=True).button_validate()
        return picking

    def _find(self, line, finding, quantity=None, user=None, **values):
        """Note a finding as the warehouse does, in its own words."""
        row = {
            "line_id": line.id,
            "finding": finding,
            "quantity": quantity or line.quantity_received,
            **values,
        }
        rows = self.env["aftersales.return.inspection"]
        return rows.with_user(user or self.warehouse_user).create(row)

    def _on_stock(self, product, location=None):
        location = location or self.stock
        return sum(
            self.env["stock.quant"]
            .search(
                [
                    ("product_id", "=", product.id),
                    ("location_id", "child_of", location.id),
                ]
            )
            .mapped("quantity")
        )

    def _free(self, product):
        product.invalidate_recordset()
        return product.with_context(warehouse_id=self.warehouse.id).free_qty

    def _sold_lots(self, *names, **kwargs):
        lots = self._lots(*names)
        order = self._sold(self.harvester, len(names), lots=lots, **kwargs)
        return lots, order

    def _one_line_each(self, move, lots, **values):
        return [(move, 1, {"lot_id": lot.id, **values}) for lot in lots]

    def _product(self, name, **values):
        return self.env["product.product"].create(
            {
                "name": name,
                "type": "consu",
                "is_storable": True,
                "invoice_policy": "delivery",
                "list_price": 10.0,
                **values,
            }
        )

    def _order_of(self, products):
        """Sell, deliver and invoice one of each."""
        order = self.env["sale.order"].create(
            {
                "partner_id": self.farmer.id,
                "order_line": [
                    Command.create({"product_id": product.id, "product_uom_qty": 2})
                    for product in products
                ],
            }
        )
        order.action_confirm()
        self._deliver(order)
        self._invoice(order)
        return order
