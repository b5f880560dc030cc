from odoo.tests import tagged

from .estimate_common import EstimateCommon
from .portal_common import PortalCommon

# One white pixel.
SIGNATURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABAQAAAAA3bvkkAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJ"
    "RU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class TestEstimatePortal(EstimateCommon, PortalCommon):
    """Proves R27: the customer answers on Odoo's own page, and the ticket follows."""

    def setUp(self):
        super().setUp()
        self.company.write(
            {"portal_confirmation_sign": True, "portal_confirmation_pay": False}
        )
        self.farmer.lang = "en_US"
        self.ticket.action_open()
        self.order = self._estimate()
        self._shown(self.order).action_send()
        self.env.flush_all()

    def _accept(self, order):
        return self.make_jsonrpc_request(
            f"/my/orders/{order.id}/accept",
            {
                "access_token": order._portal_ensure_token(),
                "name": "Wang Jianguo",
                "signature": SIGNATURE,
            },
        )

    def test_page_says_what_costs_nothing_and_why(self):
        self._login("farmer")
        text = self._text(self._get(f"/my/orders/{self.order.id}"))
        self.assertIn("Covered: Main Parts until", text)
        self.assertIn("Wear Parts not covered", text)

    def test_his_ticket_leads_to_the_estimate(self):
        self._login("farmer")
        page = self._get(f"/my/tickets/{self.ticket.id}")
        self.assertIn(f"/my/orders/{self.order.id}", page.text)
        self.assertIn("Please answer", self._text(page))
        # Whoever only follows the ticket does not see what the customer is offered.
        self.authenticate(None, None)
        token = self.ticket._portal_ensure_token()
        page = self._get(f"/my/tickets/{self.ticket.id}?access_token={token}")
        self.assertIn(self.ticket.name, page.text)
        self.assertNotIn(self.order.name, page.text)

    def test_signature_confirms_and_the_ticket_goes_on(self):
        self.assertEqual(self.ticket.state, "waiting")
        result = self._accept(self.order)
        self.assertIn("redirect_url", result)
        self.assertEqual(self.order.state, "sale")
        self.assertEqual(self.order.signed_by, "Wang Jianguo")
        self.assertEqual(self.ticket.state, "open")
        self.assertIn("Wang Jianguo", "".join(self.ticket.message_ids.mapped("body")))
        self.assertEqual(self.paid.estimate_state, "agreed")

    def test_rejection_brings_his_words_to_the_agent(self):
        token = self.order._portal_ensure_token()
        self.authenticate(None, None)
        self._post(
            f"/my/orders/{self.order.id}/decline",
            {"access_token": token, "decline_message": "My neighbour is cheaper"},
        )
        self.assertEqual(self.order.state, "cancel")
        self.assertEqual(self.ticket.state, "open")
        activity = self.ticket.activity_ids
        self.assertEqual(activity.user_id, self.agent)
        self.assertIn("neighbour is cheaper", activity.note)

    def test_a_price_not_approved_is_not_accepted(self):
        """R26: nobody but the general manager gives more than 10 %."""
        self._offer(self.paid).discount = 50
        self.assertIn("still being checked", self._accept(self.order)["error"])
        self.assertEqual(self.order.state, "sent")
        self.assertFalse(self.order.signature)
        self._login("farmer")
        text = self._text(self._get(f"/my/orders/{self.order.id}"))
        self.assertIn("still being checked", text)
        self.assertNotIn("Accept & Sign", text)
        # Declining stays possible.
        self.assertIn("Reject", text)
        self.company.portal_confirmation_pay = True
        self.assertFalse(self.order._has_to_be_paid())
        self._shown(self.order).with_user(self.manager).action_approve()
        self.assertIn("redirect_url", self._accept(self.order))

    def test_foreign_customer(self):
        self._login("other")
        self.assertNotIn(self.order.name, self._get(f"/my/orders/{self.order.id}").text)
