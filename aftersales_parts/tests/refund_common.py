from odoo import Command

from .common import PartsCommon


class RefundCommon(PartsCommon):
    """Goods that were paid, came back, and are credited."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._stock(cls, cls.oil, 1000)
        (cls.oil + cls.harvester + cls.header).taxes_id = [Command.clear()]
        cls.policies = {"delivery": cls.oil}
        cls.policies["order"] = cls._product("Ordered oil", invoice_policy="order")

    @classmethod
    def _product(cls, name, stock=1000, **values):
        product = cls.env["product.product"].create(
            {
                "name": name,
                "type": "consu",
                "is_storable": True,
                "invoice_policy": "delivery",
                "list_price": 1000.0,
                "taxes_id": [Command.clear()],
                **values,
            }
        )
        if stock and product.tracking == "none":
            cls.env["stock.quant"]._update_available_quantity(product, cls.stock, stock)
        return product

    @classmethod
    def _tax(cls, name, amount, **values):
        return cls.env["account.tax"].create(
            {
                "name": name,
                "amount": amount,
                "company_id": cls.company.id,
                "type_tax_use": "sale",
                **values,
            }
        )

    def _order(self, *lines, **values):
        """Confirm an order of (product, quantity, values of the line)."""
        order = self.env["sale.order"].create(
            {
                "partner_id": self.farmer.id,
                "user_id": self.salesman.id,
                **values,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": quantity,
                            **(rest or {}),
                        }
                    )
                    for product, quantity, rest in lines
                ],
            }
        )
        order.action_confirm()
        return order

    def _came_back(self, move, quantity=1, inspect="resaleable", **values):
        """Return a quantity of a delivery; it is received, and inspected as fine."""
        values = {"remedy": "refund", "note": "Not needed", **values}
        rma = self._rma((move, quantity, values), description="Not needed")
        rma.action_authorise()
        self._received(rma)
        if inspect and any(rma.line_ids.mapped("quantity_to_inspect")):
            rma.line_ids.inspection = inspect
            rma.action_inspect()
        return rma

    def _refunded(self, rma, post=True):
        """Draft the credit notes of a return, and let accounting post them."""
        rma.action_refund()
        refunds = rma.refund_ids.filtered(lambda move: move.state == "draft")
        if post:
            refunds.action_post()
        return refunds

    def _balance(self, partner=None):
        """Return what a customer owes, in the company's currency."""
        lines = self.env["account.move.line"].search(
            [
                ("partner_id", "=", (partner or self.farmer).id),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("company_id", "=", self.company.id),
            ]
        )
        return self.company.currency_id.round(sum(lines.mapped("balance")))
