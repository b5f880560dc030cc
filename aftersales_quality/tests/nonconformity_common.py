from odoo import Command

from .common import QualityCommon


class NonconformityCommon(QualityCommon):
    """A hydraulic pump bought in lots, with helpers to find it failing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pump = cls.env["product.product"].create(
            {
                "name": "Hydraulic Pump",
                "type": "consu",
                "is_storable": True,
                "tracking": "lot",
                "standard_price": 60.0,
                "list_price": 100.0,
            }
        )
        cls.maker = cls.env["res.partner"].create(
            {"name": "Pump Works", "lang": "en_US", "is_company": True}
        )
        cls.weld = cls.env["aftersales.cause"].create({"name": "Bad weld"})
        cls.colleague = cls._create_user("colleague", "aftersales_quality_group_lead")

    def _bought(self, lot="P-1", quantity=5.0):
        """Buy and receive pumps in one lot; return the done receipt."""
        order = self.env["purchase.order"].create(
            {
                "partner_id": self.maker.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.pump.id,
                            "product_qty": quantity,
                            "price_unit": 60.0,
                        }
                    )
                ],
            }
        )
        order.button_confirm()
        receipt = order.picking_ids
        receipt.move_ids.move_line_ids.unlink()
        self.env["stock.move.line"].create(
            {
                "move_id": receipt.move_ids.id,
                "picking_id": receipt.id,
                "product_id": self.pump.id,
                "lot_name": lot,
                "quantity": quantity,
                "picked": True,
                "location_id": receipt.location_id.id,
                "location_dest_id": receipt.location_dest_id.id,
            }
        )
        receipt.button_validate()
        return receipt

    def _fail(self, user=None, **values):
        """Record a nonconformity as the quality lead."""
        rows = self.env["aftersales.nonconformity"].with_user(user or self.quality_lead)
        return rows.create({"cause_id": self.weld.id, **values})

    def _free(self, product=None):
        product = product or self.pump
        product.invalidate_recordset()
        return product.with_context(warehouse_id=self.warehouse.id).free_qty

    def _on_stock(self, product):
        quants = self.env["stock.quant"].search(
            [
                ("product_id", "=", product.id),
                ("location_id", "child_of", self.stock.id),
            ]
        )
        return sum(quants.mapped("quantity"))
