from odoo.addons.aftersales_service.tests.clock_common import local
from odoo.addons.aftersales_service.tests.dispatch_common import DispatchCommon

from .common import PartsCommon

# A Tuesday, nine in the morning in Shanghai.
TODAY = local("2026-06-02 09:00")
TODAY_NAIVE = TODAY.replace(tzinfo=None)


class JobCommon(DispatchCommon, PartsCommon):
    """Two technicians with a van each, and a ticket for which parts are planned."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.van = cls.chen._aftersales_create_van()
        cls.other_van = cls.zhou._aftersales_create_van()
        cls.belt = cls.env["product.product"].create(
            {
                "name": "Belt",
                "type": "consu",
                "is_storable": True,
                "standard_price": 40.0,
                "list_price": 90.0,
                "invoice_policy": "delivery",
                "aftersales_kind": "spare",
                "aftersales_voucher": "none",
            }
        )

    def _part(self, ticket, product=None, quantity=1.0, **values):
        """Plan a part on a ticket, as the desk does."""
        return (
            self.env["aftersales.ticket.line"]
            .with_user(self.agent)
            .create(
                {
                    "ticket_id": ticket.id,
                    "kind": "part",
                    "product_id": (product or self.belt).id,
                    "quantity": quantity,
                    **values,
                }
            )
        )

    def _visit_with(self, quantity=1.0, product=None, technician=None, **values):
        """Return an assigned visit and the part planned on it."""
        ticket = self._visit_ticket()
        line = self._part(ticket, product, quantity, **values)
        visit = self._assigned(technician=technician, ticket=ticket)
        return visit, line

    def _here(self, place, product=None):
        """Return what lies in a place, and what of it is reserved."""
        quants = self.env["stock.quant"].search(
            [
                ("location_id", "child_of", place.id),
                ("product_id", "=", (product or self.belt).id),
            ]
        )
        return sum(quants.mapped("quantity")), sum(quants.mapped("reserved_quantity"))
