from odoo.tests import tagged

from .portal_common import PortalCommon


@tagged("post_install", "-at_install")
class TestPortalJourney(PortalCommon):
    """A customer walks through the portal on his phone."""

    browser_size = "390x844"
    touch_enabled = True

    def test_customer_requests_service_on_his_phone(self):
        unit = self._sold_unit("PHONE-0001")
        self.start_tour("/my/units", "aftersales_portal_customer", login="farmer")
        ticket = unit.ticket_ids
        self.assertEqual(ticket.symptom, "Header does not lift")
        self.assertEqual(ticket.channel, "portal")
        self.assertEqual(ticket.create_uid, self.farmer_user)
