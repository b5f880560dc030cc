from odoo.tests import HttpCase, tagged

from .warranty_common import WarrantyCommon


@tagged("post_install", "-at_install")
class TestWarrantyJourney(WarrantyCommon, HttpCase):
    """Proves in the browser: the agent notes a part and reads who pays (R14, R27)."""

    def test_agent_reads_who_pays(self):
        self.env["res.lang"]._activate_lang("en_US")
        unit = self._proven_unit("JOURNEY-2")
        ticket = self._ticket(equipment_id=unit.id)
        action = "aftersales_service.aftersales_ticket_action"
        self.start_tour(
            f"/odoo/action-{action}/{ticket.id}",
            "aftersales_agent_reads_who_pays",
            login="agent",
        )
        self.assertEqual(ticket.line_ids.coverage_code, "component")
        self.assertEqual(ticket.order_id.aftersales_ticket_id, ticket)
        self.assertEqual(ticket.order_id.amount_untaxed, 200)
