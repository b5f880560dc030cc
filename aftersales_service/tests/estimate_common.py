from odoo.tests import new_test_user

from .warranty_common import WarrantyCommon


class EstimateCommon(WarrantyCommon):
    """A ticket with a covered part, a worn part and an hour of labour."""

    def setUp(self):
        super().setUp()
        self.unit = self._proven_unit()
        self.ticket = self._ticket(equipment_id=self.unit.id, user_id=self.agent.id)
        self.misuse = self.env.ref("aftersales_service.aftersales_exclusion_misuse")
        self.covered = self._line(self.ticket, self.frame_part)
        self.paid = self._line(self.ticket, self.belt, quantity=2)
        self.work = self._line(
            self.ticket, self.labour, kind="labour", component_id=self.wear.id
        )
        self.labour.invoice_policy = "delivery"

    def _estimate(self, ticket=None, user=None):
        """Let the desk make an estimate and return the order."""
        ticket = ticket or self.ticket
        ticket.with_user(user or self.agent).action_estimate()
        return ticket.order_id

    def _offer(self, line, order=None):
        """Return the live order line that offers a ticket line to the customer."""
        offers = line.sale_line_ids.filtered(
            lambda offer: offer.state != "cancel"
            and offer.aftersales_payer == "customer"
        )
        return offers.filtered(lambda offer: not order or offer.order_id == order)

    def _shown(self, order):
        """Return the row that the desk sees of an order."""
        return self.env["aftersales.estimate"].with_user(self.agent).browse(order.id)

    def _user(self, login, groups):
        return new_test_user(
            self.env,
            login=login,
            groups=groups,
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
            email=f"{login}@example.com",
        )
