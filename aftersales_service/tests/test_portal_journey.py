from odoo import Command
from odoo.tests import tagged

from .portal_common import PortalCommon


@tagged("post_install", "-at_install")
class TestPortalJourney(PortalCommon):
    """A customer walks through the portal on his phone."""

    browser_size = "390x844"
    touch_enabled = True

    def test_customer_requests_service_on_his_phone(self):
        unit = self._sold_unit("PHONE-0001")
        solved = self._ticket(symptom="Belt slips", user_id=self.agent.id)
        self.env["sale.order"].create(
            {
                "partner_id": self.farmer.id,
                "aftersales_ticket_id": solved.id,
                "state": "sent",
                "order_line": [
                    Command.create({"product_id": self.oil.id, "product_uom_qty": 1})
                ],
            }
        )
        solved.action_solve()
        self.start_tour("/my/units", "aftersales_portal_customer", login="farmer")
        self.assertEqual((solved.state, solved.reopen_count), ("open", 1))
        ticket = unit.ticket_ids
        self.assertEqual(ticket.symptom, "Header does not lift")
        self.assertEqual(ticket.channel, "portal")
        self.assertEqual(ticket.create_uid, self.farmer_user)
        self.assertIn("header.png", self._attachments(ticket).mapped("name"))
        self.assertIn("It drips", " ".join(ticket.message_ids.mapped("body")))
        self.assertIn(self.farmer, ticket.message_partner_ids)
