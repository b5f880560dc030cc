from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .portal_common import PNG, SVG, PortalCommon


@tagged("post_install", "-at_install")
class TestPortalTickets(PortalCommon):
    """Customers request service and follow it (R01)."""

    def setUp(self):
        super().setUp()
        self.unit = self._sold_unit("OWN-0001")
        self.foreign = self._sold_unit("FOREIGN-0002", partner=self.other_farmer)

    def _request(self, unit=None, files=None, **values):
        return self._post(
            "/my/tickets/new",
            {
                "unit_id": (unit or self.unit).id,
                "symptom": "Does not start",
                "phone": "+86 138 0013 8000",
                **values,
            },
            files=files,
        )

    def _last(self):
        return self.env["aftersales.ticket"].search([], order="id desc", limit=1)

    # ------------------------------------------------------------
    # REQUESTING
    # ------------------------------------------------------------

    def test_customer_requests_service_for_his_unit(self):
        self._login("farmer")
        form = self._get(f"/my/tickets/new?unit_id={self.unit.id}")
        self.assertIn("OWN-0001", form.text)
        self.assertNotIn("FOREIGN-0002", form.text)
        self.assertEqual(self._value(form, "phone"), self.farmer.phone)
        page = self._request(
            description="Since Monday\n<b>very</b> loud", files=[("noise.png", PNG)]
        )
        ticket = self._last()
        self.assertIn(ticket.name, self._text(page))
        self.assertEqual(
            (ticket.channel, ticket.state, ticket.partner_id, ticket.equipment_id),
            ("portal", "new", self.farmer, self.unit),
        )
        self.assertEqual(ticket.create_uid, self.farmer_user)
        self.assertEqual(ticket.company_id, self.company)
        self.assertIn(self.farmer, ticket.message_partner_ids)
        self.assertEqual(self._attachments(ticket).name, "noise.png")
        self.assertIn("&lt;b&gt;very", ticket.description)
        self.assertNotIn("<b>very</b>", page.text)

    def test_open_ticket_of_the_unit_is_shown_first(self):
        ticket = self._ticket(equipment_id=self.unit.id)
        self._login("farmer")
        page = self._text(self._get(f"/my/tickets/new?unit_id={self.unit.id}"))
        self.assertIn("open already", page)
        self.assertIn(ticket.name, page)

    def test_dealer_requests_for_his_customer(self):
        """Proves: the holder stays the customer, the dealer follows."""
        stocked = self._sold_unit("DEALER-0003", partner=self.dealer)
        stocked.action_register_resale(self.other_farmer.id)
        self._login("dealer")
        page = self._request(stocked, phone="+86 513 1")
        ticket = self._last()
        self.assertIn(ticket.name, self._text(page))
        self.assertEqual(ticket.partner_id, self.other_farmer)
        self.assertEqual(ticket.dealer_id, self.dealer)
        self.assertEqual(ticket.partner_name, "Dealer Zhao")
        self.assertIn(self.dealer, ticket.message_partner_ids)
        self._login("other")
        self.assertIn(ticket.name, self._text(self._get("/my/tickets")))
        self._login("farmer")
        self._assert_home(self._get(f"/my/tickets/{ticket.id}"))

    def test_unit_that_is_not_listed(self):
        self._login("farmer")
        self._post("/my/tickets/new", {"unit_id": "other", "symptom": "Old machine"})
        ticket = self._last()
        self.assertEqual(ticket.symptom, "Old machine")
        self.assertEqual(ticket.partner_id, self.farmer)
        self.assertFalse(ticket.equipment_id)

    def test_foreign_unit_leads_home(self):
        before = self._last()
        self._login("farmer")
        for number in (self.foreign.id, self.foreign.id + 100000, "x", "9" * 30, "-1"):
            self._assert_home(self._get(f"/my/tickets/new?unit_id={number}"))
            answer = self._post(
                "/my/tickets/new", {"unit_id": number, "symptom": "Mine now"}
            )
            self._assert_home(answer)
        self.assertEqual(self._last(), before)
        with self.assertRaises(AccessError):
            self.env["aftersales.ticket"].with_user(self.farmer_user)._portal_request(
                self.foreign.with_user(self.farmer_user), {"symptom": "Mine"}
            )

    def test_form_says_what_is_missing_and_keeps_the_rest(self):
        before = self._last()
        self._login("farmer")
        page = self._request(symptom=" ", description="Long story", unit_id="")
        self.assertIn("Choose the unit", self._text(page))
        self.assertIn("what is wrong", self._text(page))
        self.assertEqual(self._value(page, "description"), "Long story")
        page = self._request(description="Long story", files=[("a.svg", SVG)])
        self.assertIn("a.svg was not taken", self._text(page))
        self.assertEqual(self._value(page, "symptom"), "Does not start")
        self.assertIn("selected", page.text)
        self.assertEqual(self._last(), before)

    def test_closed_unit_gets_no_ticket(self):
        self.unit.with_user(self.supervisor).action_scrap("Burnt")
        self._login("farmer")
        self.assertIn("no longer in use", self._text(self._request()))

    def test_requests_are_limited_per_user(self):
        Attempt = self.env["aftersales.attempt"]
        for _index in range(20):
            Attempt._record("portal_ticket", f"user {self.farmer_user.id}")
        self._login("farmer")
        page = self._request(description="Stays")
        self.assertEqual(page.status_code, 429)
        self.assertEqual(self._value(page, "description"), "Stays")

    def test_technician_on_the_portal_reports_as_staff(self):
        self.unit.partner_id = self.technician.partner_id
        self.authenticate("technician", "technician")
        self._request()
        self.assertEqual(self._last().channel, "staff")

    # ------------------------------------------------------------
    # FOLLOWING
    # ------------------------------------------------------------

    def test_list_filters_and_searches(self):
        running = self._ticket(symptom="Leaks oil")
        done = self._ticket(symptom="Blade broken")
        done.action_solve()
        done.action_close()
        foreign = self._ticket(partner_id=self.other_farmer.id, symptom="Foreign")
        self._login("farmer")
        page = self._text(self._get("/my/tickets"))
        self.assertIn(running.name, page)
        self.assertNotIn(done.name, page)
        self.assertNotIn(foreign.name, page)
        page = self._text(self._get("/my/tickets?filterby=closed"))
        self.assertIn(done.name, page)
        self.assertNotIn(running.name, page)
        page = self._text(
            self._get("/my/tickets?filterby=all&search=Leaks&sortby=unit")
        )
        self.assertIn(running.name, page)
        self.assertNotIn(done.name, page)

    def test_foreign_ticket_and_wrong_token_lead_home(self):
        foreign = self._ticket(partner_id=self.other_farmer.id)
        token = foreign._portal_ensure_token()
        self._login("farmer")
        for number in (foreign.id, foreign.id + 100000):
            self._assert_home(self._get(f"/my/tickets/{number}"))
            self._assert_home(self._get(f"/my/tickets/{number}?access_token=x"))
            self._assert_home(self._post(f"/my/tickets/{number}/close"))
            self._assert_home(
                self._post(f"/my/tickets/{number}/reopen", {"reason": "a"})
            )
        page = self._get(f"/my/tickets/{foreign.id}?access_token={token}")
        self.assertIn(foreign.name, self._text(page))

    def test_customer_closes_a_solved_ticket(self):
        ticket = self._ticket(equipment_id=self.unit.id)
        self._login("farmer")
        page = self._post(f"/my/tickets/{ticket.id}/close")
        self.assertEqual(ticket.state, "new")
        self.assertIn("solved tickets", self._text(page))
        ticket.action_solve()
        self.assertIn("close the ticket", self._get(f"/my/tickets/{ticket.id}").text)
        self._post(f"/my/tickets/{ticket.id}/close")
        self.assertEqual(ticket.state, "closed")
        self.assertTrue(ticket.close_date)
        self.assertEqual(ticket.message_ids[:1].author_id, self.farmer)

    def test_customer_reopens_with_a_reason(self):
        ticket = self._ticket(equipment_id=self.unit.id)
        ticket.action_solve()
        first = ticket.solve_date
        self._login("farmer")
        page = self._post(f"/my/tickets/{ticket.id}/reopen", {"reason": "  "})
        self.assertIn("what is still wrong", self._text(page))
        self.assertEqual(ticket.state, "solved")
        self._post(f"/my/tickets/{ticket.id}/reopen", {"reason": "Still <b>leaks</b>"})
        self.assertEqual(ticket.state, "open")
        self.assertEqual(ticket.reopen_count, 1)
        self.assertEqual(ticket.solve_date, first)
        said = ticket.message_ids.filtered(lambda m: "leaks" in m.body)
        self.assertEqual(said.author_id, self.farmer)
        self.assertIn("&lt;b&gt;leaks", said.body)
        page = self._post(f"/my/tickets/{ticket.id}/reopen", {"reason": "Again"})
        self.assertIn("Only solved and closed", self._text(page))
        self.assertEqual(ticket.reopen_count, 1)

    def test_link_of_a_mail_closes_without_login(self):
        ticket = self._ticket()
        ticket.action_solve()
        token = ticket._portal_ensure_token()
        self.authenticate(None, None)
        self._post(f"/my/tickets/{ticket.id}/close", {"access_token": "x"})
        self.assertEqual(ticket.state, "solved")
        self._post(f"/my/tickets/{ticket.id}/close", {"access_token": token})
        self.assertEqual(ticket.state, "closed")
        said = ticket.message_ids.filtered(lambda m: "confirms" in m.body)
        self.assertEqual(said.author_id, self.farmer)

    def test_merged_and_cancelled_tickets_stay_as_they_are(self):
        ticket = self._ticket()
        ticket.action_cancel("Called off")
        self._login("farmer")
        page = self._post(f"/my/tickets/{ticket.id}/reopen", {"reason": "No"})
        self.assertIn("Only solved and closed", self._text(page))
        self.assertEqual(ticket.state, "cancelled")

    def test_steps_are_no_way_around_over_rpc(self):
        ticket = self._ticket()
        ticket.action_solve()
        mine = ticket.with_user(self.farmer_user)
        for step in ("action_close", "action_reopen"):
            with self.assertRaises(AccessError):
                getattr(mine, step)()
        with self.assertRaises(AccessError):
            mine.write({"symptom": "x"})

    def test_customer_writes_a_message(self):
        ticket = self._ticket()
        self._login("farmer")
        self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "thread_model": "aftersales.ticket",
                "thread_id": ticket.id,
                "post_data": {"body": "When do you come?"},
            },
        )
        message = ticket.message_ids[:1]
        self.assertIn("When do you come?", message.body)
        self.assertEqual(message.author_id, self.farmer)

    def test_internal_notes_stay_inside(self):
        ticket = self._ticket(equipment_id=self.unit.id)
        ticket.message_post(body="Pays late", subtype_xmlid="mail.mt_note")
        messages = self.env["mail.message"].with_user(self.farmer_user)
        found = messages.search(
            [("model", "=", "aftersales.ticket"), ("res_id", "=", ticket.id)]
        )
        self.assertNotIn("Pays late", "".join(found.mapped("body")))

    @mute_logger("odoo.http")
    def test_steps_without_csrf_token_are_refused(self):
        ticket = self._ticket()
        ticket.action_solve()
        self._login("farmer")
        for step in ("close", "reopen"):
            answer = self._post(
                f"/my/tickets/{ticket.id}/{step}", {"reason": "a"}, csrf=False
            )
            self.assertEqual(answer.status_code, 400)
            answer = self._get(f"/my/tickets/{ticket.id}/{step}")
            self.assertNotEqual(answer.status_code, 200)
        self.assertEqual(ticket.state, "solved")

    # ------------------------------------------------------------
    # FOLLOW
    # ------------------------------------------------------------

    def test_customer_follows_and_stops(self):
        ticket = self._ticket(equipment_id=self.unit.id)
        self._login("farmer")
        for step, expected in (("follow", True), ("unfollow", False)):
            self._post(f"/my/tickets/{ticket.id}/{step}")
            follows = self.farmer in ticket.message_partner_ids
            self.assertEqual(follows, expected)

    def test_nobody_follows_a_foreign_ticket(self):
        """Proves: neither a changed number nor a passed-on link opens it for ever."""
        ticket = self._ticket(equipment_id=self.unit.id)
        token = ticket._portal_ensure_token()
        self._login("other")
        for data in ({}, {"access_token": token}):
            for step in ("follow", "unfollow"):
                self._post(f"/my/tickets/{ticket.id}/{step}", data)
        self.assertNotIn(self.other_farmer, ticket.message_partner_ids)
        self._assert_home(self._get(f"/my/tickets/{ticket.id}"))

    def test_answer_on_the_portal(self):
        """Proves: what waits for the customer goes on, and closed ones are read."""
        waiting = self._ticket(equipment_id=self.unit.id, user_id=self.agent.id)
        waiting.action_wait("customer")
        closed = self._ticket(equipment_id=self.unit.id, user_id=self.agent.id)
        closed.action_solve()
        closed.action_close()
        for ticket in waiting | closed:
            ticket.with_user(self.farmer_user).message_post(
                body="Yes", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
        self.assertEqual(waiting.state, "open")
        self.assertEqual(closed.state, "closed")
        self.assertEqual(closed.activity_ids.user_id, self.agent)
        self.assertFalse(waiting.activity_ids)
        solved = self._ticket(equipment_id=self.unit.id, user_id=self.agent.id)
        solved.action_solve()
        solved.with_user(self.farmer_user)._portal_close(self.farmer)
        self.assertFalse(solved.activity_ids)

    def test_request_is_confirmed_by_mail(self):
        unit = self.unit.with_user(self.farmer_user)
        Ticket = self.env["aftersales.ticket"].with_user(self.farmer_user)
        ticket = Ticket._portal_request(unit, {"symptom": "S"}).sudo()
        mail = self.env["mail.mail"].search(
            [("model", "=", ticket._name), ("res_id", "=", ticket.id)]
        )
        self.assertEqual(mail.recipient_ids, self.farmer)
        self.assertEqual(mail.state, "outgoing")
        self.assertIn(ticket.name, mail.subject)
