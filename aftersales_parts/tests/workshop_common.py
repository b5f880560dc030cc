from unittest.mock import patch

from odoo.addons.base.models.ir_cron import IrCron

from .common import PartsCommon

# One transparent point.
SIGNATURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
    "rkJggg=="
)


class WorkshopCommon(PartsCommon):
    """A sold harvester, and helpers to take it through the workshop."""

    signature = SIGNATURE

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pump = cls.env["product.product"].create(
            {
                "name": "Pump",
                "type": "consu",
                "is_storable": True,
                "invoice_policy": "delivery",
                "list_price": 100.0,
                "standard_price": 60.0,
            }
        )
        cls.customer_goods = cls.warehouse.aftersales_customer_goods_id

    def setUp(self):
        super().setUp()
        self._stock(self.pump, 10)
        self.lot = self._lots("S-1")
        self.order = self._sell((self.harvester, 1))
        self._deliver(self.order, lots=self.lot)
        self.move = self.order.picking_ids.move_ids
        self.unit = self._units(self.order)

    def _machine_here(self, remedy="repair", **values):
        """Return the return of the harvester, received."""
        rma = self._rma(
            (
                self.move,
                1,
                {
                    "remedy": remedy,
                    "lot_id": self.lot.id,
                    "note": "Does not start",
                    "accessories": "Key",
                    "condition": "Cover missing",
                    **values,
                },
            )
        )
        rma.action_authorise()
        self._received(rma)
        return rma

    def _part(self, repair, product, quantity=1.0):
        """Plan a part in a repair, as the workshop does; return its move."""
        return self.env["stock.move"].create(
            {
                "repair_id": repair.id,
                "repair_line_type": "add",
                "product_id": product.id,
                "product_uom_qty": quantity,
                "company_id": repair.company_id.id,
            }
        )

    def _check(self, repair):
        """Release a finished repair, as somebody else than the repairer."""
        repair.with_user(self.supervisor).action_aftersales_pass("Runs")

    def _through(self, repair):
        """Repair, finish and release."""
        repair.action_aftersales_start()
        repair.aftersales_hours = 1.0
        repair.action_aftersales_finish()
        self._check(repair)

    def _hand_over_unpaid(self, rma):
        rma.with_user(self.supervisor).action_release("Old customer")
        rma.action_hand_over(signed_by="Wang", signature=self.signature)

    def _run_deadlines(self):
        """Run the hourly job as the server would, without its commits."""

        def no_commit(_self, processed=0, *, remaining=None, deactivate=False):
            return float("inf")

        with patch.object(IrCron, "_commit_progress", no_commit):
            self.env["aftersales.return"]._cron_deadlines()

    def _quants(self, lot=None):
        """Return (place, owner, quantity) of what is in our places of a serial."""
        quants = self.env["stock.quant"].search(
            [
                ("lot_id", "=", (lot or self.lot).id),
                ("location_id.usage", "=", "internal"),
                ("quantity", "!=", 0),
            ]
        )
        return [(quant.location_id, quant.owner_id, quant.quantity) for quant in quants]
