from odoo.tests import HttpCase, tagged

from .common import AftersalesCommon


@tagged("post_install", "-at_install")
class TestJourney(AftersalesCommon, HttpCase):
    """Proves R01, R13: from the sold machine to the closed ticket, in the browser.

    Each step is walked by the person whose work it is, never by an administrator.
    """

    def test_from_sale_to_closed_ticket(self):
        Equipment, Ticket = (
            self.env["aftersales.equipment"],
            self.env["aftersales.ticket"],
        )
        lot = self._lots("JOURNEY-1")
        order = self._sell((self.harvester, 1))
        picking = order.picking_ids
        picking.action_assign()

        self._walk(
            "stock.action_picking_tree_all", picking, "keeper_delivers", "keeper"
        )
        unit = Equipment.search([("lot_id", "=", lot.id)])
        self.assertEqual(picking.state, "done")
        self.assertEqual(unit.sale_line_id, order.order_line)
        self.assertEqual(unit.move_id, picking.move_ids)
        self.assertEqual(unit.partner_id, self.farmer)

        self._walk("sale.action_orders", order, "salesman_requests", "salesman")
        ticket = Ticket.search([("equipment_id", "=", unit.id)])
        self.assertEqual(ticket.symptom, "Feeder chain blocked")
        self.assertEqual(ticket.create_uid, self.salesman)
        self.assertEqual(ticket.sale_order_id, order)

        self.start_tour(
            "/odoo/aftersales-tickets", "aftersales_agent_registers", login="agent"
        )
        second = Ticket.search([("equipment_id", "=", unit.id)]) - ticket
        self.assertEqual(second.symptom, "Called again about the chain")
        self.assertEqual(second.partner_id, self.farmer)
        second.with_user(self.agent).action_merge(ticket.id)

        self._walk(
            "aftersales_service.aftersales_ticket_action",
            ticket,
            "agent_solves",
            "agent",
        )
        self.assertEqual(ticket.state, "closed")
        self.assertEqual(ticket.user_id, self.agent)
        self.assertEqual(ticket.resolution, "Chain cleaned and tensioned")
        self.assertEqual(second.duplicate_of_id, ticket)

    def _walk(self, action, record, tour, login):
        self.start_tour(
            f"/odoo/action-{action}/{record.id}", f"aftersales_{tour}", login=login
        )
