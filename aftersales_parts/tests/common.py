from odoo import Command

from odoo.addons.aftersales_service.tests.common import AftersalesCommon


class PartsCommon(AftersalesCommon):
    """The harvester maker of the service floor, with helpers to take goods back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Where goods go back to, and whom to call, is known of every customer.
        for partner in cls.farmer + cls.other_farmer + cls.dealer:
            partner.write(
                {
                    "street": "8 Field Road",
                    "city": "Luoyang",
                    "phone": partner.phone or "+86 138 0013 8001",
                }
            )
        cls.company.write(
            {
                "aftersales_return_contact_required": True,
                "aftersales_return_cause_required": True,
                "aftersales_repair_check": True,
            }
        )
        cls.cause = cls.env["aftersales.cause"].create({"name": "Bought too many"})

    def _sold(self, product=None, quantity=1, lots=None, invoice=True, **kwargs):
        """Sell, deliver and invoice a product; return its order."""
        order = self._sell((product or self.oil, quantity), **kwargs)
        self._deliver(order, lots=lots)
        if invoice:
            self._invoice(order)
        return order

    def _rma(self, *lines, **values):
        """Request a return of (move, quantity, values) lines."""
        return self.env["aftersales.return"].create(
            {
                "line_ids": [
                    Command.create(
                        {
                            "move_id": move.id,
                            "quantity": quantity,
                            "note": "Leaks",
                            "cause_id": self.cause.id,
                            **(rest or {}),
                        }
                    )
                    for move, quantity, rest in lines
                ],
                **values,
            }
        )

    def _received(self, rma):
        """Validate the open transfers of a return, as the warehouse does."""
        pickings = rma.picking_ids.filtered(
            lambda picking: picking.state not in ("done", "cancel")
        )
        for picking in pickings:
            picking.move_ids.picked = True
            picking.with_context(skip_backorder=True).button_validate()
        return pickings
